package touch_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
	"redstation/web/touch"
)

// rig is the screen over a real booth with a real book, and a browser without script.
type rig struct {
	*kiosk.Booth
	t       *testing.T
	dir     string
	book    *sqlite.DB
	clock   *kiosktest.Clock
	server  *httptest.Server
	browser *http.Client
	log     *lockedBuffer
	visited []string // every address that the browser was sent to
}

// lockedBuffer is a buffer for the log of a running server.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// preview is a picture of every receipt, the same one, on 100 mm of paper.
type preview struct{}

func (preview) Preview(kiosk.Receipt) ([]byte, error) { return []byte("\x89PNG picture"), nil }
func (preview) Length(kiosk.Receipt) (int, error)     { return 100, nil }

// catalogueOf returns the embedded pack.
func catalogueOf(t *testing.T) *kiosk.Catalogue {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newRig(t *testing.T, c *kiosk.Catalogue, o touch.Opts) *rig {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: t.TempDir(), clock: kiosktest.NewClock(), log: new(lockedBuffer)}
	book, err := sqlite.Open(t.Context(), r.dir, r.clock, sqlite.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	r.book = book
	e, _, err := kiosktest.Enrolment()
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	r.Booth, err = kiosk.New(kiosk.Deps{Book: book, Clock: r.clock, Catalogue: c, Preview: preview{},
		Zone: time.FixedZone("CST", 8*3600), Enrolment: &e})
	if err != nil {
		t.Fatal(err)
	}
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h, err := touch.New(r.Booth, o)
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewServer(h)
	t.Cleanup(r.server.Close)
	r.browser = &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return errors.New("pages lead to each other without end")
		}
		r.visited = append(r.visited, next.URL.String())
		return nil
	}}
	return r
}

// records returns the facts of all records of a kind, oldest first.
func (r *rig) records(kind kiosk.Kind) []string {
	r.t.Helper()
	records, err := r.book.Records(r.t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, 0, 1000, 1<<20)
	if err != nil {
		r.t.Fatal(err)
	}
	var facts []string
	for _, rec := range records {
		if h, err := kiosk.DecodeHeader(rec.Header); err == nil && h.Kind == kind {
			facts = append(facts, string(rec.Facts))
		}
	}
	return facts
}

// facts returns those of the newest record of a kind.
func (r *rig) facts(kind kiosk.Kind) string {
	r.t.Helper()
	all := r.records(kind)
	if len(all) == 0 {
		r.t.Fatalf("no record %s", kind)
	}
	return all[len(all)-1]
}

func (r *rig) count(kind kiosk.Kind) int { return len(r.records(kind)) }

// printer prints nothing and is always ready.
type printer struct{ state kiosk.PrinterState }

func (p printer) Print(context.Context, kiosk.Receipt) error { return nil }
func (p printer) State(context.Context) kiosk.PrinterState   { return p.state }

// withPrinter runs a printer for the rest of the test.
func (r *rig) withPrinter() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- r.RunPrinter(ctx, printer{kiosk.PrinterReady}) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("printer: %v", err)
		}
	})
	for r.Status().Printer != kiosk.PrinterReady {
		time.Sleep(time.Millisecond)
	}
}

// other returns another browser before the same screen.
func (r *rig) other() *rig {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	o := *r
	o.browser = &http.Client{Jar: jar}
	return &o
}

// page is an answer of the screen.
type page struct {
	t      *testing.T
	status int
	url    string
	body   string
	header http.Header
}

func (r *rig) get(path string) page {
	r.t.Helper()
	return r.do("GET", path, nil)
}

func (r *rig) post(path string, form url.Values) page {
	r.t.Helper()
	return r.do("POST", path, form)
}

// live asks for a page as the page itself does to show what is new.
func (r *rig) live(path string) page {
	r.t.Helper()
	return r.do("GET", path, nil, "X-Live", "1")
}

func (r *rig) do(method, path string, form url.Values, header ...string) page {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	r.visited = append(r.visited, req.URL.String())
	resp, err := r.browser.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return page{r.t, resp.StatusCode, resp.Request.URL.Path, string(body), resp.Header}
}

// want fails unless the page has the status and each of the texts.
func (p page) want(status int, texts ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: got status %d, want %d\n%s", p.url, p.status, status, p.main())
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			p.t.Errorf("%s: lacks %q\n%s", p.url, text, p.main())
		}
	}
	return p
}

func (p page) main() string {
	_, rest, _ := strings.Cut(p.body, "<main")
	main, _, _ := strings.Cut(rest, "</main>")
	return main
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// form returns what the page's form carries along.
func (p page) form() url.Values {
	v := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(p.body, -1) {
		v.Set(m[1], unescape(m[2]))
	}
	return v
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&").Replace(s)
}

// with returns the form with more fields.
func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
