package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// heard is what the records of a batch say of time, in their order.
type heard struct {
	boots   []sqldb.Boot // one for each run of records of a boot
	anchors []heardAnchor
}

type heardAnchor struct {
	index int // of the record
	boot  kiosk.Boot
	kiosk.Anchor
}

// listen takes in one record. sound says that its facts are what the booth wrote.
func (t *heard) listen(g *gist, index int, kind kiosk.Kind, r *kiosk.Record, sound bool) {
	b, since := kiosk.Boot{Count: g.bootCount, ID: g.bootID}, max(0, g.since)
	if n := len(t.boots); n > 0 && t.boots[n-1].Boot == b {
		t.boots[n-1].Last = max(t.boots[n-1].Last, since)
	} else {
		t.boots = append(t.boots, sqldb.Boot{Boot: b, Last: since})
	}
	if kind != kiosk.KindClockAnchored || !sound || r.Facts == nil {
		return
	}
	if a, ok := kiosk.ReadAnchor(r.Facts, b.Count, since); ok {
		t.anchors = append(t.anchors, heardAnchor{index, b, a})
	}
}

// noteTimes stores what the records from index fresh on say of time. An anchor that
// names a time after its own receipt is not true, and is left out.
func noteTimes(ctx context.Context, tx *sqldb.Tx, booth string, s kiosk.Stream, t *heard, fresh int, now int64) error {
	for _, b := range t.boots {
		b.Booth, b.Stream, b.Begin = booth, s, now-b.Last.Milliseconds()
		if err := tx.NoteBoot(ctx, b); err != nil {
			return err
		}
	}
	for _, a := range t.anchors {
		if a.index < fresh || a.True.Add(-a.Unc-kiosk.AnchorSlack).After(sqldb.Time(now)) {
			continue
		}
		if err := tx.NoteAnchor(ctx, booth, a.boot, a.Anchor); err != nil {
			return err
		}
	}
	return nil
}

// bootKey names a boot as records do.
type bootKey struct {
	booth string
	epoch kiosk.ID
	kiosk.Boot
}

// window is the part of a boot that a page of records is of.
type window struct {
	from, to time.Duration
	chain    []boot
	at       int // of the boot in its chain
}

// date works out when each of the records was written. It asks the store once for
// each boot that they are of, and for a boot that nobody told the time in some times
// more. (Measured with pages of 1,000 records of ten boots: an eighth of a pull.)
func date(ctx context.Context, tx *sqldb.Tx, page []stored, created func(booth string) time.Time) error {
	windows, of := map[bootKey]*window{}, make([]*window, len(page))
	for i := range page {
		h, since := &page[i].header, page[i].since()
		if i > 0 && page[i-1].header.BootID == h.BootID && page[i-1].header.Epoch == h.Epoch && page[i-1].Booth == h.Booth &&
			page[i-1].header.BootCount == h.BootCount {
			of[i] = of[i-1]
		} else {
			k := bootKey{h.Booth, h.Epoch, kiosk.Boot{Count: h.BootCount, ID: h.BootID}}
			if windows[k] == nil {
				windows[k] = &window{from: since, to: since}
			}
			of[i] = windows[k]
		}
		of[i].from, of[i].to = min(of[i].from, since), max(of[i].to, since)
	}
	for k, w := range windows {
		if err := w.load(ctx, tx, k); err != nil {
			return err
		}
	}
	for i := range page {
		s := &page[i]
		s.When = place(of[i].chain, of[i].at, moment{since: s.since(), wall: s.Wall, state: s.Clock, received: s.Received, created: created(s.Booth)})
	}
	return nil
}

// since returns how long after the boot the record was written.
func (s *stored) since() time.Duration { return max(0, time.Duration(s.header.BoottimeNS)) }

// load reads the anchors of the boot, and the boots around it where it has no proof.
func (w *window) load(ctx context.Context, tx *sqldb.Tx, k bootKey) error {
	words, err := tx.Anchors(ctx, k.booth, k.Boot, w.from, w.to)
	if err != nil {
		return err
	}
	own := boot{Boot: k.Boot, words: words}
	w.chain, w.at = []boot{own}, 0
	if _, c := own.proven(w.from); c != "" {
		return nil
	}
	rows, err := tx.Boots(ctx, k.booth, k.epoch, k.Count)
	if err != nil {
		return err
	}
	chain, at := make([]boot, 0, len(rows)), -1
	for i, r := range rows {
		if i > 0 && rows[i-1].Count == r.Count {
			return nil // two machines under one name: neither tells of the other
		}
		b := boot{Boot: r.Boot, last: r.Last, begin: sqldb.Time(r.Begin)}
		switch {
		case r.Boot == k.Boot:
			at, b.words = i, words
		case i == 0 || i == len(rows)-1:
			side := r.Last // its end, where it comes before
			if r.Count > k.Count {
				side = 0
			}
			if b.words, err = tx.Anchors(ctx, k.booth, r.Boot, side, side); err != nil {
				return err
			}
		}
		chain = append(chain, b)
	}
	if at >= 0 {
		w.chain, w.at = chain, at
	}
	return nil
}

// timesMade is the name under which the store says that its boots and anchors were
// made of all its records, by which version.
const timesMade = "times"

// RemakeTimes makes the boots and anchors of the records that the store held before
// it kept them, or kept them in another way, and returns of how many records. Run
// calls it.
func (h *Hub) RemakeTimes(ctx context.Context) (records int, err error) {
	const version = "1"
	var have string
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		have, err = tx.Meta(ctx, timesMade)
		return err
	})
	if have == version || (err != nil && !errors.Is(err, sqldb.ErrNoRow)) {
		return 0, err
	}
	for after := int64(0); ; {
		var rows []sqldb.Row
		err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
			rows, err = tx.Log(ctx, kiosk.LogQuery{After: after, Limit: 1000})
			return err
		})
		if err != nil {
			return records, err
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].Pos
		records += len(rows)
		if err := h.db.Update(ctx, func(tx *sqldb.Tx) error { return relisten(ctx, tx, rows) }); err != nil {
			return records, err
		}
	}
	return records, h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.SetMeta(ctx, timesMade, version) })
}

// relisten notes what stored records say of time.
func relisten(ctx context.Context, tx *sqldb.Tx, rows []sqldb.Row) error {
	for _, row := range rows {
		r, _, err := wire.ReadRecord(row.Raw)
		if err != nil {
			return err
		}
		g, err := gistOf(r.Header)
		if err != nil {
			return err
		}
		var t heard
		sound := judge(&g, row.Kind, &r) == "" && json.Valid(r.Facts)
		t.listen(&g, 0, kiosk.Kind(row.Kind), &r, sound)
		if err := noteTimes(ctx, tx, string(g.booth), kiosk.Stream{Epoch: g.epoch, Lane: g.lane}, &t, 0, row.Received); err != nil {
			return err
		}
	}
	return nil
}
