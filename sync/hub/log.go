package hub

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Stations lists the booths, worst first: those in trouble, then those furthest
// behind, then those that were not heard of for longest; revoked ones at the end.
func (h *Hub) Stations(ctx context.Context) (list []kiosk.Station, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = tx.Stations(ctx)
		return err
	})
	slices.SortStableFunc(list, func(a, b kiosk.Station) int {
		return cmp.Or(first(b.Revoked, a.Revoked), first(a.LastError != "", b.LastError != ""),
			cmp.Compare(b.Behind, a.Behind), a.LastContact.Compare(b.LastContact), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Kinds lists the kinds of record that the log holds, by name.
func (h *Hub) Kinds(ctx context.Context) (kinds []kiosk.Kind, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		kinds, err = tx.Kinds(ctx)
		return err
	})
	return kinds, err
}

// maxLog is how many entries one page of the log may have.
const maxLog = 5000

// Log returns a page of the log, without headers.
func (h *Hub) Log(ctx context.Context, q kiosk.LogQuery) ([]kiosk.Entry, error) {
	full, err := h.page(ctx, q)
	entries := make([]kiosk.Entry, len(full))
	for i := range full {
		entries[i] = full[i].Entry
		entries[i].Header = nil
	}
	return entries, err
}

// Export walks over everything that the query matches, oldest first, from
// q.After on. It reads page by page, so that neither memory nor the store is held
// up by a slow reader. q.Limit is ignored.
func (h *Hub) Export(ctx context.Context, q kiosk.LogQuery) iter.Seq2[kiosk.Entry, error] {
	return func(yield func(kiosk.Entry, error) bool) {
		q.Backward, q.Limit = false, 500
		for {
			page, err := h.Log(ctx, q)
			for _, e := range page {
				q.After = e.Pos
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(kiosk.Entry{}, err)
				return
			}
			if len(page) < q.Limit {
				return
			}
		}
	}
}

// Entry returns one record in full. The error has CodeNotFound.
func (h *Hub) Entry(ctx context.Context, pos int64) (e kiosk.Entry, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		row, err := tx.Row(ctx, pos)
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.record", "there is no record %d", pos)
		}
		if err != nil {
			return err
		}
		f, err := read(row)
		if err != nil {
			return err
		}
		one := []stored{f}
		err = complete(ctx, tx, one)
		e = one[0].Entry
		return err
	})
	return e, err
}

// stored is an entry with what only pulls and opening need.
type stored struct {
	kiosk.Entry
	factsBytes, factsSalt []byte // the first only where Facts are others
	sealed, sealedSalt    []byte
	header                kiosk.Header
}

// page reads a page of the log.
func (h *Hub) page(ctx context.Context, q kiosk.LogQuery) (out []stored, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, maxLog)
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Log(ctx, q)
		if err != nil {
			return err
		}
		out = make([]stored, len(rows))
		for i, row := range rows {
			if out[i], err = read(row); err != nil {
				return err
			}
		}
		return complete(ctx, tx, out)
	})
	return out, err
}

// complete adds to records what does not stand in them: the booth's name, and when
// they were written.
func complete(ctx context.Context, tx *sqldb.Tx, page []stored) error {
	booths := map[string]sqldb.Booth{}
	for i := range page {
		b, ok := booths[page[i].Booth]
		if !ok {
			var err error
			if b, err = tx.Booth(ctx, page[i].Booth); err != nil {
				return err
			}
			booths[b.ID] = b
		}
		page[i].Name = b.Name
	}
	return date(ctx, tx, page, func(booth string) time.Time { return sqldb.Time(booths[booth].Created) })
}

// read turns a stored row into an entry. Parts that do not match their commitment
// are left out: what the header does not vouch for is not shown as the booth's word.
func read(row sqldb.Row) (stored, error) {
	r, _, err := wire.ReadRecord(row.Raw)
	if err != nil {
		return stored{}, fmt.Errorf("stored record %d: %w", row.Pos, err)
	}
	h, err := kiosk.DecodeHeader(r.Header)
	if err != nil {
		return stored{}, fmt.Errorf("stored record %d: %w", row.Pos, err)
	}
	s := stored{header: h, Entry: kiosk.Entry{Pos: row.Pos, Booth: h.Booth, Epoch: h.Epoch, Lane: h.Lane, Seq: h.Seq, ID: h.ID,
		Kind: kiosk.Kind(row.Kind), Ref: hex.EncodeToString(h.Ref), Wall: printable(h.Wall()), Clock: h.ClockState,
		Received: sqldb.Time(row.Received), Header: r.Header}}
	if r.Facts != nil && bytes.Equal(kiosk.Commit("facts", r.FactsSalt, r.Facts), h.FactsCommit) {
		s.Facts, s.factsSalt = asJSON(r.Facts), r.FactsSalt
		if !compact(r.Facts) {
			s.factsBytes = r.Facts
		}
	}
	if r.Sealed != nil && bytes.Equal(kiosk.Commit("sealed", r.SealedSalt, r.Sealed), h.SealedCommit) {
		s.sealed, s.sealedSalt, s.Sealed = r.Sealed, r.SealedSalt, true
	}
	return s, nil
}

// asJSON returns facts as they are, or as one JSON string where they are not JSON.
func asJSON(facts []byte) []byte {
	if json.Valid(facts) && utf8.Valid(facts) {
		return facts
	}
	b, err := json.Marshal(string(facts))
	if err != nil {
		return nil
	}
	return b
}

// compact reports whether a line of NDJSON shows the facts byte for byte.
func compact(facts []byte) bool {
	var b bytes.Buffer
	return utf8.Valid(facts) && json.Compact(&b, facts) == nil && bytes.Equal(b.Bytes(), facts)
}

// printable keeps a wall clock within the years that RFC 3339 can write.
func printable(t time.Time) time.Time {
	switch {
	case t.Year() < 0:
		return time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return t
}
