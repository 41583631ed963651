package hub

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// eraseList is the file beside the database that names every record that was erased,
// one a line: BOOTH EPOCH/LANE/SEQ ID MILLISECONDS. A database that is put back from
// a backup has the bodies again, and has forgotten that they must go; the list has
// not. It holds nothing personal. "" = there is none.
type eraseList string

// add appends an erasure, durably.
func (l eraseList) add(e sqldb.Erasure) error {
	if l == "" {
		return nil
	}
	f, err := os.OpenFile(string(l), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %s %s %d\n", e.Booth, e.At, e.Record, e.When)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	return syncFolder(filepath.Dir(string(l)))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// read returns the erasures of the list. A last line that a power cut has cut short
// belongs to an erasure that was never confirmed.
func (l eraseList) read() ([]sqldb.Erasure, error) {
	if l == "" {
		return nil, nil
	}
	f, err := os.Open(string(l))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of erasures: %w", err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	var out []sqldb.Erasure
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if e, ok := parseErasure(lines.Text()); ok {
			out = append(out, e)
		}
	}
	return out, lines.Err()
}

func parseErasure(line string) (e sqldb.Erasure, ok bool) {
	var at, record string
	if n, err := fmt.Sscanf(strings.TrimSpace(line), "%s %s %s %d", &e.Booth, &at, &record, &e.When); n != 4 || err != nil {
		return e, false
	}
	var errAt, errID error
	e.At, errAt = kiosk.ParseRecordAt(at)
	e.Record, errID = kiosk.ParseID(record)
	return e, errAt == nil && errID == nil
}

// eraseAgain carries out what the list names and the database does not: it was put
// back from a backup.
func (h *Hub) eraseAgain(ctx context.Context) error {
	list, err := h.erased.read()
	if err != nil || len(list) == 0 {
		return err
	}
	known := map[kiosk.ID]bool{}
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		have, err := tx.Erasures(ctx)
		for _, e := range have {
			known[e.Record] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	again := 0
	for _, e := range list {
		if known[e.Record] {
			continue
		}
		known[e.Record] = true
		err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
			_, err := h.eraseIn(ctx, tx, e)
			return err
		})
		if err != nil {
			return fmt.Errorf("erase again record %s of booth %s: %w", e.At, e.Booth, err)
		}
		again++
	}
	if again == 0 {
		return nil
	}
	h.log.WarnContext(ctx, "records erased again after the database was restored", "records", again)
	return h.scrub(ctx)
}
