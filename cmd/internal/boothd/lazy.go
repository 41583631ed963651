package boothd

import (
	"context"
	"log/slog"
	"time"
)

// lazy is a device on a pin that may not be there yet, or goes away: it is opened
// again and again while the booth serves. Trouble is logged once until it ends.
type lazy[T any] struct {
	name  string // "door", for the log
	open  func() (T, error)
	again time.Duration // how long it is left alone when it could not be opened
	log   *slog.Logger

	first T // what Open opened
	ok    bool
}

// openLazy opens the device or leaves it for run. The error comes only for a DSN
// that no trying again can mend.
func openLazy[T any](name string, again time.Duration, log *slog.Logger, open func() (T, error)) (lazy[T], error) {
	l := lazy[T]{name: name, open: open, again: again, log: log.With(slog.String("device", name))}
	first, err := open()
	if mistyped(err) {
		return l, err
	}
	if err != nil {
		l.log.Warn("device not opened", slog.Any("err", err))
	} else {
		l.first, l.ok = first, true
	}
	return l, nil
}

// run calls use with the device each time that it was opened, until ctx ends; use
// returns when the device went away. there is told whether the device is there, at
// the start and at each change.
func (l *lazy[T]) run(ctx context.Context, there func(bool), use func(context.Context, T) error) error {
	device, ok := l.first, l.ok
	there(ok)
	for {
		if ok {
			err := use(ctx, device)
			if ctx.Err() != nil {
				return nil
			}
			l.log.WarnContext(ctx, "device lost", slog.Any("err", err))
			there(false)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(l.again):
		}
		var err error
		device, err = l.open()
		if ok = err == nil; ok {
			l.log.InfoContext(ctx, "device opened")
			there(true)
		}
	}
}
