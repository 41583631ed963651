package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// What was filed arrives with the capsule that its paper opens. Some seconds after it
// was stored the hub seals the next version to the same paper: the city has it, and how
// far it is. It needs no code for that, and cannot read what it has sealed. In the same
// transaction it publishes what it sealed, so that every booth opens the paper.

// capsuleEvery is how often the hub looks for papers to answer.
const capsuleEvery = 2 * time.Second

// capsuleFacts is what the records that bring a capsule say: those that file something,
// and slip.reissued.
type capsuleFacts struct {
	Service string       `json:"service"`
	Action  kiosk.Action `json:"action"`
	Number  string       `json:"number"`
	Route   string       `json:"route"`
	Capsule []byte       `json:"capsule"`
}

// paperKinds are the kinds of records that papers are answered after: what was filed, a
// paper that took another's place, what was said by a paper.
func paperKinds() []kiosk.Kind {
	return slices.Concat(kiosk.FilingKinds(), kiosk.RelayedKinds(), []kiosk.Kind{kiosk.KindSlipReissued}, kiosk.SayKinds())
}

// AnswerCapsules seals the city's answer to every paper that came since it was last
// called, and returns to how many; it makes a case of what was filed, and does to it
// what was said. Run does so. Whoever calls it at the same time does the same work once
// more, to the same end.
func (h *Hub) AnswerCapsules(ctx context.Context) (answered int, err error) {
	for {
		n, more, err := h.answerSome(ctx)
		answered += n
		if err != nil || !more {
			return answered, err
		}
	}
}

// keepPapers answers papers until ctx ends: one hub for all.
func (h *Hub) keepPapers(ctx context.Context) {
	every(ctx, capsuleEvery, func() {
		_, err := h.db.Lead(ctx, sqldb.JobPapers, func(ctx context.Context) error {
			_, err := h.AnswerCapsules(ctx)
			return errors.Join(err, h.MoveCases(ctx), h.publishKeys(ctx))
		})
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "papers not answered", "error", err)
		}
	})
}

// papersCursor is where the hub notes how far it has answered papers.
const papersCursor = "papers"

// answerSome takes the next records, in the city's order.
func (h *Hub) answerSome(ctx context.Context) (answered int, more bool, err error) {
	const limit, size = 100, 4 << 20 // the store has one writer, and sealing takes a while
	var page []stored
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		at, err := tx.Meta(ctx, papersCursor)
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		after, _ := strconv.ParseInt(at, 10, 64) // none yet: from the beginning
		var queries []kiosk.LogQuery
		for _, kind := range paperKinds() {
			queries = append(queries, kiosk.LogQuery{Kind: kind, After: after})
		}
		rows, behind, err := gather(ctx, tx, queries, limit, size)
		if err != nil {
			return err
		}
		more, page = behind, make([]stored, len(rows))
		for i := range rows {
			if page[i], err = read(rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(page) == 0 {
		return 0, false, err
	}
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		answered = 0 // an earlier run of this was rolled back
		out := &outbox{}
		for i := range page {
			ok, err := h.takePaper(ctx, tx, &page[i], out)
			if err != nil {
				return err
			}
			if ok {
				answered++
			}
		}
		if err := h.publishAll(ctx, tx, out); err != nil {
			return err
		}
		return tx.SetMeta(ctx, papersCursor, strconv.FormatInt(page[len(page)-1].Pos, 10))
	})
	if err == nil {
		h.wake(ctx)
	}
	return answered, more, err
}

// takePaper does what one record says, and reports whether it brought a paper that was
// answered.
func (h *Hub) takePaper(ctx context.Context, tx *sqldb.Tx, s *stored, out *outbox) (bool, error) {
	switch deed, said := kiosk.DeedOf(s.Kind); {
	case said:
		return false, h.hear(ctx, tx, s, deed, out)
	case s.Kind == kiosk.KindSlipReissued:
		return h.answerReprint(ctx, tx, s, out)
	case slices.Contains(kiosk.RelayedKinds(), s.Kind):
		relay(s, out)
		return false, nil
	}
	return h.openCase(ctx, tx, s, out)
}

// relay lets a capsule be published as its booth sealed it: booths check its signature
// with the keys that the hub publishes, and take only a newer version.
func relay(s *stored, out *outbox) {
	f, c, ok := readPaper(s)
	if ok {
		out.add(kiosk.Item{Feed: kiosk.FeedCases, Type: kiosk.ItemCapsule, ID: c.Index.String(), Op: kiosk.ItemPut, Body: f.Capsule}, s.ID)
	}
}

// readPaper reads the capsule that a record brings. ok is false where there is none that
// could be answered: it was erased, or written before there were any. That the booth
// wrote it is known from the batch that it came in.
func readPaper(s *stored) (f capsuleFacts, c kiosk.Capsule, ok bool) {
	if json.Unmarshal(s.Facts, &f) != nil || f.Number == "" || len(f.Capsule) == 0 {
		return f, c, false
	}
	c, err := kiosk.ParseCapsule(f.Capsule)
	return f, c, err == nil && c.Purpose == kiosk.PurposeReceipt && c.Signer == s.Booth && c.Suite == kiosk.SuiteX25519
}

// answerReprint lets the newer paper of a filing open what the older one did; the older
// one is void.
func (h *Hub) answerReprint(ctx context.Context, tx *sqldb.Tx, s *stored, out *outbox) (bool, error) {
	f, paper, ok := readPaper(s)
	if !ok {
		return false, nil
	}
	row, err := tx.CaseByNumber(ctx, s.Booth, f.Number)
	if errors.Is(err, sqldb.ErrNoRow) {
		return false, nil
	}
	if err != nil || row.Face.Ending == kiosk.EndErased {
		return false, err
	}
	old, err := tx.Capsule(ctx, s.Booth, f.Number)
	if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
		return false, err
	}
	ok, err = h.sealFace(ctx, tx, &row, kiosk.Lock{Index: paper.Index, Public: paper.Public}, paper.Version+1, s.Pos, out)
	if ok && old.Lock != paper.Index && !old.Lock.IsZero() {
		out.add(kiosk.Item{Feed: kiosk.FeedCases, Type: kiosk.ItemCapsule, ID: old.Lock.String(), Op: kiosk.ItemDel}, row.Record)
	}
	return ok, err
}

// outbox is what a transaction publishes at its end, the last word on each thing only:
// so that the feed is held for as short as can be.
type outbox struct {
	items []Published
}

func (o *outbox) add(i kiosk.Item, record kiosk.ID) {
	o.items = slices.DeleteFunc(o.items, func(p Published) bool { return p.Feed == i.Feed && p.Type == i.Type && p.ID == i.ID })
	o.items = append(o.items, Published{Item: i, Record: record})
}

// publishAll publishes the outbox.
func (h *Hub) publishAll(ctx context.Context, tx *sqldb.Tx, o *outbox) error {
	if len(o.items) == 0 {
		return nil
	}
	return h.PublishIn(ctx, tx, o.items...)
}

// sealFace seals what the city says of a filing to its paper, as that version, and lets
// it be published. It reports false where the paper is none, or something newer was
// sealed to it.
func (h *Hub) sealFace(ctx context.Context, tx *sqldb.Tx, row *sqldb.Case, lock kiosk.Lock, version uint64, pos int64, out *outbox) (bool, error) {
	f := kiosk.Filing{Service: row.Service, Number: row.Number, Action: row.Action, State: kiosk.FilingReceived, At: sqldb.Time(row.Received), Case: &row.Face}
	if row.Ref != kiosk.ID(lock.Index) { // else it has no alias
		f.Ref = row.Ref
	}
	answer, err := f.Seal(lock, version, kiosk.SignerHub, h.keys.now.Load().sign)
	if kiosk.CodeOf(err) == kiosk.CodeInvalid {
		return false, nil // its key is none
	}
	if err != nil {
		return false, err
	}
	c := sqldb.Capsule{Booth: row.Booth, Number: row.Number, Lock: kiosk.ID(lock.Index), Service: row.Service, Received: row.Received, Pos: pos, Version: version}
	if c.Bytes, err = answer.Bytes(); err != nil {
		return false, err
	}
	ok, err := tx.SaveCapsule(ctx, c)
	if ok {
		out.add(kiosk.Item{Feed: kiosk.FeedCases, Type: kiosk.ItemCapsule, ID: c.Lock.String(), Op: kiosk.ItemPut, Body: c.Bytes}, row.Record)
	}
	return ok, err
}

// Capsule returns what the last paper of a request opens. The error has CodeNotFound.
func (h *Hub) Capsule(ctx context.Context, booth, number string) (kiosk.Capsule, error) {
	var c sqldb.Capsule
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = tx.Capsule(ctx, booth, number)
		return err
	})
	if errors.Is(err, sqldb.ErrNoRow) {
		return kiosk.Capsule{}, kiosk.Errorf(kiosk.CodeNotFound, "error.paper", "no capsule of request %s of booth %s", number, booth)
	}
	if err != nil {
		return kiosk.Capsule{}, fmt.Errorf("read capsule: %w", err)
	}
	return kiosk.ParseCapsule(c.Bytes)
}
