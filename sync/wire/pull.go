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
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
)

// PullOpts say what to pull.
type PullOpts struct {
	Client *http.Client  // nil = one with sane timeouts
	After  int64         // cursor: rows with a larger Pos
	Before int64         // rows with a smaller Pos; 0 = all
	Booths []string      // none = all
	Kinds  []string      // none = all
	Lane   string        // "log" or "urgent"; "" = both
	Since  time.Time     // received at the hub at or after
	Until  time.Time     // received before
	Limit  int           // rows a request; 0 = 1000
	Follow bool          // at the end wait for more, and ride out a hub that goes away
	Wait   time.Duration // longest wait of one request while following; 0 = MaxWait
	Pause  time.Duration // longest pause between attempts while following; 0 = 15 s

	// Moved is told the cursor after each answer, also where rows that do not match
	// were passed over. nil = nobody is told.
	Moved func(cursor int64)
	// Away is told why the hub cannot be reached and when it is tried again, while
	// following. nil = nobody is told.
	Away func(err error, pause time.Duration)
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
	Lo         time.Time       `json:"t_lo"`                  // it was written after that
	Hi         time.Time       `json:"t_hi"`                  // and before that
	Best       time.Time       `json:"t_best"`                // and most likely then
	Confidence string          `json:"confidence"`            // exact, bounded or unknown: a kiosk.Confidence
	Facts      json.RawMessage `json:"facts"`                 // null where erased
	FactsBytes []byte          `json:"facts_bytes,omitempty"` // base64: the facts as they are, where they are not what facts shows
	FactsSalt  []byte          `json:"facts_salt,omitempty"`  // base64, of the header's commitment to the facts
	Sealed     []byte          `json:"sealed,omitempty"`      // base64; only the city's key opens it
	SealedSalt []byte          `json:"sealed_salt,omitempty"` // base64, of the header's commitment to the sealed bytes
	Header     []byte          `json:"header"`                // base64: the bytes that the stream's Merkle tree is made of
	Leaf       []byte          `json:"leaf"`                  // base64: SHA-256(0x00 + header), the record's leaf in the tree
}

// Pull walks over the records of the hub at the base URL in the hub's own order,
// page after page, and ends after the last one; while following only where a bound
// (Before, Until) is reached. The
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
		end, err := p.page(ctx, func(r Row) bool { return yield(r, nil) })
		switch {
		case errors.Is(err, errStopped):
			return
		case err == nil:
			p.failures = 0
			if end == endForGood || (end == endForNow && !p.Follow) {
				return
			}
		case ctx.Err() != nil || !p.Follow || kiosk.CodeOf(err) != kiosk.CodeOffline:
			yield(Row{}, err)
			return
		default:
			if !p.rest(ctx, err) {
				yield(Row{}, ctx.Err())
				return
			}
		}
	}
}

// rest waits longer after each failure; it reports false when ctx ended.
func (p *puller) rest(ctx context.Context, why error) bool {
	pause := min(p.Pause, 500*time.Millisecond<<min(p.failures, 10))
	p.failures++
	if p.Away != nil {
		p.Away(why, pause)
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// ending says what comes behind a page.
type ending int

const (
	endForGood ending = iota // nothing can
	endForNow                // what is not there yet
	endOfPage                // another page
)

// page asks for one page and moves the cursor with every row, then to where the
// hub says that it has looked.
func (p *puller) page(ctx context.Context, yield func(Row) bool) (ending, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(), nil)
	if err != nil {
		return 0, kiosk.Errorf(kiosk.CodeInvalid, "error.url", "make request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Accept", TypeRows)
	r.Header.Set("Accept-Encoding", EncodingZstd)
	resp, err := p.Client.Do(r)
	if err != nil {
		return 0, offline(p.hub, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end, or of no use any more
	if resp.StatusCode != http.StatusOK {
		return 0, refusal(p.hub, resp)
	}
	if err := p.rows(resp, yield); err != nil {
		return 0, err
	}
	next, end := nextCursor(resp.Header)
	p.After = max(p.After, next)
	if p.Moved != nil {
		p.Moved(p.After)
	}
	return end, nil
}

func (p *puller) rows(resp *http.Response, yield func(Row) bool) error {
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == EncodingZstd {
		z, err := zstd.NewReader(resp.Body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(MaxRaw), zstd.WithDecoderLowmem(true))
		if err != nil {
			return offline(p.hub, err)
		}
		defer z.Close()
		body = z
	}
	for d := json.NewDecoder(body); ; {
		var row Row
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return offline(p.hub, err)
		}
		p.After = row.Pos
		if !yield(row) {
			return errStopped
		}
	}
}

// nextCursor reads where the hub says to go on (RFC 8288): rel="next" where there
// is more at once, rel="monitor" where that was all for now, neither where nothing
// can follow, because a bound of the query was reached.
func nextCursor(h http.Header) (cursor int64, end ending) {
	target, params, ok := strings.Cut(h.Get("Link"), ">")
	if !ok || !strings.HasPrefix(target, "<") {
		return 0, endForGood
	}
	u, err := url.Parse(target[1:])
	if err != nil {
		return 0, endForGood
	}
	cursor, err = strconv.ParseInt(u.Query().Get("after"), 10, 64)
	switch {
	case err != nil:
		return 0, endForGood
	case strings.Contains(params, `rel="next"`):
		return cursor, endOfPage
	}
	return cursor, endForNow
}

func (p *puller) url() string {
	q := url.Values{"after": {strconv.FormatInt(p.After, 10)}, "limit": {strconv.Itoa(p.Limit)}, "booth": p.Booths, "kind": p.Kinds}
	if p.Before > 0 {
		q.Set("before", strconv.FormatInt(p.Before, 10))
	}
	if p.Lane != "" {
		q.Set("lane", p.Lane)
	}
	if !p.Since.IsZero() {
		q.Set("since", p.Since.UTC().Format(time.RFC3339Nano))
	}
	if !p.Until.IsZero() {
		q.Set("until", p.Until.UTC().Format(time.RFC3339Nano))
	}
	if p.Follow {
		q.Set("wait", p.Wait.String())
	}
	base, _ := BaseURL(p.hub) // checked by Pull
	return base + PathRecords + "?" + q.Encode()
}

// APIError is the JSON body of a request of the API that was refused (RFC 9457).
type APIError struct {
	Type   string     `json:"type"`   // "about:blank": the status says which sort
	Title  string     `json:"title"`  // the status in words
	Status int        `json:"status"` // the status
	Detail string     `json:"detail"` // one line: what is wrong and what to do
	Code   kiosk.Code `json:"code"`   // for programs; append-only
}

// refusal turns an answer that is not a page into an error.
func refusal(hub string, resp *http.Response) error {
	var e APIError
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4096)).Decode(&e); err != nil || e.Detail == "" {
		e.Detail = resp.Status
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return kiosk.Errorf(kiosk.CodeDenied, "error.token", "hub %s: %s", hub, e.Detail)
	case resp.StatusCode == http.StatusConflict:
		return kiosk.Errorf(kiosk.CodeConflict, "error.pull", "hub %s: %s", hub, e.Detail)
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return kiosk.Errorf(kiosk.CodeOffline, "error.offline", "hub %s: %s", hub, e.Detail)
	}
	return kiosk.Errorf(kiosk.CodeInvalid, "error.pull", "hub %s: %s", hub, e.Detail)
}

func offline(hub string, err error) error {
	return kiosk.Errorf(kiosk.CodeOffline, "error.offline", "hub %s does not answer: %w", hub, err)
}
