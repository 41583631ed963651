package boothd

import (
	"context"
	"log/slog"
	"sync/atomic"

	"redstation/hardware/beacon"
	"redstation/kiosk"
)

// lazyBeacon is a light or a buzzer that may not be there yet.
type lazyBeacon struct {
	lazy[*beacon.Beacon]
	current atomic.Pointer[beacon.Beacon] // nil while it is not there
}

var _ kiosk.Beacon = (*lazyBeacon)(nil)

func openBeacon(name, dsn string, log *slog.Logger) (*lazyBeacon, error) {
	l, err := openLazy(name, dsn, reopenAfter, log, func() (*beacon.Beacon, error) { return beacon.Open(name, dsn, log) })
	b := &lazyBeacon{lazy: l}
	if l.ok {
		b.current.Store(l.first)
	}
	return b, err
}

// Call implements kiosk.Beacon.
func (b *lazyBeacon) Call(a kiosk.Attention) error {
	if now := b.current.Load(); now != nil {
		return now.Call(a)
	}
	return kiosk.Errorf(kiosk.CodeUnavailable, "error.beacon", "%s is not there", b.name)
}

// watch shows calls until ctx ends.
func (b *lazyBeacon) watch(ctx context.Context) error {
	return b.run(ctx, func(bool) {}, func(ctx context.Context, d *beacon.Beacon) error {
		b.current.Store(d)
		defer b.current.Store(nil)
		return d.Run(ctx)
	})
}
