package kiosk

import (
	"context"
	"time"
)

// A booth's panel that is lit all night is worn in two years, and calls people to a
// booth where nobody is. So it goes dark when nobody has been there for a while, and
// lights up at once when somebody is: the door opens, a finger touches it, a code is
// scanned.

// Screen is the panel's light.
type Screen interface {
	// Switch lights the panel or puts it out.
	Switch(ctx context.Context, on bool) error
}

// awayFor is how long nobody has usually been there before the panel goes dark.
const awayFor = 10 * time.Minute

// Presence judges whether somebody is there. It knows only times since boot. Its
// zero value says that somebody was there at the boot.
type Presence struct {
	Away time.Duration // without a sign of anybody, and nobody is there; 0 is 10 minutes
	seen time.Duration
}

// See takes a sign of somebody.
func (p *Presence) See(now time.Duration) { p.seen = max(p.seen, now) }

// Left returns how long somebody still counts as there, 0 when nobody does.
func (p *Presence) Left(now time.Duration) time.Duration {
	away := p.Away
	if away <= 0 {
		away = awayFor
	}
	return max(0, p.seen+away-now)
}

// NotePresence says that somebody is there now. Nothing is written.
func (b *Booth) NotePresence() {
	select {
	case b.present <- struct{}{}:
	default: // one sign is waiting already
	}
}

// retryScreen is how long a screen that could not be switched is left alone.
const retryScreen = time.Minute

// RunScreen switches the screen by who is there until ctx ends, and leaves it lit:
// a booth that is being updated is not to look dead. away as in Presence.
func (b *Booth) RunScreen(ctx context.Context, s Screen, away time.Duration) error {
	p := Presence{Away: away}
	p.See(b.clock.Read().Since)
	lit := false // the last run may have left it dark
	quiet := false
	for {
		left := p.Left(b.clock.Read().Since)
		wait := left
		if want := left > 0; want != lit {
			err := s.Switch(ctx, want)
			switch {
			case err == nil:
				lit, quiet = want, false
			case !quiet && ctx.Err() == nil:
				b.log.WarnContext(ctx, "screen not switched", "on", want, "err", err)
				quiet = true
			}
		}
		if lit != (left > 0) {
			wait = retryScreen
		} else if left == 0 {
			wait = time.Hour // until somebody comes
		}
		select {
		case <-ctx.Done():
			b.lightScreen(context.WithoutCancel(ctx), s, lit)
			return nil
		case <-b.present:
			p.See(b.clock.Read().Since)
		case <-time.After(wait):
		}
	}
}

// lightScreen lights a screen that is dark.
func (b *Booth) lightScreen(ctx context.Context, s Screen, lit bool) {
	if lit {
		return
	}
	if err := s.Switch(ctx, true); err != nil {
		b.log.WarnContext(ctx, "screen not switched", "on", true, "err", err)
	}
}
