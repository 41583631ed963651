package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

func openFeeds(t *testing.T, dir, owner string) *sqlite.FeedDB {
	t.Helper()
	f, err := sqlite.OpenFeeds(t.Context(), dir, owner, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func apply(t *testing.T, f *sqlite.FeedDB, feed kiosk.Feed, after uint64, items ...kiosk.Item) {
	t.Helper()
	for i := range items {
		items[i].Ver = after + 1 + uint64(i)
	}
	if err := f.Apply(t.Context(), feed, after, items); err != nil {
		t.Fatal(err)
	}
}

func itemOf(id, body string) kiosk.Item {
	return kiosk.Item{Type: "n", ID: id, Op: kiosk.ItemPut, Body: []byte(body)}
}

func held(t *testing.T, f *sqlite.FeedDB, feed kiosk.Feed) (out string) {
	t.Helper()
	items, err := f.Items(t.Context(), feed, "n")
	if err != nil {
		return string(kiosk.CodeOf(err))
	}
	for _, i := range items {
		out += i.ID + "=" + string(i.Body) + " "
	}
	at, err := f.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s@%d", out, at[feed])
}

func TestAPageIsTakenInWhollyOrNotAtAll(t *testing.T) {
	f := openFeeds(t, t.TempDir(), "07")
	apply(t, f, "city", 0, itemOf("a", "1"), itemOf("b", "1"), itemOf("a", "2"))
	const want = "b=1 a=2 @3"
	if got := held(t, f, "city"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	again := []kiosk.Item{itemOf("a", "9")}
	again[0].Ver = 3
	for _, after := range []uint64{0, 2, 4} { // a page that came late, or leaves a gap
		if err := f.Apply(t.Context(), "city", after, again); kiosk.CodeOf(err) != kiosk.CodeConflict {
			t.Errorf("after %d: got %v, want an error with code conflict", after, err)
		}
	}
	if got := held(t, f, "city"); got != want {
		t.Errorf("after pages that do not fit: got %q, want %q", got, want)
	}
}

// Whatever is wrong with the file, it comes back empty, and the book is not touched.
func TestTheFeedsAreThrownAwayRatherThanMended(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"removed": os.Remove,
		"no database": func(path string) error {
			return os.WriteFile(path, []byte("this is no database at all, only words"), 0o600)
		},
		"cut in half": func(path string) error { return os.Truncate(path, 5000) },
		"overwritten": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			copy(b[4096:], bytes.Repeat([]byte{0xff}, 4096))
			return os.WriteFile(path, b, 0o600)
		},
		"of a newer program": func(path string) error {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return err
			}
			_, err = db.Exec(`INSERT INTO migration (number, name) VALUES (9999, 'x')`)
			return errors.Join(err, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := openFeeds(t, dir, "07")
			apply(t, f, "city", 0, itemOf("a", "1"))
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if err := harm(filepath.Join(dir, sqlite.FeedName)); err != nil {
				t.Fatal(err)
			}
			again := openFeeds(t, dir, "07")
			if got := held(t, again, "city"); got != "@0" {
				t.Errorf("it holds %q, want nothing", got)
			}
			apply(t, again, "city", 0, itemOf("a", "1"))
		})
	}
	dir := t.TempDir()
	f := openFeeds(t, dir, "07 hub A")
	apply(t, f, "city", 0, itemOf("a", "1"))
	f.Close()
	if got := held(t, openFeeds(t, dir, "07 hub A"), "city"); got != "a=1 @1" {
		t.Errorf("opened again it holds %q", got)
	}
	if got := held(t, openFeeds(t, dir, "07 hub B"), "city"); got != "@0" {
		t.Errorf("of another hub it holds %q", got)
	}
}

func TestPersonalDataGoesWithTheLease(t *testing.T) {
	dir := t.TempDir()
	f := openFeeds(t, dir, "07")
	ctx, boot, now := context.Background(), kiosk.ID{1}, time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	if err := f.Touch(ctx, boot, 0, now); err != nil {
		t.Fatal(err)
	}
	gone := kiosk.Item{Type: kiosk.ItemRecord, ID: "x", Op: kiosk.ItemErase}
	apply(t, f, "city", 0, itemOf("a", "snow"))
	apply(t, f, "tags", 0, itemOf("a", "personal-words"))
	apply(t, f, "booth/07", 0, itemOf("a", "personal-words"), gone)
	count := func(since time.Duration) bool {
		t.Helper()
		purged, err := f.Count(ctx, boot, kiosk.Reading{Since: since, Wall: now, State: kiosk.ClockRestored})
		if err != nil {
			t.Fatal(err)
		}
		return purged
	}
	if count(29 * 24 * time.Hour) {
		t.Error("purged after 29 days")
	}
	f.Close()
	f = openFeeds(t, dir, "07") // a restart does not begin the lease anew
	if got := held(t, f, "tags"); got != "a=personal-words @1" {
		t.Errorf("after 29 days and a restart: %q", got)
	}
	if !count(30*24*time.Hour+time.Minute) || count(31*24*time.Hour) {
		t.Error("not purged once after 30 days")
	}
	if got := held(t, f, "tags"); got != string(kiosk.CodeUnavailable) {
		t.Errorf("after 30 days the tags say %q", got)
	}
	if got := held(t, f, "city"); got != "a=snow @1" {
		t.Errorf("the city's feed holds %q", got)
	}
	if ids, err := f.Erased(ctx, "booth/07", kiosk.ItemRecord); err != nil || len(ids) != 1 {
		t.Errorf("erasures that are known: %v, %v", ids, err)
	}
	for _, name := range []string{sqlite.FeedName, sqlite.FeedName + "-wal"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || bytes.Contains(b, []byte("personal-words")) {
			t.Errorf("%s holds what was purged, or cannot be read: %v", name, err)
		}
	}
	if err := f.Touch(ctx, boot, 32*24*time.Hour, now.Add(32*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := held(t, f, "tags"); got != "@0" {
		t.Errorf("after a new contact the tags hold %q, want nothing from the beginning", got)
	}
}

func TestFeedsGiveBackTheRoomThatTheyDoNotNeed(t *testing.T) {
	dir := t.TempDir()
	f := openFeeds(t, dir, "07")
	big := string(bytes.Repeat([]byte("words "), 2000))
	var items []kiosk.Item
	for i := range 200 {
		items = append(items, itemOf(fmt.Sprint(i), big))
	}
	apply(t, f, kiosk.FeedCity, 0, items...)
	for i := range items {
		items[i].Body = []byte("short")
	}
	apply(t, f, kiosk.FeedCity, 200, items...)
	size := func() (n int64) {
		for _, name := range []string{sqlite.FeedName, sqlite.FeedName + "-wal"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
				n += info.Size()
			}
		}
		return n
	}
	before, had := size(), held(t, f, kiosk.FeedCity)
	if err := f.Shrink(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := size(); after > before/10 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	if at, err := f.Cursors(t.Context()); err != nil || at[kiosk.FeedCity] != 400 || held(t, f, kiosk.FeedCity) != had {
		t.Errorf("feeds are at %v, %v, or hold something else", at, err)
	}
}
