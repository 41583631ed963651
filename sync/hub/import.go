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
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "batch_imported", Object: "booth " + b.ID,
			Reason: fmt.Sprintf("lane %s, records %d to %d, %d of them new", c.Stream.Lane, c.First, c.Last, out.New)})
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

// readFile checks everything of a file that can be checked without the records that
// are stored.
func (h *Hub) readFile(ctx context.Context, data []byte) (*sqldb.Booth, *checked, error) {
	if len(data) > wire.MaxFile {
		return nil, nil, kiosk.Errorf(kiosk.CodeInvalid, "error.import", "it has more than %d bytes, which no batch file has", wire.MaxFile)
	}
	f, err := wire.ReadFile(data)
	if err != nil {
		return nil, nil, err
	}
	var b sqldb.Booth
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		b, err = tx.Booth(ctx, f.Booth)
		return err
	})
	switch {
	case errors.Is(err, sqldb.ErrNoRow) || (err == nil && b.Key == nil):
		return nil, nil, kiosk.Errorf(kiosk.CodeDenied, "error.import", "it is of booth %.16s, which is not enrolled at this hub", f.Booth)
	case err != nil:
		return nil, nil, err
	case b.Revoked != 0:
		return nil, nil, kiosk.Errorf(kiosk.CodeDenied, "error.import", "it is of booth %s, which was revoked", b.ID)
	}
	if err := f.Verify(b.Key); err != nil {
		return nil, nil, err
	}
	raw, err := h.codec.Decompress(f.Body)
	if err != nil {
		return nil, nil, err
	}
	c, err := h.inspect(&b, raw)
	return &b, c, err
}
