package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/scrub"
)

// Bodies go when their time is over; headers and proofs stay. Only what the city has
// acknowledged is touched. How old a record is says its place, not its own clock: it
// is at least as old as the oldest record behind it that was written by a clock which
// could be trusted.
const (
	purgeAtOnce = 200 // bodies in one transaction
	asideDays   = 30  // a damaged book is kept for so long after all of it was sent
)

// Purge empties the bodies whose time is over by the rules in the table retention,
// and returns how many. now is a time that can be trusted. Afterwards neither the
// book nor its log holds their bytes.
func (d *DB) Purge(ctx context.Context, now time.Time) (purged int, err error) {
	rules, err := d.retention(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range d.view.Load().streams {
		over, err := d.over(ctx, s, rules, now)
		if err != nil {
			return purged, err
		}
		for ; len(over) > 0; over = over[min(len(over), purgeAtOnce):] {
			some := over[:min(len(over), purgeAtOnce)]
			err := d.do(ctx, func(w *writer) error {
				for _, seq := range some {
					if err := w.exec(context.Background(), `DELETE FROM body WHERE epoch = $1 AND lane = $2 AND seq = $3`, s.n, s.head.Lane, int64(seq)); err != nil {
						return fmt.Errorf("empty body: %w", err)
					}
				}
				return nil
			})
			if err != nil {
				return purged, err
			}
			purged += len(some)
		}
	}
	if err := d.purgeAside(ctx, now); err != nil || purged == 0 {
		return purged, err
	}
	err = d.do(ctx, func(w *writer) error {
		return w.note(context.Background(), kiosk.KindBookPurged, map[string]any{"bodies": purged})
	})
	if err != nil {
		return purged, err
	}
	if err := scrubFile(ctx, d.read, "body"); err != nil && !errors.Is(err, scrub.ErrBusy) { // then the next night does it
		return purged, err
	}
	return purged, d.Shrink(ctx)
}

func (d *DB) retention(ctx context.Context) (map[string]int, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT kind, days FROM retention`)
	if err != nil {
		return nil, d.noted(fmt.Errorf("read retention: %w", err))
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var kind string
		var days int
		if err := rows.Scan(&kind, &days); err != nil {
			return nil, fmt.Errorf("read retention: %w", err)
		}
		out[kind] = days
	}
	return out, rows.Err()
}

// daysOf returns how long bodies of a kind stay, and whether they ever go.
func daysOf(rules map[string]int, kind kiosk.Kind) (days int, ok bool) {
	word, _, _ := strings.Cut(string(kind), ".")
	for _, rule := range []string{string(kind), word + ".", ""} {
		if days, ok = rules[rule]; ok {
			return days, true
		}
	}
	return 0, false
}

// aged is a record with a body, and the latest time at which it can have been written.
type aged struct {
	seq   uint64
	kind  kiosk.Kind
	until int64 // ms
}

// over returns the acknowledged records of a stream whose body's time is over.
func (d *DB) over(ctx context.Context, s stream, rules map[string]int, now time.Time) ([]uint64, error) {
	all, err := d.bodies(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []uint64
	bound := int64(math.MaxInt64)
	for i := len(all) - 1; i >= 0; i-- {
		bound = min(bound, all[i].until)
		days, ok := daysOf(rules, all[i].kind)
		if ok && bound < now.AddDate(0, 0, -days).UnixMilli() {
			out = append(out, all[i].seq)
		}
	}
	return out, nil
}

// bodies returns the acknowledged records of a stream that have a body, in order.
func (d *DB) bodies(ctx context.Context, s stream) ([]aged, error) {
	rows, err := d.read.QueryContext(ctx, `
SELECT r.header FROM body b JOIN record r ON r.epoch = b.epoch AND r.lane = b.lane AND r.seq = b.seq
WHERE b.epoch = $1 AND b.lane = $2 AND b.seq <= $3 ORDER BY b.seq`, s.n, s.head.Lane, int64(s.head.Acked))
	if err != nil {
		return nil, d.noted(fmt.Errorf("read bodies: %w", err))
	}
	defer rows.Close()
	var out []aged
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, d.noted(fmt.Errorf("read bodies: %w", err))
		}
		h, err := kiosk.DecodeHeader(b)
		if err != nil {
			return nil, err
		}
		a := aged{seq: h.Seq, kind: h.Kind, until: math.MaxInt64}
		if h.ClockState.Trusted() {
			a.until = h.WallMS
		}
		out = append(out, a)
	}
	return out, d.noted(rows.Err())
}

// purgeAside deletes the damaged books that were set aside long ago, and of which all
// that could be read is at the city.
func (d *DB) purgeAside(ctx context.Context, now time.Time) error {
	sets, err := d.sentAside(ctx, 0)
	if err != nil {
		return err
	}
	for _, n := range sets {
		info, err := os.Stat(d.aside(n))
		if errors.Is(err, fs.ErrNotExist) || err == nil && now.Sub(info.ModTime()) < asideDays*24*time.Hour {
			continue
		}
		if err != nil {
			return err
		}
		if err := d.removeAside(n); err != nil {
			return err
		}
	}
	return nil
}
