package sqlite

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// IssueTicket gives the next number of the service on the service day that today
// brings about.
func (d *DB) IssueTicket(ctx context.Context, s kiosk.Slip, q kiosk.Queue, today kiosk.Today,
	record func(kiosk.Ticket) (kiosk.Draft, error)) (kiosk.Slip, error) {
	out := s
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		have, err := w.stored(ctx, s.ID)
		if err == nil {
			out = have
			return nil
		}
		if kiosk.CodeOf(err) != kiosk.CodeNotFound {
			return err
		}
		out, err = w.issue(ctx, s, q, w.state.day.Advance(today.Date, today.Trusted), record)
		return err
	})
	if err != nil {
		return kiosk.Slip{}, err
	}
	return out, nil
}

// issue writes a ticket, its slip and its record. Where the day's tickets are gone
// it refuses before it has written anything.
func (w *writer) issue(ctx context.Context, s kiosk.Slip, q kiosk.Queue, day kiosk.ServiceDay,
	record func(kiosk.Ticket) (kiosk.Draft, error)) (kiosk.Slip, error) {
	n, err := w.lastTicket(ctx, s.Service, day)
	if err != nil {
		return s, err
	}
	if n++; q.Limit > 0 && n > q.Limit {
		return s, refusal{kiosk.Errorf(kiosk.CodeUnavailable, "error.tickets_gone", "service %s has given its %d tickets today", s.Service, q.Limit)}
	}
	t := kiosk.Ticket{Service: s.Service, Day: day, Number: n, Label: kiosk.TicketLabel(q.Prefix, day, n)}
	s.Number = t.Label
	draft, err := record(t)
	if err != nil {
		return s, refusal{err}
	}
	if err := w.setDay(ctx, day); err != nil {
		return s, err
	}
	if _, err := w.insertSlip(ctx, s); err != nil {
		return s, err
	}
	if err := w.exec(ctx, `INSERT INTO ticket (service, date, series, number, slip, ahead)
SELECT $1, $2, $3, $4, $5, COUNT(*) FROM ticket WHERE service = $1 AND date = $2 AND state = 'waiting'`,
		t.Service, day.Date, day.Series, n, s.ID[:]); err != nil {
		return s, fmt.Errorf("issue ticket: %w", err)
	}
	return s, w.append(ctx, draft)
}

func (w *writer) lastTicket(ctx context.Context, service string, day kiosk.ServiceDay) (int, error) {
	row, err := w.row(ctx, `SELECT COALESCE(MAX(number), 0) FROM ticket WHERE service = $1 AND date = $2 AND series = $3`, service, day.Date, day.Series)
	if err != nil {
		return 0, err
	}
	var n int
	if err := row.Scan(&n); err != nil {
		return 0, fmt.Errorf("read last ticket of %s: %w", service, err)
	}
	return n, nil
}

// setDay stores the service day where it changed.
func (w *writer) setDay(ctx context.Context, day kiosk.ServiceDay) error {
	if day == w.state.day {
		return nil
	}
	w.state.day = day
	if err := w.exec(ctx, `INSERT INTO service_day (only, date, peak, series) VALUES (1, $1, $2, $3)
ON CONFLICT (only) DO UPDATE SET date = excluded.date, peak = excluded.peak, series = excluded.series`,
		day.Date, day.Peak, day.Series); err != nil {
		return fmt.Errorf("store service day: %w", err)
	}
	return nil
}

// ServiceDay returns the day that tickets are counted in.
func (d *DB) ServiceDay(ctx context.Context) (kiosk.ServiceDay, error) {
	var day kiosk.ServiceDay
	err := d.do(ctx, func(w *writer) error {
		day = w.state.day
		return nil
	})
	return day, err
}
