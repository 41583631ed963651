package hub

import (
	"context"
	"errors"
	"fmt"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Forks lists the streams of which something was set aside, oldest first.
func (h *Hub) Forks(ctx context.Context) (list []sqldb.ForkedStream, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = tx.ForkedStreams(ctx)
		return err
	})
	return list, err
}

// WalkForks calls f with everything that was set aside of the booth's streams, or of
// all booths for "": for each stream first what the booth signed for it (wire.NoteRow,
// with the booth's key of today), then the records (wire.Row, with position 0: they
// are not in the log).
func (h *Hub) WalkForks(ctx context.Context, booth string, f func(any) error) error {
	list, err := h.Forks(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		if booth != "" && s.Booth != booth {
			continue
		}
		if err := h.forkNotes(ctx, s, f); err != nil {
			return err
		}
		if err := h.forkRecords(ctx, s, f); err != nil {
			return err
		}
	}
	return nil
}

// forkNotes tells what the booth has signed for a stream, each note with the key of the
// booth's that signed it.
func (h *Hub) forkNotes(ctx context.Context, s sqldb.ForkedStream, f func(any) error) error {
	var notes []sqldb.ForkNote
	var had []sqldb.BoothKey
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if had, err = tx.BoothKeys(ctx, s.Booth); err == nil {
			notes, err = tx.ForkNotes(ctx, s.Booth, s.Stream)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range notes {
		row := wire.NoteRow{Note: string(n.Note), Keys: []string{}}
		for _, k := range had {
			key, err := wire.NoteKey(wire.BoothName(s.Booth), k.Key)
			if err != nil {
				return err
			}
			if _, err := wire.OpenCheckpoint(n.Note, key); err == nil {
				row.Keys = []string{key}
			}
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hub) forkRecords(ctx context.Context, s sqldb.ForkedStream, f func(any) error) error {
	for seq, leaf := uint64(0), []byte(nil); ; {
		var page []sqldb.Aside
		err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
			page, err = tx.Asides(ctx, s.Booth, s.Stream, seq, leaf, 500)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			seq, leaf = a.Seq, a.Leaf
			e, err := read(sqldb.Row{Raw: a.Raw, Received: a.Received})
			if err != nil {
				return fmt.Errorf("record %d that was set aside: %w", a.Seq, err)
			}
			e.Kind = kiosk.Kind(listed(string(e.header.Kind)))
			if err := f(pullRow(&e)); err != nil {
				return err
			}
		}
	}
}

// SettleForks notes that somebody has looked into the forks of a booth, so that they
// are no alarm any more, and returns how many streams that are. What was set aside
// stays. The error has CodeNotFound where there is no such booth.
func (h *Hub) SettleForks(ctx context.Context, booth string) (n int64, err error) {
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Booth(ctx, booth); errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.booth", "there is no booth %q", booth)
		} else if err != nil {
			return err
		}
		if n, err = tx.SettleForks(ctx, booth, sqldb.Millis(h.now())); err != nil || n == 0 {
			return err
		}
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "forks_settled", Object: "booth " + booth})
	})
	return n, err
}
