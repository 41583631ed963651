package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// Cases are projected from the log: what was filed makes one, what residents said by
// their papers moves it, in the order of the log and each record once. What the city
// does to a case is done here. Every change is appended to what happened to the case,
// and seals the next version to its paper.

// openCase makes a case of what was filed and answers its paper. A request begins to
// walk its steps; of anything else only its paper and the wishes about its data are
// kept.
func (h *Hub) openCase(ctx context.Context, tx *sqldb.Tx, s *stored, out *outbox) (bool, error) {
	f, paper, ok := readPaper(s)
	if !ok {
		return false, nil
	}
	row := sqldb.Case{Ref: refOf(s, paper.Index), Booth: s.Booth, Number: f.Number, Service: f.Service, Action: f.Action, Pos: s.Pos, Record: s.ID,
		Received: sqldb.Millis(s.Received)}
	if row.Action == "" && s.Kind == kiosk.KindRequestFiled {
		row.Action = kiosk.ActionRequest
	}
	for _, find := range []func() (sqldb.Case, error){
		func() (sqldb.Case, error) { return tx.LockCase(ctx, row.Ref) },
		func() (sqldb.Case, error) { return tx.CaseByNumber(ctx, row.Booth, row.Number) },
	} {
		if _, err := find(); err == nil {
			return false, nil // it was here before: a number is given once
		} else if !errors.Is(err, sqldb.ErrNoRow) {
			return false, err
		}
	}
	filed := kiosk.CaseEvent{Deed: kiosk.DeedFiled, At: s.Received, Who: s.Booth, Reason: f.Route, Record: s.ID, Pos: s.Pos}
	if row.Action == kiosk.ActionRequest {
		c, err := row.Face.Apply(filed, h.rules)
		if err != nil {
			return false, err
		}
		row.Face.Case = c
	} else {
		row.Face.Version, row.Face.Since = 1, s.Received
		row.Face.Owner, row.Face.Level = kiosk.OfficeOf(f.Route)
	}
	if err := tx.SaveCase(ctx, row); err != nil {
		return false, err
	}
	if _, err := tx.AddCaseEvent(ctx, row.Ref, filed); err != nil {
		return false, err
	}
	waiting, err := tx.TakeWaiting(ctx, row.Ref)
	if err != nil {
		return false, err
	}
	ok, err = h.sealFace(ctx, tx, &row, kiosk.Lock{Index: paper.Index, Public: paper.Public}, paper.Version+1, s.Pos, out)
	if err != nil {
		return false, err
	}
	for _, pos := range waiting {
		said, err := tx.Row(ctx, pos)
		if err != nil {
			return false, err
		}
		one, err := read(said)
		if err != nil {
			return false, err
		}
		deed, _ := kiosk.DeedOf(one.Kind)
		if err := h.hear(ctx, tx, &one, deed, out); err != nil {
			return false, err
		}
	}
	return ok, nil
}

// refOf returns the alias that a record's header gives what it is about; where it gives
// none, the index of its paper stands for it.
func refOf(s *stored, index kiosk.ID) kiosk.ID {
	if len(s.header.Ref) == len(kiosk.ID{}) {
		return kiosk.ID(s.header.Ref)
	}
	return index
}

// saidFacts is what a record says that speaks of a filing.
type saidFacts struct {
	Rating kiosk.Rating `json:"rating"`
	Reason string       `json:"reason"`
}

// hear does what a resident said by a paper. What came after the case had moved on is
// kept, told to the resident, and changes nothing.
func (h *Hub) hear(ctx context.Context, tx *sqldb.Tx, s *stored, deed kiosk.Deed, out *outbox) error {
	if len(s.header.Ref) != len(kiosk.ID{}) {
		return nil
	}
	ref := kiosk.ID(s.header.Ref)
	row, err := tx.LockCase(ctx, ref)
	if errors.Is(err, sqldb.ErrNoRow) {
		return tx.AddWaiting(ctx, s.Pos, ref)
	}
	if err != nil {
		return err
	}
	var f saidFacts
	if s.Facts == nil || json.Unmarshal(s.Facts, &f) != nil {
		return nil // erased, or nothing that could be understood
	}
	e := kiosk.CaseEvent{Deed: deed, At: s.Received, Who: s.Booth, BasedOn: s.header.BasedOn, Rating: f.Rating, Reason: f.Reason, Record: s.ID, Pos: s.Pos}
	c, err := row.Face.Apply(e, h.rules)
	if e.Late = err != nil; !e.Late {
		row.Face.Case = c
	} else {
		row.Face.Version++ // the resident is told
	}
	fresh, err := tx.AddCaseEvent(ctx, ref, e)
	if err != nil || !fresh {
		return err
	}
	row.Face.Hear(kiosk.Heard{Record: s.ID, Late: e.Late})
	return h.settleCase(ctx, tx, &row, out)
}

// settleCase stores a case that has changed and seals it to its paper.
func (h *Hub) settleCase(ctx context.Context, tx *sqldb.Tx, row *sqldb.Case, out *outbox) error {
	if err := tx.SaveCase(ctx, *row); err != nil {
		return err
	}
	old, err := tx.Capsule(ctx, row.Booth, row.Number)
	if errors.Is(err, sqldb.ErrNoRow) {
		return nil // its paper is answered no more
	}
	if err != nil {
		return err
	}
	c, err := kiosk.ParseCapsule(old.Bytes)
	if err != nil {
		return err
	}
	_, err = h.sealFace(ctx, tx, row, kiosk.Lock{Index: c.Index, Public: c.Public}, c.Version+1, old.Pos, out)
	return err
}

// paperLife is how long papers of closed cases are answered: as long as the contact of
// whoever filed it is kept.
const paperLife = 90 * 24 * time.Hour

// MoveCases does what time does to cases: those whose owner let a deadline pass go to
// the next level, those that nobody judges lapse, and the papers of those that were
// closed long ago are forgotten everywhere. Run does so: one hub for all.
func (h *Hub) MoveCases(ctx context.Context) error {
	for {
		moved, err := h.moveSome(ctx)
		if err != nil || moved == 0 {
			return err
		}
	}
}

func (h *Hub) moveSome(ctx context.Context) (moved int, err error) {
	const limit = 100
	now := h.now()
	idle := true
	err = h.db.View(ctx, func(tx *sqldb.Tx) error { // most of the time there is nothing to write
		due, err := tx.HasDueCases(ctx, sqldb.Millis(now), sqldb.Millis(now.Add(-paperLife)))
		idle = !due
		return err
	})
	if err != nil || idle {
		return 0, err
	}
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		moved = 0
		out := &outbox{}
		due, err := tx.DueCases(ctx, sqldb.Millis(now), limit)
		if err != nil {
			return err
		}
		for i := range due {
			e := kiosk.CaseEvent{Deed: kiosk.DeedEscalated, At: now, Who: "hub"}
			if due[i].Face.Step == kiosk.StepRate {
				e.Deed = kiosk.DeedLapsed
			}
			if err := h.doTo(ctx, tx, &due[i], e, out); err != nil {
				return err
			}
			moved++
		}
		ended, err := tx.EndedCases(ctx, sqldb.Millis(now.Add(-paperLife)), limit)
		if err != nil {
			return err
		}
		for i := range ended {
			if err := forgetPaper(ctx, tx, &ended[i], out); err != nil {
				return err
			}
			moved++
		}
		return h.publishAll(ctx, tx, out)
	})
	if err == nil && moved > 0 {
		h.wake(ctx)
	}
	return moved, err
}

// forgetPaper lets every booth forget what a paper opens.
func forgetPaper(ctx context.Context, tx *sqldb.Tx, row *sqldb.Case, out *outbox) error {
	c, err := tx.Capsule(ctx, row.Booth, row.Number)
	if err != nil {
		return err
	}
	out.add(kiosk.Item{Feed: kiosk.FeedCases, Type: kiosk.ItemCapsule, ID: c.Lock.String(), Op: kiosk.ItemErase}, row.Record)
	return tx.DropCapsule(ctx, row.Booth, row.Number)
}

// doTo does something to a case, and lets its paper say so.
func (h *Hub) doTo(ctx context.Context, tx *sqldb.Tx, row *sqldb.Case, e kiosk.CaseEvent, out *outbox) error {
	c, err := row.Face.Apply(e, h.rules)
	if err != nil {
		return err
	}
	row.Face.Case = c
	if len(e.Text) > 0 {
		row.Face.Say(kiosk.CaseWord{Deed: e.Deed, At: e.At, Text: e.Text})
	}
	if _, err := tx.AddCaseEvent(ctx, row.Ref, e); err != nil {
		return err
	}
	return h.settleCase(ctx, tx, row, out)
}

// eraseCase takes out of a case what was said, after the record that filed it was erased.
// The record's items, with its paper, are gone by then.
func (h *Hub) eraseCase(ctx context.Context, tx *sqldb.Tx, record kiosk.ID) error {
	row, err := tx.CaseOfRecord(ctx, record)
	if errors.Is(err, sqldb.ErrNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	e := kiosk.CaseEvent{Deed: kiosk.DeedErased, At: h.now(), Who: actor(ctx)}
	c, err := row.Face.Apply(e, h.rules)
	if kiosk.CodeOf(err) == kiosk.CodeConflict {
		return nil // it was before
	}
	if err != nil {
		return err
	}
	row.Face = kiosk.CaseFace{Case: c, Heard: row.Face.Heard}
	if _, err := tx.AddCaseEvent(ctx, row.Ref, e); err != nil {
		return err
	}
	return errors.Join(tx.SilenceCase(ctx, row.Ref), tx.SaveCase(ctx, row), tx.DropCapsule(ctx, row.Booth, row.Number))
}
