package kiosk

import (
	"context"
	"fmt"
)

// ticketFacts is what the city learns of a ticket.
type ticketFacts struct {
	Service string `json:"service"`
	Label   string `json:"label"`
	Day     string `json:"day"`
	Series  int    `json:"series"`
	Number  int    `json:"number"`
}

// TicketLabel returns what stands on the paper: "L017", or "LB017" in the day's
// third series.
func TicketLabel(prefix string, d ServiceDay, number int) string {
	return fmt.Sprintf("%s%s%03d", prefix, d.SeriesLabel(), number)
}

// TakeTicket gives the resident the next number of the service. The same key
// again returns the same slip. The error has CodeNotFound, or CodeUnavailable
// when the service has no queue here or the day's limit is reached.
func (b *Booth) TakeTicket(ctx context.Context, key ID, service string, lang Lang) (Slip, error) {
	s, err := b.serviceFor(ctx, service, ActionTicket)
	if err != nil {
		return Slip{}, err
	}
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	want := b.newSlip(key, ActionTicket, s, lang, now)
	slip, err := b.book.IssueTicket(ctx, want, *s.Ticket, b.today(now), func(t Ticket) (Draft, error) {
		return b.draft(KindTicketIssued, now, ticketFacts{t.Service, t.Label, t.Day.Date, t.Day.Series, t.Number})
	})
	if err != nil {
		return Slip{}, err
	}
	r, err := b.ticketReceipt(ctx, s, slip)
	if err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, r)
	b.NoteCall()
	return slip, nil
}
