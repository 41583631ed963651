package hub_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// put makes an item to be published.
func put(feed kiosk.Feed, typ, id, body string) hub.Published {
	return hub.Published{Item: kiosk.Item{Feed: feed, Type: typ, ID: id, Op: kiosk.ItemPut, Body: []byte(body)}}
}

func publish(t testing.TB, c *hubtest.City, items ...hub.Published) {
	t.Helper()
	if err := c.Publish(context.Background(), items...); err != nil {
		t.Fatal(err)
	}
}

func openFeeds(t testing.TB, dir string) *sqlite.FeedDB {
	t.Helper()
	f, err := sqlite.OpenFeeds(context.Background(), dir, "07", hubtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// follow lets a booth read its feeds until the test ends or stop is called.
func follow(t testing.TB, b *hubtest.Booth, store agent.FeedStore, o agent.FeedOpts) (stop func()) {
	t.Helper()
	o.Log = hubtest.Quiet()
	o.MinBackoff, o.MaxBackoff = time.Millisecond, 20*time.Millisecond
	f, err := agent.NewFeeds(store, b.Enrolment, b.Key, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("reader: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually polls for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// holds reports whether the booth has an item with that body.
func holds(t testing.TB, f *sqlite.FeedDB, feed kiosk.Feed, typ, id, body string) bool {
	t.Helper()
	if feed.Personal() {
		if err := f.Touch(context.Background(), kiosk.ID{1}, 0, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	items, err := f.Items(context.Background(), feed, typ)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		if i.ID == id {
			return string(i.Body) == body
		}
	}
	return false
}

func TestWhatIsPublishedReachesABoothThatWaits(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	store := openFeeds(t, t.TempDir())
	follow(t, b, store, agent.FeedOpts{})
	publish(t, c, put(kiosk.FeedCity, "notice", "1", "snow"), put(kiosk.BoothFeed("07"), "case", "a", "mine"), put(kiosk.BoothFeed("08"), "case", "b", "theirs"))
	eventually(t, "the notice", func() bool { return holds(t, store, kiosk.FeedCity, "notice", "1", "snow") })
	eventually(t, "its own case", func() bool { return holds(t, store, kiosk.BoothFeed("07"), "case", "a", "mine") })
	publish(t, c, put(kiosk.FeedCity, "notice", "1", "ice"))
	eventually(t, "the change", func() bool { return holds(t, store, kiosk.FeedCity, "notice", "1", "ice") })
	publish(t, c, hub.Published{Item: kiosk.Item{Feed: kiosk.FeedCity, Type: "notice", ID: "1", Op: kiosk.ItemDel}})
	eventually(t, "the removal", func() bool { return !holds(t, store, kiosk.FeedCity, "notice", "1", "ice") })
	if at, err := store.Cursors(t.Context()); err != nil || at[kiosk.BoothFeed("08")] != 0 {
		t.Errorf("it reads another booth's feed: %v, %v", at, err)
	}
}

func TestAnItemOfALaterProgramIsKeptUntilItIsUnderstood(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	store := openFeeds(t, t.TempDir())
	later := put(kiosk.FeedCity, "notice", "1", "hologram")
	later.MinVersion = kiosk.FeedFormat + 1
	publish(t, c, later, put(kiosk.FeedCity, "scent", "2", "pine"))
	follow(t, b, store, agent.FeedOpts{})
	eventually(t, "both", func() bool {
		at, err := store.Cursors(t.Context())
		return err == nil && at[kiosk.FeedCity] == 2
	})
	if holds(t, store, kiosk.FeedCity, "notice", "1", "hologram") {
		t.Error("it is used before it is understood")
	}
	want, got := headOf(t, c, kiosk.FeedCity), sumsOf(t, store, kiosk.FeedCity)
	if want != got {
		t.Error("what is not understood is not kept as it came")
	}
}

// headOf returns the hub's checksums of a feed.
func headOf(t testing.TB, c *hubtest.City, feed kiosk.Feed) kiosk.Sums {
	t.Helper()
	var head wire.FeedHead
	get(t, c, c.URL+wire.PathFeed+string(feed)+"/head", nil, &head)
	sums, err := head.SumsOf()
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func sumsOf(t testing.TB, f *sqlite.FeedDB, feed kiosk.Feed) kiosk.Sums {
	t.Helper()
	sums, err := f.Sums(context.Background(), feed)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// get fetches a statement of a feed without a signature and returns the answer.
func get(t testing.TB, c *hubtest.City, url string, header http.Header, into wire.FeedContent) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK && into != nil {
		keys, err := hub.LoadKeys(c.Dir)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := codec.Decompress(body)
		if err == nil {
			err = wire.ReadFeed(raw, wire.Pinned(keys.Public()), into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return resp
}

func TestAFullPageNeverChangesAndTheTailIsAskedAgain(t *testing.T) {
	c := hubtest.New(t)
	url := c.URL + wire.PathFeed + string(kiosk.FeedCity)
	for i := range wire.PageItems + 1 {
		publish(t, c, put(kiosk.FeedCity, "n", fmt.Sprint(i), "x"))
	}
	var page wire.FeedPage
	full := get(t, c, url+"?after=0", nil, &page)
	if !page.Full || len(page.Items) != wire.PageItems || full.Header.Get("Cache-Control") != "public, max-age=86400, immutable" {
		t.Errorf("full page: %v, %d items, %q", page.Full, len(page.Items), full.Header.Get("Cache-Control"))
	}
	var tail wire.FeedPage
	last := get(t, c, url+"?after=256", nil, &tail)
	if tail.Full || len(tail.Items) != 1 || last.Header.Get("Cache-Control") != "public, no-cache" {
		t.Errorf("tail: %v, %d items, %q", tail.Full, len(tail.Items), last.Header.Get("Cache-Control"))
	}
	known := http.Header{"If-None-Match": {last.Header.Get("ETag")}}
	if r := get(t, c, url+"?after=256", known, nil); r.StatusCode != http.StatusNotModified {
		t.Errorf("the tail as it is known: status %d", r.StatusCode)
	}
	woken := make(chan int, 1)
	go func() {
		var next wire.FeedPage
		get(t, c, url+"?after=256&wait=50", known, &next)
		woken <- len(next.Items)
	}()
	publish(t, c, put(kiosk.FeedCity, "n", "new", "x"))
	if n := <-woken; n != 2 {
		t.Errorf("who waited got %d items, want 2", n)
	}
	if again := get(t, c, url+"?after=0", nil, nil); again.Header.Get("ETag") != full.Header.Get("ETag") {
		t.Error("the full page has another ETag")
	}
}

func TestPersonalFeedsAreForEnrolledBoothsOnly(t *testing.T) {
	c := hubtest.New(t)
	b, other := c.Enrol("07"), c.Enrol("08")
	publish(t, c, put(kiosk.FeedTags, "tag", "1", "x"), put(kiosk.BoothFeed("07"), "case", "1", "x"))
	ask := func(who *hubtest.Booth, path string) int {
		r, _, err := wire.NewFetch(t.Context(), c.URL+wire.PathFeed+path, who.Booth, who.Key, challenge(t, c))
		if err != nil {
			t.Fatal(err)
		}
		return get(t, c, r.URL.String(), r.Header, nil).StatusCode
	}
	for path, want := range map[string]int{"tags?after=0": 200, "booth/07": 200, "booth/07/head": 200, "booth/08": 404, "nothing": 404, "booth": 404,
		"tags/segment/0-00": 400, "tags?after=x": 400, "booth/07/tail": 404} {
		if got := ask(b, path); got != want {
			t.Errorf("booth 07 asks for %s: status %d, want %d", path, got, want)
		}
		if got := get(t, c, c.URL+wire.PathFeed+path, nil, nil).StatusCode; got == http.StatusOK {
			t.Errorf("a stranger asks for %s: status %d", path, got)
		}
	}
	stolen := &hubtest.Booth{Enrolment: b.Enrolment, Key: other.Key}
	if got := ask(stolen, "tags"); got != http.StatusUnauthorized {
		t.Errorf("with another booth's key: status %d", got)
	}
	if err := c.RevokeBooth(t.Context(), "07", "stolen"); err != nil {
		t.Fatal(err)
	}
	if got := ask(b, "tags"); got != http.StatusForbidden {
		t.Errorf("a revoked booth: status %d", got)
	}
}

func TestItemsThatCannotBeAreNotPublished(t *testing.T) {
	c := hubtest.New(t)
	good := put(kiosk.FeedCity, "n", "1", "x")
	bad := map[string]hub.Published{
		"no such feed":          put("town", "n", "1", "x"),
		"a booth that is none":  put(kiosk.BoothFeed("-"), "n", "1", "x"),
		"no type":               put(kiosk.FeedCity, "", "1", "x"),
		"a tombstone that says": {Item: kiosk.Item{Feed: kiosk.FeedCity, Type: "n", ID: "1", Op: kiosk.ItemDel, Body: []byte("x")}},
		"too much":              put(kiosk.FeedCity, "n", "1", string(make([]byte, kiosk.MaxItemBody+1))),
	}
	for name, item := range bad {
		if err := c.Publish(t.Context(), good, item); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%s: got %v, want an error with code invalid", name, err)
		}
	}
	var page wire.FeedPage
	if get(t, c, c.URL+wire.PathFeed+"city", nil, &page); len(page.Items) != 0 {
		t.Errorf("%d items were published", len(page.Items))
	}
}

// counting counts which buckets are replaced.
type counting struct {
	*sqlite.FeedDB
	mu       sync.Mutex
	replaced int
}

func (c *counting) Replace(ctx context.Context, feed kiosk.Feed, bucket int, items []kiosk.Item) error {
	c.mu.Lock()
	c.replaced++
	c.mu.Unlock()
	return c.FeedDB.Replace(ctx, feed, bucket, items)
}

func (c *counting) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replaced
}

// A booth that was away for so long that pages do not reach back to it fetches those
// buckets that have changed, and goes on page by page.
func TestABoothThatWasAwayForLongFetchesOnlyWhatDiffers(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	store := &counting{FeedDB: openFeeds(t, t.TempDir())}
	var many []hub.Published
	for i := range 600 {
		many = append(many, put(kiosk.FeedCity, "n", fmt.Sprint(i), "old"))
	}
	publish(t, c, many...)
	at := func(ver uint64) func() bool {
		return func() bool {
			have, err := store.Cursors(t.Context())
			return err == nil && have[kiosk.FeedCity] == ver
		}
	}
	stop := follow(t, b, store, agent.FeedOpts{})
	eventually(t, "the first 600", at(600))
	stop()
	if n := store.count(); n != 0 {
		t.Errorf("%d buckets were replaced where pages do", n)
	}
	for range 300 { // the same three things over and over
		publish(t, c, put(kiosk.FeedCity, "n", "1", "new"), put(kiosk.FeedCity, "n", "2", "new"),
			hub.Published{Item: kiosk.Item{Feed: kiosk.FeedCity, Type: "n", ID: "3", Op: kiosk.ItemDel}})
	}
	if err := c.Compact(t.Context(), kiosk.FeedCity, 1400, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if r := get(t, c, c.URL+wire.PathFeed+"city?after=600", nil, nil); r.StatusCode != http.StatusGone {
		t.Errorf("a page behind the floor: status %d, want 410", r.StatusCode)
	}
	stop = follow(t, b, store, agent.FeedOpts{})
	eventually(t, "all 1500", at(1500))
	if n := store.count(); n < 1 || n > 3 {
		t.Errorf("%d buckets were replaced, want those of three things", n)
	}
	if sumsOf(t, store.FeedDB, kiosk.FeedCity) != headOf(t, c, kiosk.FeedCity) || !holds(t, store.FeedDB, kiosk.FeedCity, "n", "2", "new") {
		t.Error("the booth holds something else than the hub")
	}
	stop()

	// What its own file lost, and a tombstone that the hub has buried, come right with
	// the next comparison.
	if err := store.FeedDB.Replace(t.Context(), kiosk.FeedCity, (&kiosk.Item{Type: "n", ID: "500"}).Bucket(), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Compact(t.Context(), kiosk.FeedCity, 1500, c.Clock.Read().Wall.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	follow(t, b, store, agent.FeedOpts{Compare: time.Millisecond})
	eventually(t, "the repair", func() bool { return sumsOf(t, store.FeedDB, kiosk.FeedCity) == headOf(t, c, kiosk.FeedCity) })
	if !holds(t, store.FeedDB, kiosk.FeedCity, "n", "500", "old") {
		t.Error("what was lost did not come back")
	}
}

func TestAPageIsMadeAnewWhereAnItemWasErased(t *testing.T) {
	c := hubtest.New(t)
	record := kiosk.NewID()
	b := c.Enrol("07")
	b.Book.WriteDraft(t, kiosk.Draft{ID: record, Kind: kiosk.KindRequestFiled, Facts: []byte(`{"a":"secret"}`)})
	push(t, c, b, 1, 1)
	var many []hub.Published
	for i := range 300 {
		many = append(many, put(kiosk.FeedCity, "n", fmt.Sprint(i), "x"))
	}
	many[7].Record, many[7].Body = record, []byte("secret")
	publish(t, c, many...)
	url := c.URL + wire.PathFeed + "city?after=0"
	before := get(t, c, url, nil, nil).Header.Get("ETag")
	for _, reason := range []string{"", "asked for"} {
		if _, err := c.Erase(t.Context(), "1", reason); (kiosk.CodeOf(err) == kiosk.CodeInvalid) != (reason == "") {
			t.Fatalf("reason %q: %v", reason, err)
		}
	}
	if _, err := c.Erase(t.Context(), record.String(), "asked for"); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("erased twice: got %v, want an error with code conflict", err)
	}
	if _, err := c.Erase(t.Context(), kiosk.NewID().String(), "asked for"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a record that is not there: got %v, want an error with code not_found", err)
	}
	var page wire.FeedPage
	if after := get(t, c, url, nil, &page).Header.Get("ETag"); after == before {
		t.Error("the page has the same ETag as before")
	}
	if i := page.Items[7]; i.Op != kiosk.ItemErase || i.Body != nil || len(page.Items) != wire.PageItems || !page.Full {
		t.Errorf("the item is %+v on a page of %d", i, len(page.Items))
	}
	entries := c.Entries()
	if len(entries) != 1 || entries[0].Facts != nil || entries[0].ID != record {
		t.Errorf("the log says %+v", entries)
	}
	if o := push(t, c, b, 1, 1); o.status != http.StatusOK || c.Entries()[0].Facts != nil {
		t.Errorf("sent again: %v", o)
	}
	list, err := c.Erasures(t.Context())
	if err != nil || len(list) != 1 || list[0].Reached != 0 || len(list[0].Missing) != 1 {
		t.Errorf("erasures %+v, %v", list, err)
	}
}
