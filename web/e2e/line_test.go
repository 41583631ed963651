package e2e_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// lineCut is what a page hears from a booth whose line is down, as a stream.
type lineCut string

// cutLine takes what the booth says now and changes what it says of the line.
func cutLine(t *testing.T, booth string) lineCut {
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
		var said map[string]any
		if err := json.Unmarshal([]byte(data), &said); err != nil {
			t.Fatalf("the booth said %q: %v", data, err)
		}
		said["line"], said["behind"] = "down", 128
		changed, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		return lineCut("event: status\ndata: " + string(changed) + "\n\n")
	}
	t.Fatal("the booth says nothing")
	return ""
}

// withLineCut shows a page that hears, after it has been loaded, that the line is
// down: everything in it happens as in a booth, but the booth's own line stays up.
func (b *tab) withLineCut(cut lineCut, look func()) {
	b.t.Helper()
	*b.cut = cut
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/events"}}})
	look()
	call(b, fetch.Disable, cdp.Empty{})
}

// answer serves the stream of a cut line. The page's events may not wait for it.
func (b *tab) answer(asked *fetch.EventRequestPaused) {
	body := []byte(*b.cut)
	go func() {
		_, err := chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: asked.RequestID, ResponseCode: http.StatusOK,
			ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/event-stream"}}, Body: body})
		if err != nil && b.ctx.Err() == nil {
			b.t.Logf("the stream was not served: %v", err) // the page may have gone
		}
	}()
}
