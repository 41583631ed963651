package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

func TestOnlyTheHubsWordOnAFeedIsBelieved(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	trust := wire.Pinned(key.Public().(ed25519.PublicKey))
	page := &wire.FeedPage{Feed: "city", Items: []kiosk.Item{{Ver: 1, Type: "n", ID: "a", Op: kiosk.ItemPut, Body: []byte("x")}}}
	body, err := wire.SignFeed(page, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := wire.SignFeed(page, key); err != nil || !bytes.Equal(again, body) {
		t.Errorf("the same page has other bytes the second time (%v)", err)
	}
	var got wire.FeedPage
	if err := wire.ReadFeed(body, trust, &got); err != nil || got.Check("city", 0) != nil || string(got.Items[0].Body) != "x" {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := wire.ReadFeed(body, trust, &wire.FeedHead{}); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("a page passed off as a head: %v", err)
	}
	foreign, err := wire.SignFeed(page, other)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.ReadFeed(foreign, trust, &wire.FeedPage{}); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("signed by another key: %v", err)
	}
	for i := range body {
		changed := bytes.Clone(body)
		changed[i] ^= 1
		if err := wire.ReadFeed(changed, trust, &wire.FeedPage{}); err == nil {
			t.Fatalf("byte %d was changed, and the page is believed", i)
		}
	}
}

func TestAPageThatWasNotAskedForIsRefused(t *testing.T) {
	item := func(ver uint64, body string) kiosk.Item {
		return kiosk.Item{Ver: ver, Type: "n", ID: "a", Op: kiosk.ItemPut, Body: []byte(body)}
	}
	large := string(make([]byte, kiosk.MaxItemBody+1))
	for name, p := range map[string]wire.FeedPage{
		"another feed":       {Feed: "tags", After: 5},
		"another version":    {Feed: "city", After: 6},
		"a gap":              {Feed: "city", After: 5, Items: []kiosk.Item{item(6, ""), item(8, "")}},
		"an earlier one":     {Feed: "city", After: 5, Items: []kiosk.Item{item(5, "")}},
		"too large an item":  {Feed: "city", After: 5, Items: []kiosk.Item{item(6, large)}},
		"an unknown deed":    {Feed: "city", After: 5, Items: []kiosk.Item{{Ver: 6, Type: "n", ID: "a", Op: 9}}},
		"an item with no id": {Feed: "city", After: 5, Items: []kiosk.Item{{Ver: 6, Type: "n", Op: kiosk.ItemPut}}},
	} {
		if err := p.Check("city", 5); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%s: got %v, want an error with code invalid", name, err)
		}
	}
	i := item(6, "")
	b := i.Bucket()
	for name, s := range map[string]wire.FeedSegment{
		"another bucket":       {Feed: "city", Bucket: b + 1},
		"another sum":          {Feed: "city", Bucket: b, Sum: kiosk.Sum{1}},
		"items out of order":   {Feed: "city", Bucket: b, Items: []kiosk.Item{item(6, ""), item(6, "")}},
		"more, but nothing":    {Feed: "city", Bucket: b, More: true},
		"items of another one": {Feed: "city", Bucket: b, Items: []kiosk.Item{{Ver: 6, Type: "n", ID: "b", Op: kiosk.ItemPut}}},
	} {
		if err := s.Check("city", b, kiosk.Sum{}, 0); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%s: got %v, want an error with code invalid", name, err)
		}
	}
}

func TestASignedGetCoversItsQuery(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	pub := key.Public().(ed25519.PublicKey)
	r, nonce, err := wire.NewFetch(t.Context(), "http://hub/v1/feed/tags?after=7", "07", key, "challenge")
	if err != nil {
		t.Fatal(err)
	}
	check := func(change func(*http.Request)) error {
		c := r.Clone(t.Context())
		change(c)
		f, err := wire.ReadFetch(c)
		if err != nil {
			return err
		}
		if f.KeyID != "07" || f.Nonce != nonce || f.Challenge() != "challenge" {
			t.Errorf("got %+v", f)
		}
		return f.Verify(pub)
	}
	if err := check(func(*http.Request) {}); err != nil {
		t.Errorf("as it was made: %v", err)
	}
	for name, change := range map[string]func(*http.Request){
		"another query":  func(r *http.Request) { r.URL.RawQuery = "after=8" },
		"another path":   func(r *http.Request) { r.URL.Path = "/v1/feed/cases" },
		"no signature":   func(r *http.Request) { r.Header.Del("Signature") },
		"another's word": func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) },
	} {
		if err := check(change); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s: got %v, want an error with code denied", name, err)
		}
	}
}
