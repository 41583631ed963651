package hub

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// answer is what the hub says to a request.
type answer struct {
	status  int
	message any
	more    bool // the booth has more to say, and will at once
}

func problem(status int, p wire.Problem) answer { return answer{status: status, message: &p} }

// accept takes a checked batch into the store, by these rules:
//
//  1. What the hub has with the same bytes, it has already: it says so again.
//  2. Other bytes under a known seq, or another tree, are a fork: two books write
//     one stream. The stream is frozen, its records are set aside whole from then
//     on, and somebody is told. What was stored before stays as it is.
//  3. A gap is answered with the seq that is wanted next.
//  4. The rest is appended, if the tree has then the root that the booth signed. The
//     hub's signature comes under the booth's, and the note is kept with the stream.
func (h *Hub) accept(ctx context.Context, tx *sqldb.Tx, c *checked) (answer, error) {
	now := sqldb.Millis(h.now())
	c.pos = 0 // an earlier run of this was rolled back
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
		for _, leaf := range c.leaves[s.Head+1-c.First:] {
			tree.add(leaf)
		}
	}
	if c.Last >= s.Head && tree.root() != c.Root {
		return h.fork(ctx, tx, s, c, now)
	}
	if c.Last > s.Head {
		if err := h.append(ctx, tx, &s, c, now); err != nil {
			return answer{}, err
		}
		s.Head, s.Edge = c.Last, tree.bytes()
		if err := tx.SaveStream(ctx, s); err != nil {
			return answer{}, err
		}
	}
	root := tree.root()
	signed, err := h.settleNote(ctx, tx, &s, c)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, message: &wire.Ack{Acked: s.Head, Root: root[:], Note: signed, HubTimeMS: now},
		more: s.Head < s.ToldLast || c.Stream.Lane == kiosk.LaneUrgent}, nil // after an alarm comes the hello, or the next
}

// agrees reports whether those records of the batch that are stored are the same.
// It compares headers: they commit to the rest, and a body that was erased on one
// of the two sides must not come back.
func agrees(ctx context.Context, tx *sqldb.Tx, s sqldb.Stream, c *checked) (bool, error) {
	last := min(c.Last, s.Head)
	if c.First > last {
		return true, nil
	}
	stored, err := tx.Stored(ctx, s, c.First, last)
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

// append stores the records behind the stream's head, and notes those that are strange.
func (h *Hub) append(ctx context.Context, tx *sqldb.Tx, s *sqldb.Stream, c *checked, now int64) error {
	fresh := int(s.Head + 1 - c.First)
	pos, err := tx.AppendBatch(ctx, &sqldb.Batch{Booth: c.Booth, Lane: c.Stream.Lane, Stream: s.ID, First: c.First + uint64(fresh),
		Received: now, Root: c.Root[:], Records: c.records[fresh:]})
	if err != nil {
		return err
	}
	if err := noteTimes(ctx, tx, c.Booth, c.Stream, &c.times, fresh, now); err != nil {
		return err
	}
	c.pos, c.fresh = pos, fresh
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
	if err := tx.AddForkNote(ctx, sqldb.ForkNote{Booth: s.Booth, Stream: s.Stream, Size: c.Last, Root: c.Root[:], Received: now, Note: c.Note}); err != nil {
		return answer{}, err
	}
	if err := tx.ReopenFork(ctx, s.Booth, s.Stream); err != nil {
		return answer{}, err
	}
	reason := fmt.Sprintf("fork: two books write the %s lane; records %d to %d were set aside", s.Stream.Lane, c.First, c.Last)
	if err := tx.NoteError(ctx, s.Booth, reason, now); err != nil {
		return answer{}, err
	}
	return problem(http.StatusConflict, wire.Problem{Trouble: wire.TroubleFork, Detail: reason, Kept: c.Last, HubTimeMS: now}), nil
}
