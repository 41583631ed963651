package boothd

import (
	"context"
	"log/slog"
	"time"
)

// reporter is a device that tells events of one kind, such as a door. Run ends with
// an error when the device went away, and may be called once.
type reporter[E any] interface {
	Run(ctx context.Context, say func(E)) error
}

// watched is a reporter that may not be there yet, or not any more: it is opened
// anew until it is there.
type watched[D reporter[E], E any] struct {
	name  string // for the log
	open  func() (D, error)
	again time.Duration // how long it is left alone when it could not be opened
	log   *slog.Logger

	first  D // where opened: what watch opened, for run
	opened bool
}

// watch opens a device or leaves it for run. The error comes only for a DSN that no
// trying again can mend.
func watch[D reporter[E], E any](name string, again time.Duration, log *slog.Logger, open func() (D, error)) (*watched[D, E], error) {
	first, err := open()
	if mistyped(err) {
		return nil, err
	}
	if err != nil {
		log.Warn("device not opened", slog.String("device", name), slog.Any("err", err))
	}
	return &watched[D, E]{name: name, open: open, again: again, log: log, first: first, opened: err == nil}, nil
}

// run tells the device's events until ctx ends. A device that is not there, or goes
// away, is tried again; trouble is logged once until it ends.
func (w *watched[D, E]) run(ctx context.Context, say func(E)) error {
	quiet := !w.opened // watch has said it
	for current, there := w.first, w.opened; ; there = false {
		var err error
		if !there {
			current, err = w.open()
			if err == nil {
				w.log.InfoContext(ctx, "device opened", slog.String("device", w.name))
			}
		}
		if err == nil {
			quiet = false
			err = current.Run(ctx, say)
		}
		if ctx.Err() != nil {
			return nil
		}
		if !quiet {
			w.log.WarnContext(ctx, "device lost", slog.String("device", w.name), slog.Any("err", err))
			quiet = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(w.again):
		}
	}
}
