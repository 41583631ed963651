package hub

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// answer is what the hub says to a request.
type answer struct {
	status  int
	message any
}

func problem(status int, p wire.Problem) answer { return answer{status, &p} }

// accept takes a checked batch into the store, by these rules:
//
//  1. What the hub has with the same bytes, it has already: it says so again.
//  2. Other bytes under a known seq, or another tree, are a fork: two books write
//     one stream. The stream is frozen, its records are set aside whole from then
//     on, and somebody is told. What was stored before stays as it is.
//  3. A gap is answered with the seq that is wanted next.
//  4. The rest is appended, if the tree has then the root that the booth signed.
func (h *Hub) accept(ctx context.Context, tx *sqldb.Tx, c *checked) (answer, error) {
	now := sqldb.Millis(h.now())
	if err := tx.NoteContact(ctx, c.Booth, now); err != nil {
		return answer{}, err
	}
	s, err := tx.LockStream(ctx, c.Booth, c.Stream)
	if err != nil {
		return answer{}, err
	}
	if c.First > s.Head+1 && s.Frozen == 0 {
		return problem(http.StatusConflict, wire.Problem{Trouble: wire.TroubleNeed, Need: s.Head + 1, HubTimeMS: now}), nil
	}
	if err := forget(ctx, tx, c); err != nil {
		return answer{}, err
	}
	tree, ok := readEdge(s.Head, s.Edge)
	if !ok {
		return answer{}, fmt.Errorf("stream %d of booth %s: its tree does not belong to %d records", s.ID, s.Booth, s.Head)
	}
	same, err := agrees(ctx, tx, s, c)
	if err != nil {
		return answer{}, err
	}
	if !same || (s.Frozen != 0 && c.Last > s.Head) {
		return h.fork(ctx, tx, s, c, now)
	}
	if c.Last > s.Head {
		fresh := int(s.Head + 1 - c.First)
		for _, leaf := range c.leaves[fresh:] {
			tree.add(leaf)
		}
		if tree.root() != c.Root {
			return h.fork(ctx, tx, s, c, now)
		}
		if err := h.append(ctx, tx, &s, c, fresh, now); err != nil {
			return answer{}, err
		}
		s.Head, s.Edge = c.Last, tree.bytes()
		if err := tx.SaveStream(ctx, s); err != nil {
			return answer{}, err
		}
	}
	root := tree.root()
	return answer{http.StatusOK, &wire.Ack{Acked: s.Head, Root: root[:], HubTimeMS: now}}, nil
}

// agrees reports whether those records of the batch that are stored are the same.
// It compares headers: they commit to the rest, and a body that was erased on one
// of the two sides must not come back.
func agrees(ctx context.Context, tx *sqldb.Tx, s sqldb.Stream, c *checked) (bool, error) {
	last := min(c.Last, s.Head)
	if c.First > last {
		return true, nil
	}
	stored, err := tx.Stored(ctx, s.ID, c.First, last)
	if err != nil {
		return false, err
	}
	if uint64(len(stored)) != last-c.First+1 {
		return false, fmt.Errorf("booth %s: %d records are stored from %d to %d", s.Booth, len(stored), c.First, last)
	}
	for i, raw := range stored {
		r, _, err := wire.ReadRecord(raw)
		if err != nil {
			return false, fmt.Errorf("booth %s: stored record %d: %w", s.Booth, c.First+uint64(i), err)
		}
		if !bytes.Equal(r.Header, c.Records[i].Header) {
			return false, nil
		}
	}
	return true, nil
}

// append stores the records from index fresh on, and notes those that are strange.
func (h *Hub) append(ctx context.Context, tx *sqldb.Tx, s *sqldb.Stream, c *checked, fresh int, now int64) error {
	pos, err := tx.AppendBatch(ctx, &sqldb.Batch{Booth: c.Booth, Lane: c.Stream.Lane, Stream: s.ID, First: c.First + uint64(fresh),
		Received: now, Root: c.Root[:], Records: c.records[fresh:]})
	if err != nil {
		return err
	}
	for _, q := range c.strange {
		if q.index < fresh {
			continue
		}
		if err := tx.Quarantine(ctx, pos+int64(q.index-fresh), q.reason, h.version); err != nil {
			return err
		}
	}
	return nil
}

// fork freezes the stream and sets the whole batch aside.
func (h *Hub) fork(ctx context.Context, tx *sqldb.Tx, s sqldb.Stream, c *checked, now int64) (answer, error) {
	if s.Frozen == 0 {
		s.Frozen = now
		if err := tx.SaveStream(ctx, s); err != nil {
			return answer{}, err
		}
		h.log.ErrorContext(ctx, "fork found and stream frozen", "booth", s.Booth, "epoch", s.Stream.Epoch, "lane", s.Stream.Lane,
			"head", s.Head, "first", c.First, "last", c.Last)
	}
	aside := make([]sqldb.Fork, len(c.Records))
	for i := range aside {
		aside[i] = sqldb.Fork{Seq: c.First + uint64(i), Leaf: c.leaves[i][:], Raw: c.Raw[i]}
	}
	if err := tx.AddForks(ctx, s, now, aside); err != nil {
		return answer{}, err
	}
	reason := fmt.Sprintf("fork: two books write the %s lane; records %d to %d were set aside", s.Stream.Lane, c.First, c.Last)
	if err := tx.NoteError(ctx, s.Booth, reason, now); err != nil {
		return answer{}, err
	}
	return problem(http.StatusConflict, wire.Problem{Trouble: wire.TroubleFork, Detail: reason, Kept: c.Last, HubTimeMS: now}), nil
}
