package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"redstation/kiosk"
)

// bookings makes the places that were lost or are out of date anew from the records
// that say how they came about, so that no slot has more free places than it has. The
// rows that were read stand; of a row and the records the one written later counts.
func (r *rebuild) bookings(ctx context.Context) error {
	latest := map[string]kiosk.Booking{}
	rows, err := r.to.QueryContext(ctx, `
SELECT r.header, b.facts FROM record r JOIN body b ON b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq
WHERE b.facts IS NOT NULL AND (instr(r.header, CAST('booking.' AS BLOB)) > 0
	OR instr(r.header, CAST('registration.' AS BLOB)) > 0 OR instr(r.header, CAST('attendance.' AS BLOB)) > 0)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var header, facts []byte
		if err := rows.Scan(&header, &facts); err != nil {
			return err
		}
		if k, ok := bookingFrom(header, facts); ok && k.Rev > latest[k.Number].Rev {
			if k.Action == "" { // attendance does not say of what
				k.Action = latest[k.Number].Action
			}
			latest[k.Number] = k
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, k := range latest {
		if err := r.booking(ctx, k); err != nil {
			return fmt.Errorf("salvage booking %s: %w", k.Number, err)
		}
	}
	return nil
}

// bookingFrom reads a booking as a record tells of it.
func bookingFrom(header, facts []byte) (kiosk.Booking, bool) {
	h, err := kiosk.DecodeHeader(header)
	if err != nil {
		return kiosk.Booking{}, false
	}
	var action kiosk.Action
	switch word, _, _ := strings.Cut(string(h.Kind), "."); word {
	case "booking":
		action = kiosk.ActionBook
	case "registration":
		action = kiosk.ActionRegister
	case "attendance":
	default:
		return kiosk.Booking{}, false
	}
	var f kiosk.SeatFacts
	if json.Unmarshal(facts, &f) != nil || f.Number == "" || f.Seat.State == "" {
		return kiosk.Booking{}, false
	}
	s := f.Seat
	return kiosk.Booking{Number: f.Number, Action: action, Service: f.Service, Slot: s.Slot, Date: s.Date, Time: s.Time,
		State: s.State, Order: s.Order, Rev: int(h.BasedOn) + 1, Arrived: s.Arrived}, true
}

func (r *rebuild) booking(ctx context.Context, k kiosk.Booking) error {
	n, err := runningPart(k.Number)
	if err != nil {
		return nil // no number of ours
	}
	slip := sql.Null[[]byte]{}
	if err := r.to.QueryRowContext(ctx, `SELECT MAX(slip) FROM request WHERE n = $1 AND number = $2`, n, k.Number).Scan(&slip); err != nil {
		return err
	}
	if k.Action == "" {
		k.Action = kiosk.ActionBook
	}
	return r.exec(ctx, `INSERT INTO booking (n, number, slip, action, service, slot, date, time, state, ord, rev, arrived)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO UPDATE SET slot = excluded.slot, date = excluded.date, time = excluded.time, state = excluded.state,
	ord = excluded.ord, rev = excluded.rev, arrived = excluded.arrived
WHERE number = excluded.number AND rev < excluded.rev`,
		n, k.Number, slip, k.Action, k.Service, k.Slot, k.Date, k.Time, k.State, k.Order, k.Rev, k.Arrived)
}
