package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// A day's queue is all its tickets, whatever series they are of: those of an earlier
// series were drawn before.

// Lineups lists the queues of the day in which tickets were drawn.
func (d *DB) Lineups(ctx context.Context, today kiosk.Today) ([]kiosk.Lineup, error) {
	day, err := d.ServiceDay(ctx)
	if err != nil {
		return nil, err
	}
	date := day.Advance(today.Date, today.Trusted).Date
	rows, err := d.read.QueryContext(ctx, `SELECT t.service, s.number, t.state, t.turn FROM ticket t JOIN slip s ON s.id = t.slip
WHERE t.date = $1 ORDER BY t.service, t.series, t.number`, date)
	if err != nil {
		return nil, fmt.Errorf("read queues: %w", err)
	}
	defer rows.Close()
	var all []kiosk.Lineup
	for rows.Next() {
		var service, label string
		var state kiosk.TicketState
		var turn int
		if err := rows.Scan(&service, &label, &state, &turn); err != nil {
			return nil, fmt.Errorf("read queues: %w", err)
		}
		if len(all) == 0 || all[len(all)-1].Service != service {
			all = append(all, kiosk.Lineup{Service: service})
		}
		l := &all[len(all)-1]
		if turn > l.Turn {
			l.Turn, l.Now = turn, label
			if state != kiosk.TicketCalled { // nobody came, and the next was not called yet
				l.Now = ""
			}
		}
		switch state {
		case kiosk.TicketWaiting:
			if l.Waiting++; l.Next == "" {
				l.Next = label
			}
		case kiosk.TicketSkipped:
			l.Skipped = append(l.Skipped, label)
		}
	}
	return all, rows.Err()
}

// Standing returns where the ticket of a slip stands.
func (d *DB) Standing(ctx context.Context, slip kiosk.ID) (kiosk.Standing, error) {
	var s kiosk.Standing
	var now sql.NullString
	err := d.read.QueryRowContext(ctx, `SELECT t.state, t.ahead,
	(SELECT COUNT(*) FROM ticket b WHERE b.service = t.service AND b.date = t.date AND b.state = 'waiting'
		AND (b.series < t.series OR b.series = t.series AND b.number < t.number)),
	(SELECT s.number FROM ticket c JOIN slip s ON s.id = c.slip WHERE c.service = t.service AND c.date = t.date AND c.state = 'called'
		ORDER BY c.turn DESC LIMIT 1)
FROM ticket t WHERE t.slip = $1`, slip[:]).Scan(&s.State, &s.First, &s.Ahead, &now)
	if errors.Is(err, sql.ErrNoRows) {
		return s, kiosk.Errorf(kiosk.CodeNotFound, "error.slip", "no ticket of slip %s", slip)
	}
	if err != nil {
		return s, fmt.Errorf("read ticket: %w", err)
	}
	s.Now = now.String
	return s, nil
}

// ticketRow is a ticket in its queue, as the running transaction sees it.
type ticketRow struct {
	kiosk.Ticket
	state kiosk.TicketState
}

// StepQueue does a step of staff.
func (d *DB) StepQueue(ctx context.Context, c kiosk.QueueStep, today kiosk.Today, record func(kiosk.Ticket) (kiosk.Draft, error)) (kiosk.Ticket, error) {
	var out kiosk.Ticket
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		date := w.state.day.Advance(today.Date, today.Trusted).Date
		now, err := w.serving(ctx, c.Service, date)
		if err != nil {
			return err
		}
		if now.Label != c.Seen {
			return refusal{kiosk.Errorf(kiosk.CodeConflict, "error.call_moved", "%q is being served in the queue of %s, not %q", now.Label, c.Service, c.Seen)}
		}
		t, state := now, kiosk.TicketCalled
		switch c.Step {
		case kiosk.StepNext:
			t, err = w.ticketWhere(ctx, c.Service, date, `t.state = 'waiting' ORDER BY t.series, t.number`)
		case kiosk.StepBack:
			t, err = w.ticketWhere(ctx, c.Service, date, `t.state = 'skipped' AND s.number = $3`, c.Label)
		case kiosk.StepSkip:
			state = kiosk.TicketSkipped
			fallthrough
		case kiosk.StepAgain:
			if now.Label == "" {
				err = nobody(c.Service)
			}
		}
		if err != nil {
			return refusal{err}
		}
		draft, err := record(t.Ticket)
		if err != nil {
			return refusal{err}
		}
		if err := w.callTicket(ctx, &t, state, c.Step == kiosk.StepNext || c.Step == kiosk.StepBack); err != nil {
			return err
		}
		out = t.Ticket
		return w.append(ctx, draft)
	})
	return out, err
}

// serving returns the ticket that is being served, a zero one where there is none.
func (w *writer) serving(ctx context.Context, service, date string) (ticketRow, error) {
	t, err := w.ticketWhere(ctx, service, date, `t.turn > 0 ORDER BY t.turn DESC`)
	if kiosk.CodeOf(err) == kiosk.CodeNotFound || err == nil && t.state != kiosk.TicketCalled {
		return ticketRow{}, nil
	}
	return t, err
}

func nobody(service string) error {
	return kiosk.Errorf(kiosk.CodeNotFound, "error.call_nobody", "nobody of that kind in the queue of %s", service)
}

// callTicket stores what became of a ticket; a new turn makes it the one that is being
// served.
func (w *writer) callTicket(ctx context.Context, t *ticketRow, state kiosk.TicketState, turn bool) error {
	by := 0
	if turn {
		by = 1
	}
	err := w.exec(ctx, `UPDATE ticket SET state = $5, turn = CASE WHEN $6 = 0 THEN turn
	ELSE (SELECT MAX(turn) + 1 FROM ticket WHERE service = $1 AND date = $2) END
WHERE service = $1 AND date = $2 AND series = $3 AND number = $4`,
		t.Service, t.Day.Date, t.Day.Series, t.Number, string(state), by)
	if err != nil {
		return fmt.Errorf("call ticket: %w", err)
	}
	return nil
}

func (w *writer) ticketWhere(ctx context.Context, service, date, where string, args ...any) (ticketRow, error) {
	t := ticketRow{Ticket: kiosk.Ticket{Service: service, Day: kiosk.ServiceDay{Date: date}}}
	row, err := w.row(ctx, `SELECT t.series, t.number, s.number, t.state FROM ticket t JOIN slip s ON s.id = t.slip
WHERE t.service = $1 AND t.date = $2 AND `+where+` LIMIT 1`, append([]any{service, date}, args...)...)
	if err != nil {
		return t, err
	}
	err = row.Scan(&t.Day.Series, &t.Number, &t.Label, &t.state)
	if errors.Is(err, sql.ErrNoRows) {
		return t, nobody(service)
	}
	if err != nil {
		return t, fmt.Errorf("read ticket: %w", err)
	}
	return t, nil
}
