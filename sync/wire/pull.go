// Package wire is the protocol between booths and their hub, both ends of it,
// and the one that pulls records from the hub.
package wire

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"time"
)

// PullOpts say what to pull.
type PullOpts struct {
	Client *http.Client  // nil = one with sane timeouts
	After  int64         // cursor: rows with a larger Pos
	Booth  string        // "" = all
	Kind   string        // "" = all
	Since  time.Time     // received at the hub at or after
	Limit  int           // rows a page; 0 = 1000
	Follow bool          // wait for more at the end instead of stopping
	Wait   time.Duration // longest wait of one request while following; 0 = 30 s
}

// Row is one record as pulls speak it: one line of NDJSON.
type Row struct {
	Pos        int64           `json:"pos"` // the cursor
	Booth      string          `json:"booth"`
	Name       string          `json:"name"`
	Epoch      string          `json:"epoch"` // hex
	Lane       string          `json:"lane"`
	Seq        uint64          `json:"seq"`
	ID         string          `json:"id"` // hex
	Kind       string          `json:"kind"`
	Ref        string          `json:"ref,omitempty"`
	Wall       time.Time       `json:"wall"`
	ClockState uint8           `json:"clock_state"`
	Received   time.Time       `json:"received"`
	Facts      json.RawMessage `json:"facts"`            // null where erased
	Sealed     []byte          `json:"sealed,omitempty"` // base64; only the city's key opens it
	Header     []byte          `json:"header"`           // base64: the hashed bytes
}

// Pull walks over the records of the hub at the base URL. It asks for page after
// page and ends at the last row, or never while following. An error ends the walk.
func Pull(ctx context.Context, hub, token string, o PullOpts) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) { yield(Row{}, errors.New("wire: signatures only")) }
}
