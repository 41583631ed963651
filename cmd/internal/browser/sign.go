package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"redstation/cmd/internal/daemon"
)

// sign is the last sign of life: of the page, or of something outside that must
// come first.
type sign struct {
	mu   sync.Mutex
	last time.Time
}

func (s *sign) note(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = latest(s.last, at)
}

func (s *sign) at() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// health is what the watchdog asks: has there been a sign of life?
func (k *Keeper) health(context.Context) error {
	if silent := time.Since(k.sign.at()); silent > k.c.Frozen {
		return fmt.Errorf("no page has lived for %s", silent.Round(time.Second))
	}
	return nil
}

// observe asks the booth how old the page's last heartbeat is. A heartbeat from
// before the browser's start was another one's. While the booth does not answer
// nothing is known about the page, which shows a notice then and must not be taken
// away from it: that the booth comes back is its own watchdog's affair.
func (k *Keeper) observe(ctx context.Context, started time.Time) {
	body, err := daemon.Probe(ctx, k.c.URL+"/healthz")
	now := time.Now()
	if err != nil {
		k.sign.note(now)
		return
	}
	var h struct {
		Seconds float64 `json:"screen_seconds"`
	}
	if err := json.Unmarshal(body, &h); err != nil || h.Seconds < 0 || h.Seconds > k.c.Frozen.Seconds() {
		return // it never was, or is too old to matter; and no booth of ours answers otherwise
	}
	if at := now.Add(-time.Duration(h.Seconds * float64(time.Second))); at.After(started) {
		k.sign.note(at)
	}
}
