package printer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// How a job goes out: piece by piece, each a whole number of commands, so that the
// printer can be asked in between and is never cut off inside a picture. Where the
// printer can stop the flow, the flow sets the pace; where it cannot, time does.
const (
	writeSlice = 250 * time.Millisecond // after which a write that waits looks up
	watchEvery = 250 * time.Millisecond // between two questions on the way
	lateAnswer = 2 * time.Second        // how long an answer is waited for before the next question
	jobTime    = 2 * time.Minute        // for a whole job, beside four times what it should take
)

var (
	errStalled = errors.New("the printer accepts nothing more")
	errTooLong = errors.New("the printer is far too slow")
)

// job is one receipt on its way.
type job struct {
	w       *wire
	pieces  []escpos.Piece
	size    int // bytes
	longest int // bytes of a piece
	row     time.Duration
	sent    int
	asked   time.Time     // when the last question on the way was posed
	ailing  time.Time     // since when the printer has an error that may pass; zero: none
	total   time.Duration // that the whole job should take
}

// trouble is a state that ends a job.
type trouble struct{ state kiosk.PrinterState }

func (t *trouble) Error() string { return "the printer says " + string(t.state) }

func newJob(w *wire, b []byte) *job {
	j := &job{w: w, pieces: escpos.Pieces(b, w.profile), size: len(b),
		row: max(time.Second/time.Duration(dotsPerMM*w.line.speed), w.profile.Heat.RowTime(w.profile.Dots))}
	for _, p := range j.pieces {
		j.longest = max(j.longest, len(p.Bytes))
		j.total += j.cost(p)
	}
	return j
}

// budget is the most that the job may take.
func (j *job) budget() time.Duration { return jobTime + 4*j.total }

// cost is how long a piece keeps line and printer busy.
func (j *job) cost(p escpos.Piece) time.Duration {
	return max(time.Duration(p.Rows)*j.row, j.w.onWire(len(p.Bytes)))
}

// onWire returns how long n bytes take on a serial line, ten bits each; 0 where the
// line is none.
func (w *wire) onWire(n int) time.Duration {
	if w.cable.baud == 0 {
		return 0
	}
	return time.Duration(n*10) * time.Second / time.Duration(w.cable.baud)
}

// run prints the job. Its errors are those of kiosk.Printer.
func (j *job) run(ctx context.Context) error {
	w := j.w
	if s := w.look(); !s.Prints() {
		if err := w.err(); err != nil {
			return err
		}
		return refused(s)
	}
	w.free = time.Now()
	if w.mend >= 0 {
		p, err := w.mending()
		if err != nil {
			return err
		}
		j.pieces, j.size = slices.Insert(j.pieces, 0, p), j.size+len(p.Bytes)
	}
	for _, p := range j.pieces {
		err := j.put(ctx, p)
		if err == nil {
			err = j.watch(ctx)
		}
		if err != nil {
			return j.broke(ctx, err)
		}
	}
	if err := j.finish(ctx); err != nil {
		return j.broke(ctx, err)
	}
	w.mend = -1
	w.counted(1, 0)
	return nil
}

// mending is what comes before a job that follows one which broke off: NULs, which
// fill up a picture that the printer still waits for and mean nothing else, and an
// empty receipt, which sets all back and cuts the torn paper off.
func (w *wire) mending() (escpos.Piece, error) {
	p := w.profile
	p.Beep = false
	b, err := escpos.Encode(kiosk.Receipt{}, p)
	return escpos.Piece{Bytes: append(make([]byte, w.mend), b...)}, err
}

// put sends one piece.
func (j *job) put(ctx context.Context, p escpos.Piece) error {
	w := j.w
	if !w.cable.held {
		if err := sleep(ctx, time.Until(w.free)); err != nil {
			return err
		}
	}
	if err := j.write(ctx, p.Bytes); err != nil {
		return err
	}
	if w.cable.baud > 0 {
		if err := j.drain(ctx, len(p.Bytes)); err != nil {
			return err
		}
	}
	if now := time.Now(); w.free.Before(now) {
		w.free = now
	}
	w.free = w.free.Add(j.cost(p))
	return nil
}

// write writes b. A write that waits is looked after, so that the printer's own word
// or a call from above ends it, and too long a silence does.
func (j *job) write(ctx context.Context, b []byte) error {
	w := j.w
	moved := time.Now()
	for len(b) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := w.link.SetWriteDeadline(time.Now().Add(writeSlice)); err != nil {
			return err
		}
		n, err := w.link.Write(b)
		w.counted(0, n)
		j.sent += n
		b = b[n:]
		if n > 0 {
			moved = time.Now()
		}
		switch {
		case err == nil:
		case !late(err):
			return err
		case time.Since(moved) >= w.line.stall:
			return errStalled
		default:
			if err := j.listen(); err != nil {
				return err
			}
		}
	}
	return nil
}

// drain waits until the n bytes last written have left the machine, and looks up
// from time to time as write does.
func (j *job) drain(ctx context.Context, n int) error {
	d, ok := j.w.link.(drainer)
	if !ok {
		return nil
	}
	for end := time.Now().Add(j.w.line.stall + 2*j.w.onWire(n)); ; {
		limit, stop := context.WithTimeout(ctx, max(writeSlice, 2*j.w.onWire(n)))
		err := d.Drain(limit)
		over := limit.Err() != nil
		stop()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !over:
			return err
		case time.Now().After(end):
			return errStalled
		}
		if err := j.listen(); err != nil {
			return err
		}
	}
}

// listen takes what the printer says by itself.
func (j *job) listen() error {
	w := j.w
	w.told = escpos.Status{}
	if err := w.hear(quietTime, nil); err != nil {
		return err
	}
	s := w.told.PrinterState()
	if !w.told.Heard {
		if l, ok := w.link.(sensor); ok {
			s, _ = l.sense()
		}
	}
	return j.judge(s)
}

// watch asks the printer from time to time how it is. Silence says nothing here: some
// printers answer late while they print.
func (j *job) watch(ctx context.Context) error {
	w := j.w
	if time.Since(j.asked) < watchEvery {
		return nil
	}
	if err := j.listen(); err != nil {
		return err
	}
	if !w.knows || w.demux.Waiting(escpos.AskPrinter) && time.Since(j.asked) < lateAnswer {
		return nil
	}
	for {
		j.asked = time.Now()
		w.told = escpos.Status{}
		heard, err := w.ask(escpos.AskPrinter)
		if err == nil && heard && w.told.Offline {
			_, err = w.questions() // why?
		}
		if err != nil || !w.told.Heard {
			return err
		}
		s := w.told.PrinterState()
		w.note(s)
		if err := j.judge(s); err != nil || s.Prints() {
			return err
		}
		if err := sleep(ctx, watchEvery); err != nil { // the error may pass: a hot head, somebody at the feed button
			return err
		}
	}
}

// judge says whether a state ends the job. Paper and cover do; an error may pass
// while the printer has it in hand, and ends the job when it stays.
func (j *job) judge(s kiosk.PrinterState) error {
	switch {
	case s.Prints():
		j.ailing = time.Time{}
		return nil
	case s != kiosk.PrinterError:
	case j.ailing.IsZero():
		j.ailing = time.Now()
		return nil
	case time.Since(j.ailing) < j.w.line.stall:
		return nil
	}
	return &trouble{s}
}

// broke ends a job that cannot go on: the link is dropped with all that is queued,
// and the next job begins with what mends this one.
func (j *job) broke(ctx context.Context, cause error) error {
	w := j.w
	_ = w.drop() // cause says more
	if j.sent == 0 {
		w.note(kiosk.PrinterOffline)
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.printer", "print: nothing was taken: %w", cause)
	}
	w.mend = max(w.mend, j.longest)
	cause = fmt.Errorf("after %d of %d bytes: %w", j.sent, j.size, cause)
	if ctx.Err() != nil && !errors.Is(cause, errTooLong) { // called off from above
		return kiosk.Errorf(kiosk.CodeInternal, "error.printer", "print: %w", cause)
	}
	if t, ok := errors.AsType[*trouble](cause); ok && t.state != kiosk.PrinterOffline {
		w.note(t.state)
		return stopped(t.state, "%w", cause)
	}
	s := w.look() // it may say now what it could not say then
	if s.Prints() {
		s = kiosk.PrinterOffline
	}
	return stopped(s, "%w", cause)
}

// stopped is the error of a job that broke off after bytes had gone out.
func stopped(s kiosk.PrinterState, format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeInternal, "error.printer", "%w",
		&kiosk.PrintStopped{State: s, Err: fmt.Errorf(format, args...)})
}

func (w *wire) counted(jobs, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Jobs += uint64(jobs)
	w.stats.Bytes += uint64(bytes)
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
