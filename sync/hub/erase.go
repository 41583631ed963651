package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Erasing a record takes away what it said: facts, sealed bytes and both salts, where
// it is stored, where a fork of it was set aside, in the items that were made from it,
// and at the booth that wrote it. Its header stays, so that the proofs of its stream
// hold; without the salts its commitments tell nothing. The record's place is noted,
// in the database and in a list beside it: whoever brings the body again, a resend,
// a stick, a backup, it is not taken.

// Erased says what an erasure did.
type Erased struct {
	Pos   int64 // 0 = the record is not stored here now
	Booth string
	At    kiosk.RecordAt
}

// Erase erases the record with that position in the log or that id. The errors have
// CodeInvalid (no reason), CodeNotFound, CodeConflict (it is erased already), and
// CodeUnavailable where all is done but the journal is still being read: it is then
// emptied later.
func (h *Hub) Erase(ctx context.Context, record, reason string) (Erased, error) {
	if utf8.RuneCountInString(reason) < minReason {
		return Erased{}, kiosk.Errorf(kiosk.CodeInvalid, "error.reason", "say why the record is erased, in %d characters at least", minReason)
	}
	row, header, err := h.find(ctx, record)
	if err != nil {
		return Erased{}, err
	}
	e := sqldb.Erasure{Booth: header.Booth, Record: header.ID, When: sqldb.Millis(h.now()),
		At: kiosk.RecordAt{Stream: kiosk.Stream{Epoch: header.Epoch, Lane: header.Lane}, Seq: header.Seq}}
	if err := h.erased.add(e); err != nil { // first, so that a power cut finds it there
		return Erased{}, err
	}
	err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		fresh, err := h.eraseIn(ctx, tx, e)
		if err == nil && !fresh {
			err = kiosk.Errorf(kiosk.CodeConflict, "error.erased", "record %d was erased before", row.Pos)
		}
		return errors.Join(err, tx.SetMeta(ctx, metaScrub, "due"), tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "record_erased",
			Object: fmt.Sprintf("record %d", row.Pos), Reason: reason}))
	})
	if err != nil {
		return Erased{}, err
	}
	h.wake(ctx)
	return Erased{Pos: row.Pos, Booth: e.Booth, At: e.At}, h.scrub(ctx)
}

// metaScrub says that something erased may still stand in the database's journal.
const metaScrub = "scrub"

// scrub empties the journal after erasures.
func (h *Hub) scrub(ctx context.Context) error {
	if err := h.db.Scrub(ctx); err != nil {
		return err
	}
	return h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.SetMeta(ctx, metaScrub, "") })
}

// tidyFeeds empties the journal where an erasure could not, and compacts the feeds.
func (h *Hub) tidyFeeds(ctx context.Context) {
	var due string
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if due, err = tx.Meta(ctx, metaScrub); errors.Is(err, sqldb.ErrNoRow) {
			err = nil
		}
		return err
	})
	if err == nil && due != "" {
		err = h.scrub(ctx)
	}
	if err = errors.Join(err, h.CompactFeeds(ctx)); err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "feeds not tidied", "error", err)
	}
}

// find returns the stored record with that position or id.
func (h *Hub) find(ctx context.Context, record string) (row sqldb.Row, header kiosk.Header, err error) {
	id, errID := kiosk.ParseID(record)
	pos, errPos := strconv.ParseInt(record, 10, 63)
	if errID != nil && errPos != nil {
		return row, header, kiosk.Errorf(kiosk.CodeInvalid, "error.id", "record %.40q: give its number in the log or its id of 32 digits", record)
	}
	if errID != nil {
		err = h.db.View(ctx, func(tx *sqldb.Tx) error {
			row, err = tx.Row(ctx, pos)
			return err
		})
		if errors.Is(err, sqldb.ErrNoRow) {
			return row, header, kiosk.Errorf(kiosk.CodeNotFound, "error.record", "there is no record %d", pos)
		}
		if err == nil {
			header, err = headerOf(row)
		}
		return row, header, err
	}
	for q := (kiosk.LogQuery{Limit: 1000}); ; { // ids have no index: this is rare, and may take its time
		var rows []sqldb.Row
		err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
			rows, err = tx.Log(ctx, q)
			return err
		})
		if err != nil {
			return row, header, err
		}
		for _, row := range rows {
			if header, err := headerOf(row); err != nil || header.ID == id {
				return row, header, err
			}
			q.After = row.Pos
		}
		if len(rows) < q.Limit {
			return row, header, kiosk.Errorf(kiosk.CodeNotFound, "error.record", "there is no record %s", id)
		}
	}
}

func headerOf(row sqldb.Row) (kiosk.Header, error) {
	r, _, err := wire.ReadRecord(row.Raw)
	if err != nil {
		return kiosk.Header{}, fmt.Errorf("stored record %d: %w", row.Pos, err)
	}
	return kiosk.DecodeHeader(r.Header)
}

// eraseIn carries an erasure out in the store, and tells the booths. It reports false
// where that has been done before.
func (h *Hub) eraseIn(ctx context.Context, tx *sqldb.Tx, e sqldb.Erasure) (fresh bool, err error) {
	if fresh, err = tx.AddErasure(ctx, e); err != nil || !fresh {
		return fresh, err
	}
	if err := emptyStored(ctx, tx, e); err != nil {
		return true, err
	}
	forks, err := tx.ForksOf(ctx, e.Booth, e.At)
	if err != nil {
		return true, err
	}
	for _, f := range forks {
		raw, err := bodiless(f.Raw)
		if err == nil {
			err = tx.EmptyFork(ctx, e.Booth, e.At, f.Leaf, raw)
		}
		if err != nil {
			return true, err
		}
	}
	if err := h.eraseItems(ctx, tx, e); err != nil {
		return true, err
	}
	return true, h.eraseCase(ctx, tx, e.Record)
}

// emptyStored empties the record where it is stored.
func emptyStored(ctx context.Context, tx *sqldb.Tx, e sqldb.Erasure) error {
	streams, err := tx.Streams(ctx, e.Booth)
	if err != nil {
		return err
	}
	for _, s := range streams {
		if s.Stream != e.At.Stream {
			continue
		}
		pos, err := tx.PosOf(ctx, s, e.At.Seq)
		if errors.Is(err, sqldb.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		row, err := tx.Row(ctx, pos)
		if err != nil {
			return err
		}
		raw, err := bodiless(row.Raw)
		if err != nil {
			return err
		}
		return tx.EmptyRecord(ctx, pos, raw)
	}
	return nil
}

// bodiless returns a stored record without its body.
func bodiless(raw []byte) ([]byte, error) {
	r, _, err := wire.ReadRecord(raw)
	if err != nil {
		return nil, fmt.Errorf("stored record: %w", err)
	}
	return wire.AppendRecord(nil, &kiosk.Record{Header: r.Header}), nil
}

// eraseItems puts a tombstone where an item was made from the record, empties the
// pages that held it, and tells the booth that wrote it.
func (h *Hub) eraseItems(ctx context.Context, tx *sqldb.Tx, e sqldb.Erasure) error {
	rows, err := tx.RecordItems(ctx, e.Record[:])
	if err != nil {
		return err
	}
	items := []kiosk.Item{{Feed: kiosk.BoothFeed(e.Booth), Type: kiosk.ItemRecord, ID: e.At.String()}}
	for _, row := range rows {
		items = append(items, row.Item)
	}
	for _, i := range items {
		tomb := kiosk.Item{Feed: i.Feed, Type: i.Type, ID: i.ID, Op: kiosk.ItemErase}
		if err := h.PublishIn(ctx, tx, Published{Item: tomb}); err != nil {
			return err
		}
		if err := tx.EraseItem(ctx, i.Feed, i.Type, i.ID); err != nil {
			return err
		}
		ver, _, err := tx.FeedVer(ctx, i.Feed)
		if err != nil {
			return err
		}
		if err := tx.AddErasureItem(ctx, e.Record, i.Feed, ver); err != nil {
			return err
		}
	}
	return nil
}

// forget takes the bodies out of those records of a batch that were erased before
// they came, or came again.
func forget(ctx context.Context, tx *sqldb.Tx, c *checked) error {
	erased, err := tx.ErasedIn(ctx, c.Booth, c.Stream, c.First, c.Last)
	if err != nil {
		return err
	}
	for _, seq := range erased {
		i := seq - c.First
		c.Raw[i] = wire.AppendRecord(nil, &kiosk.Record{Header: c.Records[i].Header})
		c.records[i].Raw = c.Raw[i]
	}
	return nil
}

// ErasureReport says how far an erasure has got.
type ErasureReport struct {
	Erased
	Record  kiosk.ID
	When    time.Time
	Reached int             // booths that have carried it out, by their word
	Missing []kiosk.Station // the others, those not heard of for longest first
}

// Erasures reports all erasures, the last first.
func (h *Hub) Erasures(ctx context.Context) (out []ErasureReport, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		all, err := tx.Erasures(ctx)
		if err != nil {
			return err
		}
		stations, err := tx.Stations(ctx)
		if err != nil {
			return err
		}
		reach := map[string]map[kiosk.Feed]uint64{}
		for _, s := range stations {
			if reach[s.ID], err = tx.Reach(ctx, s.ID); err != nil {
				return err
			}
		}
		for _, e := range slices.Backward(all) {
			r := ErasureReport{Erased: Erased{Booth: e.Booth, At: e.At}, Record: e.Record, When: sqldb.Time(e.When)}
			want, err := tx.ErasureItems(ctx, e.Record)
			if err != nil {
				return err
			}
			r.count(want, stations, reach)
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// count finds out which booths must carry the erasure out, and which have.
func (r *ErasureReport) count(want map[kiosk.Feed]uint64, stations []kiosk.Station, reach map[string]map[kiosk.Feed]uint64) {
	for _, s := range stations {
		concerned, done := false, true
		for feed, ver := range want {
			if !feed.ReadBy(s.ID) || (s.Revoked && feed.Owner() == "") || s.EnrolledAt.IsZero() {
				continue
			}
			concerned = true
			done = done && reach[s.ID][feed] >= ver
		}
		switch {
		case concerned && done:
			r.Reached++
		case concerned:
			r.Missing = append(r.Missing, s)
		}
	}
	slices.SortFunc(r.Missing, func(a, b kiosk.Station) int {
		return cmp.Or(a.LastContact.Compare(b.LastContact), cmp.Compare(a.ID, b.ID))
	})
}
