package printer

import (
	"context"
	"errors"
	"sync"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// A printer that is a device. One goroutine at a time owns the link to it: a look at
// the printer's state, or a job. A state that is asked for while a job runs is the
// one last known; the job asks on its way. Whoever waits for a look or a job does not
// wait longer than he may even where a system call hangs: the goroutine that hangs
// keeps the link, and there is never more than one.
const (
	lookTime    = 900 * time.Millisecond // that a caller of State waits at most
	hangTime    = 5 * time.Second        // after which a look hangs, and the printer is offline
	turnTime    = 5 * time.Second        // that a job waits for the link
	endTime     = time.Second            // that a job which was called off has to end
	reopenAfter = time.Second            // between two tries to open
)

// wire is the device behind uart:, usblp: and tcp:.
type wire struct {
	cable   cable
	profile escpos.Profile
	line    line

	owner chan struct{} // holds a token while somebody owns what follows
	link  link          // nil while it is not open
	tried time.Time     // when opening it failed
	demux escpos.Demux
	told  escpos.Status // by the printer, in the round of questions under way
	knows bool          // it has answered since the program began
	habit fenceHabit
	mend  int       // bytes that a job which broke off may still want; -1: none did
	free  time.Time // when the printer will have done what it was sent

	mu    sync.Mutex
	last  kiosk.PrinterState
	since time.Time // when the look under way began; zero: none
	fault error     // why it is not open
	model string    // as its link calls itself
	stats Stats
}

// openWire opens the printer. The error has CodeUnavailable and one line that says
// what to do.
func openWire(n name) (*wire, error) {
	w := &wire{cable: newCable(n), profile: n.profile, line: n.line, owner: make(chan struct{}, 1),
		last: kiosk.PrinterUnknown, mend: -1, model: n.kind + ":" + n.rest}
	if err := w.connect(); err != nil {
		return nil, err
	}
	return w, nil
}

// note keeps what others may know while the link is owned.
func (w *wire) note(s kiosk.PrinterState) kiosk.PrinterState {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = s
	w.stats.Garbage = w.demux.Noise + w.demux.Stray
	return s
}

func (w *wire) known() kiosk.PrinterState {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.since.IsZero() && time.Since(w.since) > hangTime {
		return kiosk.PrinterOffline
	}
	return w.last
}

func (w *wire) looking(since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = since
}

// state implements device.
func (w *wire) state(ctx context.Context) kiosk.PrinterState {
	select {
	case w.owner <- struct{}{}:
	default:
		return w.known()
	}
	w.looking(time.Now())
	done := make(chan struct{})
	go func() {
		w.look()
		w.looking(time.Time{})
		<-w.owner
		close(done)
	}()
	limit := time.NewTimer(lookTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
	case <-ctx.Done():
	}
	return w.known()
}

// send implements device.
func (w *wire) send(ctx context.Context, job []byte) error {
	limit := time.NewTimer(turnTime)
	defer limit.Stop()
	select {
	case w.owner <- struct{}{}:
	case <-ctx.Done():
		return refused(w.known())
	case <-limit.C:
		return refused(kiosk.PrinterOffline)
	}
	j := newJob(w, job)
	ctx, stop := context.WithTimeoutCause(ctx, j.budget(), errTooLong)
	defer stop()
	done := make(chan error, 1)
	go func() {
		err := j.run(ctx)
		<-w.owner
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	limit.Reset(endTime)
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return stopped(w.note(kiosk.PrinterOffline), "it hangs: %w", context.Cause(ctx))
	}
}

// close implements device. What hangs is left to the end of the program.
func (w *wire) close() error {
	limit := time.NewTimer(turnTime)
	defer limit.Stop()
	select {
	case w.owner <- struct{}{}:
	case <-limit.C:
		return nil
	}
	defer func() { <-w.owner }()
	w.tried = time.Now().Add(1 << 40) // not to be opened again
	return w.drop()
}

// err returns why the printer cannot be opened, nil where it is open.
func (w *wire) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}

func (w *wire) describe() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.model
}

func (w *wire) count() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// connect opens the link where it is not open. After a failure it leaves the printer
// alone for a while.
func (w *wire) connect() error {
	if w.link != nil {
		return nil
	}
	if time.Since(w.tried) < reopenAfter {
		if err := w.err(); err != nil {
			return err
		}
	}
	return w.dial(w.cable.open)
}

// dial opens the link in one of the cable's ways.
func (w *wire) dial(open func(context.Context) (link, error)) error {
	ctx, stop := context.WithTimeout(context.Background(), dialTime)
	defer stop()
	l, err := open(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = err
	if err != nil {
		w.tried = time.Now()
		return err
	}
	w.link, w.model = l, l.String()
	w.demux.Reset()
	return nil
}

// drop closes the link and throws away what is queued.
func (w *wire) drop() error {
	l := w.link
	w.link = nil
	if l == nil {
		return nil
	}
	if a, ok := l.(aborter); ok {
		return a.Abort()
	}
	return l.Close()
}

// lose drops a link that failed.
func (w *wire) lose(err error) error { return errors.Join(err, w.drop()) }
