package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"redstation/kiosk"
)

// NoteRow is the last checkpoint of a stream as pulls speak it: one line of NDJSON.
// What it is of stands in the note; the keys are those that signed it, the booth's
// first, as verifiers of signed notes read them (see NoteKey).
type NoteRow struct {
	Note string   `json:"note"`
	Keys []string `json:"keys"`
}

// Line returns the row as a line of NDJSON, facts as the hub wrote them: an encoder
// that writes < as \u003c would change what the header commits to.
func (r *Row) Line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInternal, "error.internal", "encode record %d: %w", r.Pos, err)
	}
	return b.Bytes(), nil
}

// PullNotes returns the cosigned checkpoints of a booth's streams, or of all booths
// for "". Errors are those of Pull. client may be nil.
func PullNotes(ctx context.Context, client *http.Client, hub, token, booth string) ([]NoteRow, error) {
	base, err := BaseURL(hub)
	if err != nil {
		return nil, err
	}
	if client == nil {
		client = &http.Client{Timeout: 2 * time.Minute}
	}
	target := base + PathNotes
	if booth != "" {
		target += "?" + url.Values{"booth": {booth}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.url", "make request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(r)
	if err != nil {
		return nil, offline(hub, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end, or of no use any more
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(hub, resp)
	}
	var rows []NoteRow
	for d := json.NewDecoder(resp.Body); ; {
		var row NoteRow
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, offline(hub, err)
		}
		rows = append(rows, row)
	}
}
