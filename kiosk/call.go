package kiosk

import (
	"context"
	"sync"
	"time"
)

// A call for help goes out at once: it is written into the urgent lane, the light and
// the buzzer call, and the screen shows whom to phone. It asks nothing. It ends when
// somebody of the staff says that they are there, or when whoever called says that it
// is no longer needed.

// How long light and buzzer call, and how often. After that nobody near the booth has
// heard them; the call stays open, and a new tap is a new call.
const (
	ringFor   = 10 * time.Minute
	ringEvery = 10 * time.Second
)

// Phone is a number to ring.
type Phone struct {
	Name   Text
	Number string // digits, as they are dialled
}

// CallState is how a call for help stands. The names are append-only.
type CallState string

// The states.
const (
	CallOpen       CallState = "open"
	CallAnswered   CallState = "answered"  // staff are there
	CallCancelled  CallState = "cancelled" // it is no longer needed, says whoever stands at the screen
	CallUnanswered CallState = "unanswered"
)

// HelpCall is one call for a person to come. Its ID is the key of the tap.
type HelpCall struct {
	ID      ID
	Service string
	At      time.Time
	AtState ClockState
	State   CallState
}

// CallBook keeps the calls for help.
type CallBook interface {
	// CallHelp stores a call with its record. A call of that ID that is already there
	// is returned as it is, and nothing is written. An older one that is still open
	// counts as unanswered from then on.
	CallHelp(ctx context.Context, c HelpCall, record Draft) (HelpCall, error)
	// EndHelp ends a call with the record that says how. One that has ended is
	// returned as it is, and nothing is written. The error has CodeNotFound.
	EndHelp(ctx context.Context, id ID, end CallState, record Draft) (HelpCall, error)
	// OpenHelp returns the call that is open; ok is false where there is none.
	OpenHelp(ctx context.Context) (c HelpCall, ok bool, err error)
}

// ringing is what the booth holds in memory of the open call.
type ringing struct {
	mu    sync.Mutex // held while a call is made or ended, so that two taps are one call
	call  HelpCall
	since time.Duration // since boot, when it began to ring
	wake  chan struct{}
}

// CallHelp calls a person to the booth. While a call rings, another tap joins it. The
// error has CodeNotFound or CodeUnavailable. A full disk does not refuse a call while
// there is room for one record.
func (b *Booth) CallHelp(ctx context.Context, key ID, service string) (HelpCall, error) {
	s, err := b.service(service, ActionCall)
	if err != nil {
		return HelpCall{}, err
	}
	b.help.mu.Lock()
	defer b.help.mu.Unlock()
	now := b.clock.Read()
	if b.help.call.State == CallOpen && now.Since-b.help.since < ringFor {
		return b.help.call, nil
	}
	d, err := b.draft(KindHelpCalled, now, struct {
		Service string `json:"service"`
		Call    ID     `json:"call"`
	}{s.ID, key})
	if err != nil {
		return HelpCall{}, err
	}
	d.Lane = LaneUrgent
	c, err := b.book.CallHelp(ctx, HelpCall{ID: key, Service: s.ID, At: now.Wall, AtState: now.State, State: CallOpen}, d)
	if err != nil {
		return HelpCall{}, err
	}
	if c.State == CallOpen {
		b.ring(c, now.Since)
	}
	return c, nil
}

// AnswerHelp ends a call because staff are there. The error has CodeNotFound.
func (b *Booth) AnswerHelp(ctx context.Context, id ID) error {
	return b.endHelp(ctx, id, CallAnswered, KindHelpAnswered)
}

// CancelHelp ends a call because it is no longer needed. The error has CodeNotFound.
func (b *Booth) CancelHelp(ctx context.Context, id ID) error {
	return b.endHelp(ctx, id, CallCancelled, KindHelpCancelled)
}

func (b *Booth) endHelp(ctx context.Context, id ID, end CallState, kind Kind) error {
	b.help.mu.Lock()
	defer b.help.mu.Unlock()
	now := b.clock.Read()
	facts := struct {
		Call    ID  `json:"call"`
		Seconds int `json:"after_s,omitempty"` // since the call; left out where the booth was started in between
	}{Call: id}
	if b.help.call.ID == id {
		facts.Seconds = int((now.Since - b.help.since).Seconds())
	}
	d, err := b.draft(kind, now, facts)
	if err != nil {
		return err
	}
	d.Lane = LaneUrgent
	c, err := b.book.EndHelp(ctx, id, end, d)
	if err != nil {
		return err
	}
	if b.help.call.ID == id {
		b.help.call = c
		b.change(func(s *Status) { s.Help = ID{} })
	}
	return nil
}

// OpenHelp returns the call that is open; ok is false where there is none.
func (b *Booth) OpenHelp() (c HelpCall, ok bool) {
	b.help.mu.Lock()
	defer b.help.mu.Unlock()
	return b.help.call, b.help.call.State == CallOpen
}

// ring lets the screens know of a call and light and buzzer call; the lock is held.
func (b *Booth) ring(c HelpCall, since time.Duration) {
	b.help.call, b.help.since = c, since
	b.change(func(s *Status) { s.Help = c.ID })
	select {
	case b.help.wake <- struct{}{}:
	default: // it wakes already
	}
}

// recallHelp lets a call that was open when the booth was stopped ring on.
func (b *Booth) recallHelp(ctx context.Context) error {
	c, ok, err := b.book.OpenHelp(ctx)
	if err != nil || !ok {
		return err
	}
	b.help.mu.Lock()
	defer b.help.mu.Unlock()
	b.ring(c, b.clock.Read().Since)
	return nil
}

// RunHelp lets light and buzzer call while a call for help is open, until ctx ends.
func (b *Booth) RunHelp(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.help.wake:
		}
		for b.rings() {
			b.beckon(ctx, b.light)
			b.beckon(ctx, b.buzzer)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(ringEvery):
			}
		}
	}
}

// rings reports whether there is a call that light and buzzer still call for.
func (b *Booth) rings() bool {
	b.help.mu.Lock()
	defer b.help.mu.Unlock()
	return b.help.call.State == CallOpen && b.clock.Read().Since-b.help.since < ringFor
}

// beckon lets one beacon call. A booth may have none.
func (b *Booth) beckon(ctx context.Context, beacon Beacon) {
	if err := beacon.Call(AttentionHelp); err != nil && CodeOf(err) != CodeUnavailable {
		b.log.WarnContext(ctx, "beacon did not call", "err", err)
	}
}
