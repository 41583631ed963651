package printer

import (
	"context"
	"errors"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// When is a job done? A printer that answers is asked a question which it answers
// only when it comes to it in its buffer (GS r; ESC v in the CSN-A2 family): then all
// before it has been printed. A printer that answers, but not this question, is done
// when its time is over and it is still well. One that never answers is taken to be
// done when all has left the machine and its time is over.

// fenceHabit is what a printer did about fences so far.
type fenceHabit struct {
	works bool // it has answered one
	never bool // it let one pass while it answered other questions
}

var errForgot = errors.New("the printer answers, but not to the end of the job: was it switched off and on?")

// finish waits until the job is on paper as far as the printer can tell.
func (j *job) finish(ctx context.Context) error {
	w := j.w
	if err := j.drain(ctx, j.longest); err != nil {
		return err
	}
	if w.knows && !w.habit.never {
		return j.fence(ctx)
	}
	if err := sleep(ctx, time.Until(w.free)); err != nil {
		return err
	}
	s := w.look()
	if !s.Prints() {
		return &trouble{s}
	}
	return nil
}

// fence poses the question and waits for its answer. On the way it asks how the
// printer is.
func (j *job) fence(ctx context.Context) error {
	w := j.w
	if err := w.clear(); err != nil {
		return err
	}
	q := escpos.AskFence
	if w.family() {
		q = escpos.AskSensor
	}
	noise := w.demux.Noise
	if err := w.pose(q); err != nil {
		return err
	}
	alive := false
	for end := time.Until(w.free) + w.line.stall; ; {
		began := time.Now()
		w.told = escpos.Status{}
		if err := w.hear(watchEvery, func() bool { return !w.demux.Waiting(q) }); err != nil {
			return err
		}
		switch {
		case !w.demux.Waiting(q) && w.demux.Noise == noise:
			w.habit.works = true
			w.note(w.told.PrinterState())
			return nil
		case !w.demux.Waiting(q): // an answer among noise is none; the question does no harm again
			noise = w.demux.Noise
			if err := w.pose(q); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var err error
		if alive, err = j.alive(); err != nil {
			return err
		}
		if end -= time.Since(began); end < 0 {
			return j.unanswered(alive)
		}
	}
}

// alive asks the printer how it is, while a fence is open.
func (j *job) alive() (bool, error) {
	w := j.w
	w.told = escpos.Status{}
	s, err := w.questions()
	if err != nil || !w.told.Heard {
		return false, err
	}
	w.note(s)
	return true, j.judge(s)
}

// unanswered says what it means that the time for the fence is over.
func (j *job) unanswered(alive bool) error {
	switch {
	case !alive:
		return &trouble{kiosk.PrinterOffline}
	case !j.ailing.IsZero():
		return &trouble{kiosk.PrinterError}
	case j.w.habit.works:
		return errForgot
	}
	j.w.habit.never = true
	return nil
}
