package agent

import (
	"context"
	"sync"
)

// lastState remembers how the requests of each sort ended last, so that only
// changes are logged: a line that is down for a week makes one line of log.
type lastState struct {
	mu    sync.Mutex
	state map[string]string
}

// changed logs the end of a request if the one before it ended otherwise.
func (a *Agent) changed(ctx context.Context, what, state string, err error) {
	if ctx.Err() != nil {
		return
	}
	a.last.mu.Lock()
	before := a.last.state[what]
	a.last.state[what] = state
	a.last.mu.Unlock()
	if before == state {
		return
	}
	if err != nil {
		a.opts.Log.WarnContext(ctx, "line to the hub changed", "request", what, "state", state, "error", err)
		return
	}
	a.opts.Log.InfoContext(ctx, "line to the hub changed", "request", what, "state", state)
}
