package sqlite

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"redstation/kiosk"
)

// NextNumber reserves a request number: the booth's id and a running count that
// never starts again.
func (d *DB) NextNumber() string {
	return requestNumber(d.Booth(), d.requests.Add(1))
}

func requestNumber(booth string, n int64) string {
	return fmt.Sprintf("%s-%03d", strings.ToUpper(booth), n)
}

// FileRequest stores a request with its slip, capsule and record.
func (d *DB) FileRequest(ctx context.Context, s kiosk.Slip, c kiosk.Capsule, record kiosk.Draft) (kiosk.Slip, error) {
	p := &kiosk.Paperwork{Slip: s, Capsule: c, Record: record}
	return d.file(ctx, p, func(context.Context, *writer) error { return nil })
}

// file stores what every form brings: its slip, its number, the capsule and, after
// what more is written beside it, the record. A slip that was there already is read
// back, and more is not called.
func (d *DB) file(ctx context.Context, p *kiosk.Paperwork, more func(context.Context, *writer) error) (kiosk.Slip, error) {
	n, err := runningPart(p.Slip.Number)
	if err != nil {
		return kiosk.Slip{}, err
	}
	return d.once(ctx, p.Slip, func(ctx context.Context, w *writer) error {
		if err := w.exec(ctx, `INSERT INTO request (n, number, slip, lock, lock_key) VALUES ($1, $2, $3, $4, $5)`,
			n, p.Slip.Number, p.Slip.ID[:], p.Capsule.Index[:], p.Capsule.Public); err != nil {
			return fmt.Errorf("file %s: %w", p.Record.Kind, err)
		}
		if err := w.putCapsule(ctx, &p.Capsule); err != nil {
			return err
		}
		if err := more(ctx, w); err != nil {
			return err
		}
		return w.append(ctx, p.Record)
	})
}

// putRequest stores the number of a filed form, of whatever action, with the lock and
// the capsule of its paper.
func (w *writer) putRequest(ctx context.Context, p *kiosk.Paperwork) error {
	n, err := runningPart(p.Slip.Number)
	if err != nil {
		return err
	}
	if err := w.exec(ctx, `INSERT INTO request (n, number, slip, lock, lock_key) VALUES ($1, $2, $3, $4, $5)`,
		n, p.Slip.Number, p.Slip.ID[:], p.Capsule.Index[:], p.Capsule.Public); err != nil {
		return fmt.Errorf("file %s: %w", p.Slip.Action, err)
	}
	return w.putCapsule(ctx, &p.Capsule)
}

// runningPart reads the count at the end of a request number.
func runningPart(number string) (int64, error) {
	n, err := strconv.ParseInt(number[strings.LastIndexByte(number, '-')+1:], 10, 64)
	if err != nil {
		return 0, kiosk.Errorf(kiosk.CodeInvalid, "error.number", "request number %q: %w", number, err)
	}
	return n, nil
}
