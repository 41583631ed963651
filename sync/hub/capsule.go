package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// A request arrives with the capsule that its paper opens. Some seconds after it was
// stored the hub seals the next version to the same paper: the city has it, since
// then. It needs no code for that, and cannot read what it has sealed.

// capsuleEvery is how often the hub looks for papers to answer.
const capsuleEvery = 2 * time.Second

// capsuleFacts is what the records that bring a capsule say, request.filed and
// slip.reissued alike.
type capsuleFacts struct {
	Service string `json:"service"`
	Number  string `json:"number"`
	Capsule []byte `json:"capsule"`
}

// AnswerCapsules seals the city's answer to every paper that came since it was last
// called, and returns to how many. Run does so. Whoever calls it at the same time
// does the same work once more, to the same end.
func (h *Hub) AnswerCapsules(ctx context.Context) (answered int, err error) {
	// A request before its reprints: they are of no use without it.
	for _, kind := range []kiosk.Kind{kiosk.KindRequestFiled, kiosk.KindSlipReissued} {
		for {
			n, more, err := h.answerSome(ctx, kind)
			answered += n
			if err != nil {
				return answered, err
			}
			if !more {
				break
			}
		}
	}
	return answered, nil
}

// keepPapers answers papers until ctx ends: one hub for all.
func (h *Hub) keepPapers(ctx context.Context) {
	every(ctx, capsuleEvery, func() {
		_, err := h.db.Lead(ctx, sqldb.JobPapers, func(ctx context.Context) error {
			_, err := h.AnswerCapsules(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "papers not answered", "error", err)
		}
	})
}

// answerSome takes the next records of a kind, behind a cursor that the store keeps.
func (h *Hub) answerSome(ctx context.Context, kind kiosk.Kind) (answered int, more bool, err error) {
	const limit = 100 // the store has one writer, and sealing takes a while
	cursor := "capsules." + string(kind)
	var page []stored
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		at, err := tx.Meta(ctx, cursor)
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		after, _ := strconv.ParseInt(at, 10, 64) // none yet: from the beginning
		rows, err := tx.Log(ctx, kiosk.LogQuery{Kind: kind, After: after, Limit: limit})
		if err != nil {
			return err
		}
		page = make([]stored, len(rows))
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
		for i := range page {
			ok, err := h.answerPaper(ctx, tx, &page[i])
			if err != nil {
				return err
			}
			if ok {
				answered++
			}
		}
		return tx.SetMeta(ctx, cursor, strconv.FormatInt(page[len(page)-1].Pos, 10))
	})
	return answered, len(page) == limit, err
}

// answerPaper answers one paper. A record without a capsule that could be answered is
// passed over: it was erased, or written before there were any. That the booth wrote
// it is known from the batch that it came in.
func (h *Hub) answerPaper(ctx context.Context, tx *sqldb.Tx, s *stored) (bool, error) {
	var f capsuleFacts
	if json.Unmarshal(s.Facts, &f) != nil || f.Number == "" || len(f.Capsule) == 0 {
		return false, nil
	}
	old, err := kiosk.ParseCapsule(f.Capsule)
	if err != nil || old.Purpose != kiosk.PurposeReceipt || old.Signer != s.Booth || old.Suite != kiosk.SuiteX25519 {
		return false, nil
	}
	c := sqldb.Capsule{Booth: s.Booth, Number: f.Number, Lock: old.Index, Service: f.Service, Received: sqldb.Millis(s.Received), Pos: s.Pos}
	if s.Kind == kiosk.KindSlipReissued {
		filed, err := tx.Capsule(ctx, s.Booth, f.Number)
		if errors.Is(err, sqldb.ErrNoRow) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		c.Service, c.Received = filed.Service, filed.Received
	}
	answer, err := kiosk.Filing{Service: c.Service, Number: c.Number, State: kiosk.FilingReceived, At: sqldb.Time(c.Received)}.
		Seal(kiosk.Lock{Index: old.Index, Public: old.Public}, old.Version+1, kiosk.SignerHub, h.keys.now.Load().sign)
	if kiosk.CodeOf(err) == kiosk.CodeInvalid {
		return false, nil // its key is none
	}
	if err != nil {
		return false, err
	}
	c.Version = answer.Version
	if c.Bytes, err = answer.Bytes(); err != nil {
		return false, err
	}
	return true, tx.SaveCapsule(ctx, c)
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
