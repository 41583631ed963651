package boothd_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// events follows the screen's stream and returns how to wait for one of them.
func events(t *testing.T, base string) func(want string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	return func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the stream ended before %s: %v", want, lines.Err())
	}
}

func TestASimulatedScannerHasAButton(t *testing.T) {
	c := config(t, io.Discard)
	c.Scanner = "sim:"
	base, stop := serve(t, c)
	defer stop()
	if !strings.Contains(get(t, base+"/sim"), `value="scan"`) {
		t.Error("the device page has no button for it")
	}
	until := events(t, base)
	r, err := http.PostForm(base+"/sim/press", url.Values{"button": {"scan"}})
	text(t, r, err)
	until(`"scans":1`)
}
