package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// serveNotes answers GET /api/v1/checkpoints?booth= with NDJSON: the last cosigned
// checkpoint of each stream, one wire.NoteRow a line.
func (h *Hub) serveNotes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := h.puller(ctx, r)
	if err != nil {
		return err
	}
	var q pullQuery
	for name, values := range r.URL.Query() {
		if name != "booth" {
			return badParameter(name, errors.New("there is no such parameter"))
		}
		for _, v := range values {
			if err := ask(&q.booths, v); err != nil {
				return badParameter(name, err)
			}
		}
	}
	if err := q.within(&t); err != nil {
		return err
	}
	body, err := h.noteLines(ctx, q.booths)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", wire.TypeRows)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body) //nolint:errcheck // the reader asks again
	return nil
}

// noteLines returns the checkpoints of the booths as NDJSON; nil is all booths.
func (h *Hub) noteLines(ctx context.Context, booths []string) ([]byte, error) {
	var list []sqldb.Checkpoint
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = tx.Checkpoints(ctx, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, c := range list {
		if booths != nil && !slices.Contains(booths, c.Booth) {
			continue
		}
		row, err := noteRow(&c)
		if err != nil {
			return nil, err
		}
		if err := enc.Encode(row); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func noteRow(c *sqldb.Checkpoint) (wire.NoteRow, error) {
	booth, err := wire.NoteKey(wire.BoothName(c.Booth), c.Key)
	if err != nil {
		return wire.NoteRow{}, err
	}
	hub, err := wire.NoteKey(wire.HubName, c.HubKey)
	return wire.NoteRow{Note: string(c.Note), Keys: []string{booth, hub}}, err
}
