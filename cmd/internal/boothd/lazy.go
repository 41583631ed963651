package boothd

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
)

// lazy is a device on a pin that may not be there yet, or goes away: it is opened
// again and again while the booth serves. Trouble is logged once until it ends.
type lazy[T any] struct {
	name  string // "door", for the log
	dsn   string
	open  func() (T, error)
	again time.Duration // how long it is left alone when it could not be opened
	log   *slog.Logger

	first T // what Open opened
	ok    bool

	trouble *trouble
}

// trouble is why a device is not there.
type trouble struct {
	mu    sync.Mutex
	cause error // nil: it is there
}

func (t *trouble) set(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cause = cause
}

// inspect returns the device as staff see it.
func (l *lazy[T]) inspect(kind kiosk.DeviceKind) kiosk.Device {
	if isNone(l.dsn) {
		return kiosk.DeviceWithout(kind)
	}
	l.trouble.mu.Lock()
	defer l.trouble.mu.Unlock()
	if l.trouble.cause != nil {
		return kiosk.Device{Kind: kind, State: kiosk.DeviceOffline, Detail: string(kiosk.DeviceOffline), Name: l.dsn, Cause: l.trouble.cause.Error()}
	}
	return kiosk.Device{Kind: kind, State: kiosk.DeviceOK, Detail: "ready", Name: l.dsn}
}

// isNone reports whether a DSN says that there is no device.
func isNone(dsn string) bool { return strings.HasPrefix(dsn, "none:") }

// openLazy opens the device or leaves it for run. The error comes only for a DSN
// that no trying again can mend.
func openLazy[T any](name, dsn string, again time.Duration, log *slog.Logger, open func() (T, error)) (lazy[T], error) {
	l := lazy[T]{name: name, dsn: dsn, trouble: new(trouble), open: open, again: again, log: log.With(slog.String("device", name))}
	first, err := open()
	if mistyped(err) {
		return l, err
	}
	if err != nil {
		l.trouble.set(err)
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
			l.trouble.set(err)
			there(false)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(l.again):
		}
		var err error
		device, err = l.open()
		l.trouble.set(err)
		if ok = err == nil; ok {
			l.log.InfoContext(ctx, "device opened")
			there(true)
		}
	}
}
