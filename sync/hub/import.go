package hub

import (
	"context"
	"errors"
	"fmt"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Imported says what a batch file that was carried here by hand brought.
type Imported struct {
	Booth       string
	Stream      kiosk.Stream
	First, Last uint64
	New         int // records that the hub did not have
}

// Import takes a batch file in, by the rules by which batches from the line are
// taken: what the hub has already stays as it is, erased or not. The booth learns of
// it when it says hello. The error says in one line why the file was refused, and
// nothing was changed then: CodeInvalid where it is no batch file, CodeDenied where
// it was changed or is of a booth that is not known here or was revoked, and
// CodeConflict where records before it are missing, or where it is a fork. In the
// last case its records were set aside.
func (h *Hub) Import(ctx context.Context, data []byte) (Imported, error) {
	b, c, err := h.readFile(ctx, data)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Booth: b.ID, Stream: c.Stream, First: c.First, Last: c.Last}
	err = h.db.UpdateBooth(ctx, b.ID, func(tx *sqldb.Tx) error {
		s, err := tx.LockStream(ctx, c.Booth, c.Stream)
		if err != nil {
			return err
		}
		if err := b.vouches(c, &s); err != nil {
			return err
		}
		a, err := h.accept(ctx, tx, c)
		if err != nil {
			return err
		}
		if p, refused := a.message.(*wire.Problem); refused && p.Trouble == wire.TroubleNeed {
			return kiosk.Errorf(kiosk.CodeConflict, "error.import", "records %d to %d of its stream are not here yet: bring the files before it, too", p.Need, c.First-1)
		} else if refused {
			out.New = -1
			return nil // the fork is kept
		}
		if out.New = int(max(c.Last, s.Head) - s.Head); out.New == 0 {
			return nil
		}
		reason := fmt.Sprintf("lane %s, records %d to %d, %d of them new", c.Stream.Lane, c.First, c.Last, out.New)
		if b.old {
			reason += ", signed with a key that the booth had before"
		}
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "batch_imported", Object: "booth " + b.ID, Reason: reason})
	})
	if err != nil {
		return Imported{}, err
	}
	if out.New < 0 {
		return Imported{}, kiosk.Errorf(kiosk.CodeConflict, "error.import", "a fork: other records were stored under its numbers, so its own were set aside (see redstation hub forks)")
	}
	if _, err := h.db.Seal(ctx); err != nil { // a hub that runs does it within a second
		h.log.WarnContext(ctx, "records not given their positions yet", "error", err)
	}
	h.news.tell()
	return out, nil
}

// sender is the booth that a file is of, with the key that signed it.
type sender struct {
	sqldb.Booth
	old bool // the key is not in force: it was changed, or the booth was revoked
}

// vouches says why the key of the sender does not count for a batch of a stream.
func (b *sender) vouches(c *checked, s *sqldb.Stream) error {
	known := max(s.Head, s.ToldLast)
	switch {
	case !b.old || c.Last <= known:
		return nil
	case b.Revoked != 0:
		return kiosk.Errorf(kiosk.CodeDenied, "error.import", "it is of booth %s, which was revoked, and no record behind %d of its lane %s was known of before", b.ID, known, c.Stream.Lane)
	}
	return kiosk.Errorf(kiosk.CodeDenied, "error.import", "it is signed with a key that booth %s has changed since, and no record behind %d of its lane %s is known of: export its book anew", b.ID, known, c.Stream.Lane)
}

// readFile checks everything of a file that can be checked without the records that
// are stored.
func (h *Hub) readFile(ctx context.Context, data []byte) (*sender, *checked, error) {
	if len(data) > wire.MaxFile {
		return nil, nil, kiosk.Errorf(kiosk.CodeInvalid, "error.import", "it has more than %d bytes, which no batch file has", wire.MaxFile)
	}
	f, err := wire.ReadFile(data)
	if err != nil {
		return nil, nil, err
	}
	b, err := h.senderOf(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	raw, err := h.codec.Decompress(f.Body)
	if err != nil {
		return nil, nil, err
	}
	c, err := h.inspect(&b.Booth, raw)
	return b, c, err
}

// senderOf finds the booth that a file is of, and which of its keys has signed it.
func (h *Hub) senderOf(ctx context.Context, f *wire.File) (*sender, error) {
	var b sender
	var keys []sqldb.BoothKey
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if b.Booth, err = tx.Booth(ctx, f.Booth); err == nil {
			keys, err = tx.BoothKeys(ctx, f.Booth)
		}
		return err
	})
	switch {
	case errors.Is(err, sqldb.ErrNoRow) || (err == nil && b.Key == nil):
		return nil, kiosk.Errorf(kiosk.CodeDenied, "error.import", "it is of booth %.16s, which is not enrolled at this hub", f.Booth)
	case err != nil:
		return nil, err
	}
	err = f.Verify(b.Key)
	if err == nil {
		b.old = b.Revoked != 0
		return &b, nil
	}
	for _, k := range keys {
		if f.Verify(k.Key) == nil {
			b.Key, b.old = k.Key, true
			return &b, nil
		}
	}
	return nil, err
}
