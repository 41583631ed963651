package e2e_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

var paint = flag.Int("paint", 0, "measure the first paint in so many `rounds`")

// slowDown is how much slower the processor is made: about a Pi 4 beside a desk.
const slowDown = 6

// extras are what a page has beyond words and style: scripts, and the fonts.
var extras = regexp.MustCompile(`<script[^>]*></script>|<link rel="stylesheet" href="[^"]*/fonts\.[^"]*">`)

// through serves the booth's pages as they are, or bare: without scripts and fonts.
func through(t *testing.T, base string, bare bool) string {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	p := httputil.NewSingleHostReverseProxy(to)
	p.FlushInterval = -1
	p.ModifyResponse = func(r *http.Response) error {
		if !bytes.HasPrefix([]byte(r.Header.Get("Content-Type")), []byte("text/html")) {
			return nil
		}
		page, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body.Close()
		if bare {
			page = extras.ReplaceAll(page, nil)
		}
		r.Body = io.NopCloser(bytes.NewReader(page))
		r.ContentLength = int64(len(page))
		r.Header.Set("Content-Length", strconv.Itoa(len(page)))
		return nil
	}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return s.URL
}

// TestFirstPaint measures when the first words of a page stand on a slow screen,
// beside the same page without scripts and fonts: go test -run TestFirstPaint -paint 15 -v.
// It is a measurement, and fails for nothing: what a machine can do in a second is
// no property of the program.
func TestFirstPaint(t *testing.T) {
	if *paint <= 0 {
		t.Skip("-paint names no number of rounds")
	}
	d := newDemo(t)
	b := open(t, common(), "http://127.0.0.1")
	b.expect(".*")
	whole, bare := through(t, d.booth, false), through(t, d.booth, true)
	call(b, network.Enable, network.EnableParams{})
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slowDown})
	fmt.Printf("first contentful paint, processor %d times slower, nothing cached, median of %d\n", slowDown, *paint)
	for _, page := range []struct{ name, path string }{{"home", "/"}, {"question", "/s/3.1/form"}} {
		var with, without []float64
		for range *paint {
			with = append(with, b.firstPaint(whole+page.path))
			without = append(without, b.firstPaint(bare+page.path))
		}
		w, o := median(with), median(without)
		fmt.Printf("%-10s %5.0f ms, without scripts and fonts %5.0f ms, ratio %.2f\n", page.name, w, o, w/o)
	}
}

// firstPaint loads a page and returns when its first words stood, in ms.
func (b *tab) firstPaint(address string) float64 {
	b.t.Helper()
	call(b, network.ClearBrowserCache, cdp.Empty{})
	was := b.base
	b.base = ""
	b.load(address)
	b.base = was
	ms := 0.0
	soon(b.t, "the first paint", patience, func() bool {
		ms = eval[float64](b, "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
		return ms > 0
	})
	time.Sleep(200 * time.Millisecond) // what is still loading disturbs the next
	return ms
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
