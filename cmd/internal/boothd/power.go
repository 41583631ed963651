package boothd

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"redstation/hardware/power"
	"redstation/kiosk"
)

// errPowerFailed ends the booth in order.
var errPowerFailed = errors.New("the mains failed")

// lazyPower is the line of a supply that may not be there yet.
type lazyPower struct{ lazy[*power.Supply] }

func openPower(dsn string, grace time.Duration, log *slog.Logger) (lazyPower, error) {
	l, err := openLazy("power", dsn, reopenAfter, log, func() (*power.Supply, error) {
		return power.Open(dsn, power.Opts{Grace: grace, Log: log})
	})
	return lazyPower{l}, err
}

// watch tells what the supply tells until ctx ends.
func (p *lazyPower) watch(ctx context.Context, say func(kiosk.PowerEvent)) error {
	return p.run(ctx, func(bool) {}, func(ctx context.Context, s *power.Supply) error { return s.Run(ctx, say) })
}

// notePower writes what the supply tells, and then, when the mains failed for good,
// ends the booth by stop.
func (b *Booth) notePower(ctx context.Context, e kiosk.PowerEvent, stop context.CancelCauseFunc) {
	if err := b.kiosk.NotePower(ctx, e); err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "power event not noted", slog.Any("err", err))
	}
	if e == kiosk.PowerFailed {
		stop(errPowerFailed)
	}
}

// powerOff runs the command that switches the machine off, once everything is
// closed. What goes wrong is told and changes nothing: the booth has stopped in order.
func (b *Booth) powerOff() {
	if !b.powerFailed || len(b.powerCmd) == 0 {
		return
	}
	if err := b.powerCmd.Run(context.Background()); err != nil {
		b.log.Error("machine not switched off", slog.Any("err", err))
	}
}
