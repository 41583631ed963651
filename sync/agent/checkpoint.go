package agent

import (
	"bytes"
	"context"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// believe compares an acknowledgement with the book. What is said of the batch
// itself must be right in every bit, or the answer counts for nothing. Where the
// hub has more than the batch, its tree must be the book's, too: if it is not, only
// the batch is taken as acknowledged, and what follows will be found to be a fork
// instead of being taken for sent.
func (a *Agent) believe(ctx context.Context, pc parcel, ack *wire.Ack) error {
	if ack.Acked <= pc.last {
		if ack.Acked == pc.last && !bytes.Equal(ack.Root, pc.root[:]) {
			return kiosk.Errorf(kiosk.CodeDenied, "error.wire", "hub acknowledged %d records with another root", pc.last)
		}
		if ack.Acked < pc.last {
			ack.Note = nil // of no use
		}
		return a.checkNote(pc.stream, ack.Acked, pc.root, ack.Note)
	}
	root, known, err := a.rootAt(ctx, pc.stream, ack.Acked)
	switch {
	case err != nil:
		return err
	case !known:
		ack.Note = nil // the book was rolled back: the core sees that by the number
		return nil
	case !bytes.Equal(ack.Root, root[:]):
		ack.Acked, ack.Note = pc.last, nil
		return nil
	}
	return a.checkNote(pc.stream, ack.Acked, root, ack.Note)
}

// checkNote checks the hub's signature under a checkpoint of the booth. No note is
// no fault: the hub has none that is older than this program.
func (a *Agent) checkNote(s kiosk.Stream, size uint64, root [32]byte, note []byte) error {
	if note == nil {
		return nil
	}
	c := wire.Checkpoint{Booth: a.booth, Stream: s, Size: size, Root: root}
	e, _ := a.hub.ties.now()
	err := c.VerifyHub(note, e.HubKey)
	if err != nil && e.NextHubKey != nil {
		err = c.VerifyHub(note, e.NextHubKey)
	}
	return err
}

// rootAt returns the root of the first size records, or false where the book has not
// so many.
func (a *Agent) rootAt(ctx context.Context, s kiosk.Stream, size uint64) (root [32]byte, known bool, err error) {
	heads, err := a.book.Heads(ctx)
	if err != nil {
		return root, false, err
	}
	for _, h := range heads {
		if h.Stream == s && size <= h.Last {
			root, err = a.book.Root(ctx, s, size)
			return root, true, err
		}
	}
	return root, false, nil
}

// vouch goes over the heads of a hello's answer, and cuts those where the hub says to
// have more than was acknowledged without the book's own tree for it: there a push
// must find out what is the matter. All others may move the queue forward.
func (l *loop) vouch(ctx context.Context, heads []wire.Head) error {
	known, err := l.book.Heads(ctx)
	if err != nil {
		return err
	}
	have := make(map[kiosk.Stream]kiosk.Head, len(known))
	for _, h := range known {
		have[h.Stream] = h
	}
	for i := range heads {
		h := &heads[i]
		own, ok := have[h.Stream()]
		if !ok || h.Last <= own.Acked || h.Last > own.Last {
			h.Note = nil
			continue
		}
		root, err := l.book.Root(ctx, h.Stream(), h.Last)
		if err != nil {
			return err
		}
		if !bytes.Equal(h.Root, root[:]) {
			h.Last, h.Note = own.Acked, nil
		} else if err := l.checkNote(h.Stream(), h.Last, root, h.Note); err != nil {
			l.changed(ctx, "checkpoint", "denied", err)
			h.Last, h.Note = own.Acked, nil
		}
	}
	return nil
}
