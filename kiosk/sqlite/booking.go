package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// Places are counted where they are given away: in the writer's transaction, so that
// two taps for the last place are one after the other.

// TakeSeat stores a filled form with a place in the slot.
func (d *DB) TakeSeat(ctx context.Context, p *kiosk.Paperwork, want kiosk.Wish, today kiosk.Today, tell kiosk.Notice) (kiosk.Slip, error) {
	out := p.Slip
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		have, err := w.stored(ctx, p.Slip.ID)
		if err == nil {
			out = have
			return nil
		}
		if kiosk.CodeOf(err) != kiosk.CodeNotFound {
			return err
		}
		k := kiosk.Booking{Number: p.Slip.Number, Slip: p.Slip.ID, Action: p.Slip.Action, Service: p.Slip.Service, Rev: 1}
		if err := w.seat(ctx, &k, want); err != nil {
			return err
		}
		if err := p.Seat(k); err != nil {
			return refusal{err}
		}
		if err := w.storeBooking(ctx, p, &k); err != nil {
			return err
		}
		if err := w.setDay(ctx, w.state.day.Advance(today.Date, today.Trusted)); err != nil {
			return err
		}
		if err := w.append(ctx, p.Record); err != nil {
			return err
		}
		return w.moveUp(ctx, k.Service, k.Slot, want.Slot.Capacity, tell)
	})
	if err != nil {
		return kiosk.Slip{}, err
	}
	return out, nil
}

// seat gives k a place in the wanted slot, or on its waiting list, and refuses where
// there is none. Nothing is written yet.
func (w *writer) seat(ctx context.Context, k *kiosk.Booking, want kiosk.Wish) error {
	t, err := w.taken(ctx, k.Service, want.Slot.ID)
	if err != nil {
		return err
	}
	o := kiosk.Opening{Slot: want.Slot, Taken: t}
	if k.State, k.Rank, err = o.Give(want.Wait, want.Field); err != nil {
		return refusal{err}
	}
	k.Slot, k.Date, k.Time = want.Slot.ID, want.Slot.Date, want.Slot.Time
	row, err := w.row(ctx, `SELECT COALESCE(MAX(ord), 0) + 1 FROM booking`)
	if err != nil {
		return err
	}
	if err := row.Scan(&k.Order); err != nil {
		return fmt.Errorf("read order of bookings: %w", err)
	}
	return nil
}

func (w *writer) taken(ctx context.Context, service, slot string) (kiosk.Taken, error) {
	row, err := w.row(ctx, `SELECT COALESCE(SUM(state = 'booked'), 0), COALESCE(SUM(state = 'waiting'), 0) FROM booking
WHERE service = $1 AND slot = $2`, service, slot)
	if err != nil {
		return kiosk.Taken{}, err
	}
	var t kiosk.Taken
	if err := row.Scan(&t.Booked, &t.Waiting); err != nil {
		return t, fmt.Errorf("count places of %s in %s: %w", service, slot, err)
	}
	return t, nil
}

// storeBooking writes slip, paper and place of a form that was filled just now.
func (w *writer) storeBooking(ctx context.Context, p *kiosk.Paperwork, k *kiosk.Booking) error {
	n, err := runningPart(k.Number)
	if err != nil {
		return err
	}
	if _, err := w.insertSlip(ctx, p.Slip); err != nil {
		return err
	}
	if err := w.exec(ctx, `INSERT INTO request (n, number, slip, lock, lock_key) VALUES ($1, $2, $3, $4, $5)`,
		n, k.Number, k.Slip[:], p.Capsule.Index[:], p.Capsule.Public); err != nil {
		return fmt.Errorf("file booking: %w", err)
	}
	if err := w.putCapsule(ctx, &p.Capsule); err != nil {
		return err
	}
	if err := w.exec(ctx, `INSERT INTO booking (n, number, slip, action, service, slot, date, time, state, ord, rev, arrived)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)`,
		n, k.Number, k.Slip[:], k.Action, k.Service, k.Slot, k.Date, k.Time, k.State, k.Order, k.Rev); err != nil {
		return fmt.Errorf("store booking: %w", err)
	}
	return nil
}

// MoveSeat gives a booking a place in another slot, and its old one to the first who
// waits there.
func (d *DB) MoveSeat(ctx context.Context, number string, want kiosk.Wish, today kiosk.Today, tell kiosk.Notice) (kiosk.Booking, error) {
	return d.change(ctx, number, today, tell, func(ctx context.Context, w *writer, k *kiosk.Booking) error {
		if k.State == kiosk.SeatCancelled {
			return refusal{kiosk.Errorf(kiosk.CodeConflict, "error.booking_cancelled", "booking %s is cancelled", number)}
		}
		if k.State == kiosk.SeatBooked && k.Slot == want.Slot.ID {
			return nil
		}
		return w.seat(ctx, k, want)
	})
}

// GiveSeat cancels a booking, and gives its place to the first who waits for it.
func (d *DB) GiveSeat(ctx context.Context, number string, today kiosk.Today, tell kiosk.Notice) (kiosk.Booking, error) {
	return d.change(ctx, number, today, tell, func(_ context.Context, _ *writer, k *kiosk.Booking) error {
		k.State, k.Rank = kiosk.SeatCancelled, 0
		return nil
	})
}

// NoteArrival notes that whoever has the booking is there.
func (d *DB) NoteArrival(ctx context.Context, number string, tell kiosk.Notice) (kiosk.Booking, error) {
	return d.change(ctx, number, kiosk.Today{}, tell, func(_ context.Context, _ *writer, k *kiosk.Booking) error {
		if k.State != kiosk.SeatBooked {
			return refusal{kiosk.Errorf(kiosk.CodeConflict, "error.booking_waits", "booking %s has no place", number)}
		}
		k.Arrived = true
		return nil
	})
}

// change reads a booking, lets alter say how it should be, and writes that with its
// records, where it is another than before. alter writes nothing.
func (d *DB) change(ctx context.Context, number string, today kiosk.Today, tell kiosk.Notice,
	alter func(context.Context, *writer, *kiosk.Booking) error) (kiosk.Booking, error) {
	var out kiosk.Booking
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		row, err := w.row(ctx, bookingQuery+` WHERE b.number = $1`, number)
		if err != nil {
			return err
		}
		was, err := scanBooking(row)
		if kiosk.CodeOf(err) == kiosk.CodeNotFound {
			return refusal{err}
		}
		if err != nil {
			return err
		}
		out = was
		if err := alter(ctx, w, &out); err != nil || out == was {
			return err
		}
		if today.Date != "" {
			if err := w.setDay(ctx, w.state.day.Advance(today.Date, today.Trusted)); err != nil {
				return err
			}
		}
		if err := w.putBooking(ctx, out, was, tell); err != nil {
			return err
		}
		if was.State != kiosk.SeatBooked || out.State == was.State && out.Slot == was.Slot {
			return nil
		}
		t, err := w.taken(ctx, was.Service, was.Slot)
		if err != nil {
			return err
		}
		return w.moveUp(ctx, was.Service, was.Slot, t.Booked+1, tell)
	})
	return out, err
}

// moveUp gives places to those who wait for the slot, the first one first, until so
// many are booked. A capacity of 0 is no limit.
func (w *writer) moveUp(ctx context.Context, service, slot string, capacity int, tell kiosk.Notice) error {
	for {
		t, err := w.taken(ctx, service, slot)
		if err != nil || t.Waiting == 0 || capacity > 0 && t.Booked >= capacity {
			return err
		}
		row, err := w.row(ctx, bookingQuery+` WHERE b.service = $1 AND b.slot = $2 AND b.state = 'waiting' ORDER BY b.ord LIMIT 1`, service, slot)
		if err != nil {
			return err
		}
		was, err := scanBooking(row)
		if err != nil {
			return err
		}
		now := was
		now.State, now.Rank = kiosk.SeatBooked, 0
		if err := w.putBooking(ctx, now, was, tell); err != nil {
			return err
		}
	}
}

// putBooking writes a booking as it is now, the next version of what its paper opens,
// and the record.
func (w *writer) putBooking(ctx context.Context, now, was kiosk.Booking, tell kiosk.Notice) error {
	paper, err := w.paper(ctx, now.Number)
	if err != nil {
		return err
	}
	d, c, err := tell(now, was, paper)
	if err != nil {
		return err
	}
	if err := w.exec(ctx, `UPDATE booking SET slot = $2, date = $3, time = $4, state = $5, arrived = $6, ord = $7, rev = $8 WHERE number = $1`,
		now.Number, now.Slot, now.Date, now.Time, now.State, now.Arrived, now.Order, was.Rev+1); err != nil {
		return fmt.Errorf("change booking: %w", err)
	}
	if c != nil {
		b, err := c.Bytes()
		if err != nil {
			return err
		}
		if err := w.exec(ctx, `UPDATE capsule SET version = $2, capsule = $3 WHERE lock = $1`, c.Index[:], int64(c.Version), b); err != nil {
			return fmt.Errorf("renew capsule: %w", err)
		}
	}
	return w.append(ctx, d)
}

// paper returns what the next version of a number's capsule is sealed to.
func (w *writer) paper(ctx context.Context, number string) (kiosk.Paper, error) {
	var lock, key []byte
	var version int64
	row, err := w.row(ctx, `SELECT r.lock, r.lock_key, c.version FROM request r JOIN capsule c ON c.lock = r.lock
WHERE r.n = (SELECT n FROM booking WHERE number = $1)`, number)
	if err != nil {
		return kiosk.Paper{}, err
	}
	err = row.Scan(&lock, &key, &version)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(lock) != len(kiosk.ID{}) {
		return kiosk.Paper{}, nil
	}
	if err != nil {
		return kiosk.Paper{}, fmt.Errorf("read paper of %s: %w", number, err)
	}
	return kiosk.Paper{Lock: kiosk.Lock{Index: kiosk.ID(lock), Public: key}, Version: uint64(version)}, nil
}
