package hub_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

// cache is an HTTP cache on the way to the hub: what may be kept for a day it keeps, by
// its address, and asks for no more.
type cache struct {
	mu      sync.Mutex
	kept    map[string]*http.Response
	body    map[string][]byte
	hits    int
	skipped int // pages that it had, for another key
}

func (c *cache) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	url := r.URL.String()
	if resp, ok := c.kept[url]; ok && r.Method == http.MethodGet {
		c.hits++
		again := *resp
		again.Body = io.NopCloser(bytes.NewReader(c.body[url]))
		return &again, nil
	}
	c.mu.Unlock()
	resp, err := http.DefaultTransport.RoundTrip(r)
	c.mu.Lock()
	if err != nil || !strings.HasPrefix(resp.Header.Get("Cache-Control"), "public, max-age=") {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	page, _, _ := strings.Cut(url, "&")
	for other := range c.kept {
		if strings.HasPrefix(other, page+"&") {
			c.skipped++
		}
	}
	c.kept[url], c.body[url] = resp, body
	again := *resp
	again.Body = io.NopCloser(bytes.NewReader(body))
	return &again, nil
}

func TestAPageThatACacheKeptOutlivesNoChangeOfKeys(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	var items []hub.Published
	for i := range 600 {
		items = append(items, put(kiosk.FeedCity, "n", fmt.Sprint(i), "words"))
	}
	publish(t, c, items...)
	way := &cache{kept: map[string]*http.Response{}, body: map[string][]byte{}}
	read := func(what string) {
		t.Helper()
		store := openFeeds(t, t.TempDir())
		stop := follow(t, b, store, agent.FeedOpts{Client: &http.Client{Transport: way}})
		defer stop()
		eventually(t, what, func() bool {
			at, err := store.Cursors(context.Background())
			return err == nil && at[kiosk.FeedCity] == 600
		})
	}
	read("the first booth has everything")
	read("another has it from the cache")
	if way.hits != 2 || way.skipped != 0 {
		t.Fatalf("the cache served %d pages, want the 2 full ones", way.hits)
	}
	if _, _, err := c.AnnounceHubKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.SwitchHubKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	read("a booth has everything after the change")
	if way.hits != 2 || way.skipped != 2 {
		t.Errorf("%d pages came from the cache and %d were fetched anew, want 2 and 2", way.hits, way.skipped)
	}
}
