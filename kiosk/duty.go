package kiosk

import (
	"context"
	"time"
)

// Who takes over the watch fills in a form, as the content pack has it: by surname and
// role, and what is to be handed on. The city gets all of it. The station itself keeps
// the surname, in the open, until somebody else takes over or the watch is ended: the
// screen shows to passers-by who is there for them. After a day it shows nobody; the
// name then stays in the book until the next one takes over.

// longestWatch is how long somebody is shown as being on duty who has neither handed
// over nor ended it.
const longestWatch = 24 * time.Hour

// Duty says which answers of a form tell who is on duty.
type Duty struct {
	Name string // id of a text: the surname
	Role string // id of a choice
}

// Watch is somebody's time on duty.
type Watch struct {
	Service string
	Number  string // of the slip
	Name    string // the surname; "" once the watch is over
	Role    string // id of the option
	At      time.Time
	AtState ClockState
	Over    bool
}

// DutyBook keeps who is on duty.
type DutyBook interface {
	// TakeDuty stores the form as FileRequest does a request, and the watch that begins
	// with it; the one before is over, and its name is forgotten.
	TakeDuty(ctx context.Context, p *Paperwork, w Watch) (Slip, error)
	// EndDuty ends the watch with that number, and forgets its name. One that is over is
	// left as it is, and nothing is written.
	EndDuty(ctx context.Context, number string, record Draft) error
	// Watches returns the latest watches, the newest first.
	Watches(ctx context.Context, limit int) ([]Watch, error)
}

// TakeDuty stores that somebody takes over the watch. The same key again returns the
// same slip. The error has CodeInvalid with the field that is wrong, CodeNotFound, or
// CodeUnavailable.
func (b *Booth) TakeDuty(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	f := formOf(ActionCheckIn, KindDutyTaken, key, service, answers, lang)
	return b.fill(ctx, f, func(ctx context.Context, p *Paperwork) (Slip, error) {
		s, _, ok := b.CatalogueFor(ctx).Service(service)
		if !ok || s.Duty == nil {
			return Slip{}, Errorf(CodeUnavailable, "error.closed", "service %s knows no duty", service)
		}
		return b.book.TakeDuty(ctx, p, Watch{Service: s.ID, Number: p.Slip.Number, Name: p.Kept[s.Duty.Name].Value, Role: p.Kept[s.Duty.Role].Value,
			At: p.Slip.At, AtState: p.Slip.AtState})
	})
}

// EndDuty ends the watch that the number names, without anybody who takes over.
func (b *Booth) EndDuty(ctx context.Context, number string) error {
	d, err := b.draft(KindDutyEnded, b.clock.Read(), struct {
		Number string `json:"number"`
	}{number})
	if err != nil {
		return err
	}
	return b.book.EndDuty(ctx, number, d)
}

// OnDuty returns who is on duty now; ok is false where nobody is, or where the last
// one has not been heard of for a day.
func (b *Booth) OnDuty(ctx context.Context) (w Watch, ok bool, err error) {
	all, err := b.book.Watches(ctx, 1)
	if err != nil || len(all) == 0 || all[0].Over {
		return Watch{}, false, err
	}
	if since := b.Now().Wall.Sub(all[0].At); since > longestWatch || since < -longestWatch {
		return Watch{}, false, nil
	}
	return all[0], true, nil
}

// Watches returns the latest watches, the newest first.
func (b *Booth) Watches(ctx context.Context, limit int) ([]Watch, error) {
	return b.book.Watches(ctx, limit)
}

// RoleOf returns what the pack calls the role of a watch; nil where it knows none.
func (c *Catalogue) RoleOf(w Watch) Text {
	s, _, ok := c.Service(w.Service)
	if !ok || s.Duty == nil || s.Form == nil {
		return nil
	}
	f, ok := s.Form.Field(s.Duty.Role)
	if !ok {
		return nil
	}
	o, _ := f.Option(w.Role)
	return o.Name
}

// DutyService returns the service by which somebody takes over the watch; nil where
// the pack has none, or it is not offered.
func (b *Booth) DutyService() *Service {
	c := b.Catalogue()
	for i := range c.Functions {
		for j := range c.Functions[i].Services {
			if s := &c.Functions[i].Services[j]; s.Duty != nil && b.Offers(s, ActionCheckIn) {
				return s
			}
		}
	}
	return nil
}
