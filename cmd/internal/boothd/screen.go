package boothd

import (
	"context"
	"time"

	"redstation/hardware/board"
	"redstation/kiosk"
)

// panel is the screen's light, switched by two commands: what does it differs
// between compositors and panels.
type panel struct {
	on, off board.Command
	away    time.Duration
}

var _ kiosk.Screen = panel{}

// openPanel reads the command lines. Both or none must be given: a screen that only
// goes dark is a dead booth.
func openPanel(on, off string, away time.Duration) (p panel, err error) {
	if p.on, err = board.ParseCommand(on); err != nil {
		return p, err
	}
	if p.off, err = board.ParseCommand(off); err != nil {
		return p, err
	}
	if (len(p.on) == 0) != (len(p.off) == 0) {
		return p, kiosk.Errorf(kiosk.CodeInvalid, "error.command", "the screen has a command for only one of on and off: give both or none")
	}
	p.away = away
	return p, nil
}

// Switch implements kiosk.Screen.
func (p panel) Switch(ctx context.Context, on bool) error {
	if on {
		return p.on.Run(ctx)
	}
	return p.off.Run(ctx)
}

// runScreen switches the screen until ctx ends, where commands were given.
func (b *Booth) runScreen(ctx context.Context) error {
	if len(b.panel.on) == 0 {
		return nil
	}
	return b.kiosk.RunScreen(ctx, b.panel, b.panel.away)
}
