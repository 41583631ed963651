package hub

import (
	"bytes"
	"encoding/json"
	"net/http"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// serveNotes answers GET /api/v1/checkpoints?booth= with NDJSON: the last cosigned
// checkpoint of each stream, one wire.NoteRow a line.
func (h *Hub) serveNotes(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if err := h.checkToken(ctx, r.Header.Get("Authorization")); err != nil {
		h.refusePull(w, r, err)
		return
	}
	q := r.URL.Query()
	for name := range q {
		if name != "booth" {
			h.refusePull(w, r, kiosk.Errorf(kiosk.CodeInvalid, "error.pull", "parameter %.32q: there is no such parameter", name))
			return
		}
	}
	var list []sqldb.Checkpoint
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = tx.Checkpoints(ctx, q.Get("booth"))
		return err
	})
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, c := range list {
		var row wire.NoteRow
		if row, err = noteRow(&c); err != nil {
			break
		}
		if err = enc.Encode(row); err != nil {
			break
		}
	}
	if err != nil {
		h.refusePull(w, r, err)
		return
	}
	w.Header().Set("Content-Type", wire.TypeRows)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(out.Bytes()) //nolint:errcheck // the reader asks again
}

func noteRow(c *sqldb.Checkpoint) (wire.NoteRow, error) {
	booth, err := wire.NoteKey(wire.BoothName(c.Booth), c.Key)
	if err != nil {
		return wire.NoteRow{}, err
	}
	hub, err := wire.NoteKey(wire.HubName, c.HubKey)
	return wire.NoteRow{Note: string(c.Note), Keys: []string{booth, hub}}, err
}
