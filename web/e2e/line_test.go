package e2e_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// said is what the booth says to its pages, by the names in its events.
type said map[string]any

// listen returns what the booth says now.
func listen(t *testing.T, booth string) said {
	t.Helper()
	resp, err := http.Get(booth + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var s said
		if err := json.Unmarshal([]byte(data), &s); err != nil {
			t.Fatalf("the booth said %q: %v", data, err)
		}
		return s
	}
	t.Fatal("the booth says nothing")
	return nil
}

// trouble is the same on a bad day: the line is down, and if the page shows a slip,
// its paper does not come for the reason that takes the most words.
func (s said) trouble(path string) said {
	bad := maps.Clone(s)
	bad["line"], bad["behind"] = "down", 128
	if slip, ok := strings.CutPrefix(path, "/slip/"); ok {
		bad["slip"], bad["print"] = slip, "trouble"
	}
	return bad
}

// hearing shows a page that hears something else than its booth says: everything in
// it happens as it would, but the booth's own line stays up.
func (b *tab) hearing(s said, look func()) {
	b.t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		b.t.Fatal(err)
	}
	*b.stream = "event: status\ndata: " + string(text) + "\n\n"
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/events"}}})
	look()
	call(b, fetch.Disable, cdp.Empty{})
}

// answer serves the stream of hearing. The page's events may not wait for it.
func (b *tab) answer(asked *fetch.EventRequestPaused) {
	body := []byte(*b.stream)
	go func() {
		_, err := chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: asked.RequestID, ResponseCode: http.StatusOK,
			ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/event-stream"}}, Body: body})
		if err != nil && b.ctx.Err() == nil {
			b.t.Logf("the stream was not served: %v", err) // the page may have gone
		}
	}()
}
