package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
)

// mostLookups bounds how many records are looked for one by one, where reading in
// order came to a page that makes no sense.
const mostLookups = 50_000

// place is a record's key in the book.
type place struct {
	n    int64
	lane kiosk.Lane
}

// records takes over the headers and bodies that prove themselves.
func (r *rebuild) records(ctx context.Context) error {
	const headers = `SELECT epoch, lane, seq, header, hashes FROM record`
	take := func(rows *sql.Rows) error { return r.takeHeader(ctx, rows) }
	if r.both(ctx, headers, `epoch %[1]s, lane %[1]s, seq %[1]s`, take) {
		err := r.missing(ctx, `SELECT 1 FROM record WHERE epoch = $1 AND lane = $2 AND seq = $3`, func(p place, seq uint64) error {
			return r.each(ctx, headers+` WHERE epoch = $1 AND lane = $2 AND seq = $3`, take, p.n, p.lane, int64(seq))
		})
		if err != nil {
			return err
		}
	}
	const bodies = `SELECT epoch, lane, seq, facts, facts_salt, sealed, sealed_salt FROM body`
	takeBody := func(rows *sql.Rows) error { return r.takeBody(ctx, rows) }
	if !r.both(ctx, bodies, `epoch %[1]s, lane %[1]s, seq %[1]s`, takeBody) {
		return nil
	}
	return r.missing(ctx, `SELECT 1 FROM body WHERE epoch = $1 AND lane = $2 AND seq = $3`, func(p place, seq uint64) error {
		return r.each(ctx, bodies+` WHERE epoch = $1 AND lane = $2 AND seq = $3`, takeBody, p.n, p.lane, int64(seq))
	})
}

// both reads a table from its begin, and from its end where it breaks off. It reports
// whether it broke off. Rows may come twice.
func (r *rebuild) both(ctx context.Context, query, order string, take func(*sql.Rows) error) (broke bool) {
	if err := r.each(ctx, query+` ORDER BY `+fmt.Sprintf(order, "ASC"), take); err == nil {
		return false
	} else {
		r.log.WarnContext(ctx, "damaged table read from both ends", "err", err)
	}
	r.each(ctx, query+` ORDER BY `+fmt.Sprintf(order, "DESC"), take) //nolint:errcheck // it ends where the damage is
	return true
}

// errTable says that a query makes no sense for the damaged book: it does not know the
// table, or a column of it, any more.
var errTable = errors.New("table not known any more")

// each calls take for the rows of a query of the damaged book, as far as they come.
func (r *rebuild) each(ctx context.Context, query string, take func(*sql.Rows) error, args ...any) error {
	rows, err := r.from.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%w: %w", errTable, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// missing calls look for each record of a known stream that the new book has not.
func (r *rebuild) missing(ctx context.Context, have string, look func(place, uint64) error) error {
	left := mostLookups
	for n, id := range r.ids {
		for _, lane := range kiosk.Lanes() {
			p := place{n, lane}
			last, err := r.last(ctx, p, id)
			if err != nil {
				return err
			}
			for seq := uint64(1); seq <= last && left > 0; seq++ {
				var one int
				if r.to.QueryRowContext(ctx, have, p.n, p.lane, int64(seq)).Scan(&one) == nil {
					continue
				}
				left--
				if err := look(p, seq); err != nil && !broken(err) && !errors.Is(err, errTable) {
					return err
				}
			}
		}
	}
	return nil
}

// last returns how far a stream is known to have been.
func (r *rebuild) last(ctx context.Context, p place, id kiosk.ID) (uint64, error) {
	var last uint64
	err := r.to.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM record WHERE epoch = $1 AND lane = $2`, p.n, p.lane).Scan(&last)
	if err != nil {
		return 0, err
	}
	if known := r.witness.known; known != nil && known.Epoch == id {
		last = max(last, known.Last[p.lane])
	}
	return last, nil
}

func (r *rebuild) takeHeader(ctx context.Context, rows *sql.Rows) error {
	var p place
	var v volume
	if err := rows.Scan(&p.n, &p.lane, &v.seq, &v.Header, &v.hashes); err != nil {
		return nil //nolint:nilerr // a row that is no record
	}
	h, err := kiosk.DecodeHeader(v.Header)
	leaf := tlog.RecordHash(v.Header)
	if err != nil || h.Lane != p.lane || h.Seq != v.seq || len(v.hashes)%tlog.HashSize != 0 || !bytes.HasPrefix(v.hashes, leaf[:]) {
		return nil
	}
	if id, ok := r.ids[p.n]; ok && id != h.Epoch {
		return nil
	}
	r.ids[p.n] = h.Epoch
	if err := r.exec(ctx, `INSERT INTO epoch (n, epoch, booth, why) VALUES ($1, $2, $3, 'found') ON CONFLICT DO NOTHING`, p.n, h.Epoch[:], h.Booth); err != nil {
		return err
	}
	return r.exec(ctx, `INSERT INTO record (epoch, lane, seq, header, hashes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		p.n, p.lane, int64(v.seq), v.Header, v.hashes)
}

func (r *rebuild) takeBody(ctx context.Context, rows *sql.Rows) error {
	var p place
	var v volume
	if err := rows.Scan(&p.n, &p.lane, &v.seq, &v.Facts, &v.FactsSalt, &v.Sealed, &v.SealedSalt); err != nil {
		return nil //nolint:nilerr // a row that is no body
	}
	err := r.to.QueryRowContext(ctx, `SELECT header FROM record WHERE epoch = $1 AND lane = $2 AND seq = $3`, p.n, p.lane, int64(v.seq)).Scan(&v.Header)
	if err != nil {
		return nil //nolint:nilerr // no header, no proof
	}
	h, err := kiosk.DecodeHeader(v.Header)
	if err != nil || !v.bodySound(&h) {
		return nil
	}
	return r.exec(ctx, `INSERT INTO body (epoch, lane, seq, facts, facts_salt, sealed, sealed_salt) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		p.n, p.lane, int64(v.seq), v.Facts, v.FactsSalt, v.Sealed, v.SealedSalt)
}
