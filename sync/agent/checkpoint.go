package agent

import (
	"bytes"
	"context"
	"crypto/ed25519"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// believe compares an acknowledgement with the book. What is said of the batch
// itself must be right in every bit, or the answer counts for nothing. Where the
// hub has more than the batch, its tree must be the book's, too: if it is not, only
// the batch is taken as acknowledged, and what follows will be found to be a fork
// instead of being taken for sent.
func (a *Agent) believe(ctx context.Context, pc parcel, ack *wire.Ack, hub ed25519.PublicKey) error {
	root := pc.root
	switch {
	case ack.Acked < pc.last:
		ack.Note = nil // of no use
		return nil
	case ack.Acked == pc.last && !bytes.Equal(ack.Root, root[:]):
		return kiosk.Errorf(kiosk.CodeDenied, "error.wire", "hub acknowledged %d records with another root", pc.last)
	case ack.Acked > pc.last:
		var known bool
		var err error
		if root, known, err = a.rootAt(ctx, pc.stream, ack.Acked); err != nil {
			return err
		}
		if !known {
			ack.Note = nil // the book was rolled back: the core sees that by the number
			return nil
		}
		if !bytes.Equal(ack.Root, root[:]) {
			ack.Acked, ack.Note = pc.last, nil
			return nil
		}
	}
	ack.Note = a.genuine(ctx, wire.Checkpoint{Booth: a.booth, Stream: pc.stream, Size: ack.Acked, Root: root}, ack.Note, hub)
	return nil
}

// genuine returns the note if it is the checkpoint with the signature of the hub that
// answered, and else nil. The records are acknowledged all the same: the answer was
// signed, and its root is the book's.
func (a *Agent) genuine(ctx context.Context, c wire.Checkpoint, note []byte, hub ed25519.PublicKey) []byte {
	if note == nil { // of records that came before the hub kept any
		return nil
	}
	if err := c.VerifyHub(note, hub); err != nil {
		a.changed(ctx, "checkpoint", "denied", err)
		return nil
	}
	a.changed(ctx, "checkpoint", "cosigned", nil)
	return note
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
func (l *loop) vouch(ctx context.Context, heads []wire.Head, hub ed25519.PublicKey) error {
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
			continue
		}
		h.Note = l.genuine(ctx, wire.Checkpoint{Booth: l.booth, Stream: h.Stream(), Size: h.Last, Root: root}, h.Note, hub)
	}
	return nil
}
