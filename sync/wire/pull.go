package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"redstation/kiosk"
)

// PullOpts say what to pull.
type PullOpts struct {
	Client *http.Client  // nil = one with sane timeouts
	After  int64         // cursor: rows with a larger Pos
	Booth  string        // "" = all
	Kind   string        // "" = all
	Since  time.Time     // received at the hub at or after
	Limit  int           // rows a request; 0 = 1000
	Follow bool          // at the end wait for more, and ride out a hub that goes away
	Wait   time.Duration // longest wait of one request while following; 0 = MaxWait
	Pause  time.Duration // longest pause between attempts while following; 0 = 15 s
}

// Row is one record as pulls speak it: one line of NDJSON.
type Row struct {
	Pos        int64           `json:"pos"` // the cursor
	Booth      string          `json:"booth"`
	Name       string          `json:"name"` // of the booth
	Epoch      kiosk.ID        `json:"epoch"`
	Lane       string          `json:"lane"`
	Seq        uint64          `json:"seq"`
	ID         kiosk.ID        `json:"id"`
	Kind       kiosk.Kind      `json:"kind"`
	Ref        string          `json:"ref,omitempty"` // hex
	Wall       time.Time       `json:"wall"`          // the booth's clock
	ClockState uint8           `json:"clock_state"`
	Received   time.Time       `json:"received"`              // the hub's clock
	Facts      json.RawMessage `json:"facts"`                 // null where erased
	FactsBytes []byte          `json:"facts_bytes,omitempty"` // base64: the facts as they are, where they are not what facts shows
	FactsSalt  []byte          `json:"facts_salt,omitempty"`  // base64, of the header's commitment to the facts
	Sealed     []byte          `json:"sealed,omitempty"`      // base64; only the city's key opens it
	SealedSalt []byte          `json:"sealed_salt,omitempty"` // base64, of the header's commitment to the sealed bytes
	Header     []byte          `json:"header"`                // base64: the bytes that the stream's Merkle tree is made of
	Leaf       []byte          `json:"leaf"`                  // base64: SHA-256(0x00 + header), the record's leaf in the tree
}

// Pull walks over the records of the hub at the base URL in the hub's own order,
// page after page, and ends after the last one, or never while following. The
// last row's Pos is the cursor to go on from. An error ends the walk; it has
// kiosk.CodeDenied for a wrong token, kiosk.CodeOffline where the hub does not
// answer. Rows that came before it are good.
func Pull(ctx context.Context, hub, token string, o PullOpts) iter.Seq2[Row, error] {
	p := puller{hub: hub, token: token, PullOpts: o}
	if p.Client == nil {
		p.Client = &http.Client{Timeout: 2 * time.Minute}
	}
	if p.Limit <= 0 {
		p.Limit = 1000
	}
	p.Limit = min(p.Limit, MaxPage)
	if p.Wait <= 0 || p.Wait > MaxWait {
		p.Wait = MaxWait
	}
	if p.Pause <= 0 {
		p.Pause = 15 * time.Second
	}
	return func(yield func(Row, error) bool) {
		if _, err := BaseURL(hub); err != nil {
			yield(Row{}, err)
			return
		}
		p.walk(ctx, yield)
	}
}

type puller struct {
	PullOpts
	hub, token string
	failures   int
}

var errStopped = errors.New("reader stopped")

func (p *puller) walk(ctx context.Context, yield func(Row, error) bool) {
	for {
		n, err := p.page(ctx, func(r Row) bool { return yield(r, nil) })
		switch {
		case errors.Is(err, errStopped):
			return
		case err == nil:
			p.failures = 0
			if n < p.Limit && !p.Follow {
				return
			}
		case ctx.Err() != nil || !p.Follow || kiosk.CodeOf(err) != kiosk.CodeOffline:
			yield(Row{}, err)
			return
		default:
			if !p.rest(ctx) {
				yield(Row{}, ctx.Err())
				return
			}
		}
	}
}

// rest waits longer after each failure; it reports false when ctx ended.
func (p *puller) rest(ctx context.Context) bool {
	pause := min(p.Pause, 500*time.Millisecond<<min(p.failures, 10))
	p.failures++
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// page asks for one page and moves the cursor with every row.
func (p *puller) page(ctx context.Context, yield func(Row) bool) (n int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(), nil)
	if err != nil {
		return 0, kiosk.Errorf(kiosk.CodeInvalid, "error.url", "make request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := p.Client.Do(r)
	if err != nil {
		return 0, offline(p.hub, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end, or of no use any more
	if resp.StatusCode != http.StatusOK {
		return 0, refusal(p.hub, resp)
	}
	for d := json.NewDecoder(resp.Body); ; n++ {
		var row Row
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, offline(p.hub, err)
		}
		p.After = row.Pos
		if !yield(row) {
			return n, errStopped
		}
	}
}

func (p *puller) url() string {
	q := url.Values{"after": {strconv.FormatInt(p.After, 10)}, "limit": {strconv.Itoa(p.Limit)}}
	if p.Booth != "" {
		q.Set("booth", p.Booth)
	}
	if p.Kind != "" {
		q.Set("kind", p.Kind)
	}
	if !p.Since.IsZero() {
		q.Set("since", p.Since.UTC().Format(time.RFC3339Nano))
	}
	if p.Follow {
		q.Set("wait", p.Wait.String())
	}
	base, _ := BaseURL(p.hub) // checked by Pull
	return base + PathRecords + "?" + q.Encode()
}

// PullError is the JSON body of a pull that was refused.
type PullError struct {
	Error string `json:"error"`
}

// refusal turns an answer that is not a page into an error.
func refusal(hub string, resp *http.Response) error {
	var e PullError
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4096)).Decode(&e); err != nil || e.Error == "" {
		e.Error = resp.Status
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return kiosk.Errorf(kiosk.CodeDenied, "error.token", "hub %s: %s", hub, e.Error)
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return kiosk.Errorf(kiosk.CodeOffline, "error.offline", "hub %s: %s", hub, e.Error)
	}
	return kiosk.Errorf(kiosk.CodeInvalid, "error.pull", "hub %s: %s", hub, e.Error)
}

func offline(hub string, err error) error {
	return kiosk.Errorf(kiosk.CodeOffline, "error.offline", "hub %s does not answer: %w", hub, err)
}
