package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// bookingQuery reads bookings with their rank on the waiting list.
const bookingQuery = `SELECT b.number, b.slip, b.action, b.service, b.slot, b.date, b.time, b.state, b.arrived, b.ord, b.rev,
	CASE WHEN b.state = 'waiting' THEN (SELECT COUNT(*) FROM booking o
		WHERE o.service = b.service AND o.slot = b.slot AND o.state = 'waiting' AND o.ord <= b.ord) ELSE 0 END
FROM booking b`

func scanBooking(row interface{ Scan(...any) error }) (kiosk.Booking, error) {
	var k kiosk.Booking
	var slip []byte
	err := row.Scan(&k.Number, &slip, &k.Action, &k.Service, &k.Slot, &k.Date, &k.Time, &k.State, &k.Arrived, &k.Order, &k.Rev, &k.Rank)
	if errors.Is(err, sql.ErrNoRows) {
		return k, kiosk.Errorf(kiosk.CodeNotFound, "error.booking", "no such booking")
	}
	if err != nil {
		return k, fmt.Errorf("read booking: %w", err)
	}
	if len(slip) == len(k.Slip) {
		k.Slip = kiosk.ID(slip)
	}
	return k, nil
}

// Taken returns how many places are gone in each slot of a service.
func (d *DB) Taken(ctx context.Context, service string) (map[string]kiosk.Taken, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT slot, SUM(state = 'booked'), SUM(state = 'waiting') FROM booking WHERE service = $1 GROUP BY slot`, service)
	if err != nil {
		return nil, d.noted(fmt.Errorf("count places of %s: %w", service, err))
	}
	defer rows.Close()
	out := map[string]kiosk.Taken{}
	for rows.Next() {
		var slot string
		var t kiosk.Taken
		if err := rows.Scan(&slot, &t.Booked, &t.Waiting); err != nil {
			return nil, fmt.Errorf("count places of %s: %w", service, err)
		}
		out[slot] = t
	}
	return out, d.noted(rows.Err())
}

// Booking returns the booking of a slip.
func (d *DB) Booking(ctx context.Context, slip kiosk.ID) (kiosk.Booking, error) {
	return scanBooking(d.read.QueryRowContext(ctx, bookingQuery+` WHERE b.slip = $1`, slip[:]))
}

// NumberedBooking returns the booking with that number.
func (d *DB) NumberedBooking(ctx context.Context, number string) (kiosk.Booking, error) {
	return scanBooking(d.read.QueryRowContext(ctx, bookingQuery+` WHERE b.number = $1`, number))
}

// BookingsOn returns the bookings of a day, by time and number.
func (d *DB) BookingsOn(ctx context.Context, date string) ([]kiosk.Booking, error) {
	rows, err := d.read.QueryContext(ctx, bookingQuery+` WHERE b.date = $1 AND b.state <> 'cancelled' ORDER BY b.time, b.n`, date)
	if err != nil {
		return nil, d.noted(fmt.Errorf("read bookings of %s: %w", date, err))
	}
	defer rows.Close()
	var out []kiosk.Booking
	for rows.Next() {
		k, err := scanBooking(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, d.noted(rows.Err())
}

// BookingDays returns the days from that one on which there are bookings.
func (d *DB) BookingDays(ctx context.Context, from string, limit int) ([]string, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT DISTINCT date FROM booking WHERE date >= $1 AND date <> '' AND state <> 'cancelled' ORDER BY date LIMIT $2`, from, limit)
	if err != nil {
		return nil, d.noted(fmt.Errorf("read days with bookings: %w", err))
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var day string
		if err := rows.Scan(&day); err != nil {
			return nil, fmt.Errorf("read days with bookings: %w", err)
		}
		out = append(out, day)
	}
	return out, d.noted(rows.Err())
}
