package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Without its enrolment a booth belongs to no city, and without its settings it asks
// for a PIN that anybody could set. These few rows stand in a second file, too, which
// counts only where a salvage does not find them in the book.
const keepName = FileName + ".keep"

// keep is what that file holds.
type keep struct {
	Meta    map[string][]byte `json:"meta"`
	Setting map[string]string `json:"setting"`
}

// saveKeep writes the file anew. One that cannot be written is told, and no reason to
// stop: the book has it all.
func (w *writer) saveKeep(ctx context.Context) {
	k := keep{Meta: map[string][]byte{}, Setting: map[string]string{}}
	err := errors.Join(readPairs(ctx, w, `SELECT key, value FROM meta`, k.Meta), readPairs(ctx, w, `SELECT name, value FROM setting`, k.Setting))
	if err == nil {
		err = replaceFile(w.db.in(keepName), func(f *os.File) error { return json.NewEncoder(f).Encode(k) })
	}
	if err != nil {
		w.db.log.WarnContext(ctx, "second copy of the settings not written", "err", err)
	}
}

func readPairs[V any](ctx context.Context, w *writer, query string, into map[string]V) error {
	rows, err := w.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var value V
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		into[name] = value
	}
	return rows.Err()
}

// mirror fills in the rows that were not found in the damaged book.
func (r *rebuild) mirror(ctx context.Context) error {
	text, err := os.ReadFile(r.in(keepName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var k keep
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		r.log.WarnContext(ctx, "second copy of the settings not read", "err", err)
		return nil
	}
	for name, value := range k.Meta {
		if err := r.exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, value); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	for name, value := range k.Setting {
		if err := r.exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, value); err != nil {
			return fmt.Errorf("restore setting %s: %w", name, err)
		}
	}
	return nil
}
