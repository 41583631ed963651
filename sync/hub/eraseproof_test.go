package hub_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// subject is a resident as the files know them: words that stand in the facts and in
// the sealed part of one record, and in an item that was made from it.
type subject struct {
	record kiosk.ID
	at     kiosk.RecordAt
	words  [3][]byte
}

// erasure is a booth with a real book, and its hub.
type erasure struct {
	t        *testing.T
	c        *hubtest.City
	b        *hubtest.Booth
	dir      string
	book     *sqlite.DB
	feeds    *sqlite.FeedDB
	subjects []subject
	rnd      *rand.Rand
}

type stillClock struct{}

func (stillClock) Read() kiosk.Reading {
	return kiosk.Reading{Wall: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), Since: time.Hour, State: kiosk.ClockNTP}
}

func newErasure(t *testing.T, seed uint64) *erasure {
	e := &erasure{t: t, c: hubtest.New(t), dir: t.TempDir(), rnd: rand.New(rand.NewPCG(seed, 16))}
	e.b = e.c.Enrol("07")
	e.openBook()
	t.Cleanup(func() { e.book.Close() })
	if err := e.book.Enrol(t.Context(), e.b.Enrolment); err != nil {
		t.Fatal(err)
	}
	e.feeds = openFeeds(t, e.dir)
	return e
}

// word returns bytes that stand nowhere else: text, as long as names and addresses,
// or as long as a letter.
func (e *erasure) word() []byte {
	b := make([]byte, 12+e.rnd.IntN(30))
	if e.rnd.IntN(6) == 0 {
		b = make([]byte, 1500+e.rnd.IntN(9000)) // over several pages of the file
	}
	for i := range b {
		b[i] = byte(e.rnd.Uint32())
	}
	return []byte(hex.EncodeToString(b))
}

// write appends the record of one more subject, and some that nobody erases.
func (e *erasure) write() {
	s := subject{record: kiosk.NewID(), words: [3][]byte{e.word(), e.word(), e.word()}}
	for range 1 + e.rnd.IntN(3) {
		e.append(kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindDoorOpened, Facts: []byte(`{}`)})
	}
	lane := kiosk.Lane(e.rnd.IntN(2))
	e.append(kiosk.Draft{ID: s.record, Lane: lane, Kind: kiosk.KindRequestFiled, Epoch: e.book.Epoch(),
		Facts: fmt.Appendf(nil, `{"note":%q}`, s.words[0]), Sealed: s.words[1]})
	heads, err := e.book.Heads(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	for _, h := range heads {
		if h.Epoch == e.book.Epoch() && h.Lane == lane {
			s.at = kiosk.RecordAt{Stream: h.Stream, Seq: h.Last}
		}
	}
	e.subjects = append(e.subjects, s)
}

func (e *erasure) append(d kiosk.Draft) {
	d.Schema, d.Stamp = 1, kiosk.Stamp{Boot: e.book.Boot(), Wall: time.UnixMilli(1_790_000_000_000), State: kiosk.ClockNTP}
	if err := e.book.Append(context.Background(), d); err != nil {
		e.t.Fatal(err)
	}
}

// run lets the booth send its book and read its feeds.
func (e *erasure) run() (stop func()) {
	var told func() []wire.FeedAt
	reader, err := agent.NewFeeds(e.feeds, e.b.Enrolment, e.b.Key, agent.FeedOpts{Log: hubtest.Quiet(), MinBackoff: time.Millisecond,
		Erase: e.book.Erase})
	if err != nil {
		e.t.Fatal(err)
	}
	told = reader.Told
	pusher, err := agent.New(e.book, e.b.Enrolment, e.b.Key, agent.Opts{Log: hubtest.Quiet(), Appended: e.book.Appended(), Feeds: told,
		Hello: 10 * time.Millisecond, MinBackoff: time.Millisecond})
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- reader.Run(ctx) }()
	go func() { done <- pusher.Run(ctx) }()
	return func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				e.t.Error(err)
			}
		}
	}
}

func (e *erasure) sent() {
	eventually(e.t, "the hub has the book", func() bool {
		heads, err := e.book.Heads(e.t.Context())
		if err != nil {
			e.t.Fatal(err)
		}
		return !slices.ContainsFunc(heads, func(h kiosk.Head) bool { return h.Acked < h.Last })
	})
}

// found returns the words that stand in a raw file of hub or booth.
func (e *erasure) found(words [][]byte) (out []string) {
	for _, pattern := range []string{filepath.Join(e.c.Dir, "*"), filepath.Join(e.dir, "*")} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			e.t.Fatal(err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				e.t.Fatal(err)
			}
			for _, w := range words {
				for _, part := range [][]byte{w, w[:len(w)/2], w[len(w)/2:]} { // halves, too: a page may cut a word
					if bytes.Contains(raw, part[:min(len(part), 24)]) {
						out = append(out, fmt.Sprintf("%.16s in %s", part, filepath.Base(name)))
					}
				}
			}
		}
	}
	return out
}

// publishCases publishes an item that was made from each record, and changes it twice.
func (e *erasure) publishCases() {
	for i, s := range e.subjects {
		for v := range 3 {
			item := put([]kiosk.Feed{kiosk.FeedCases, kiosk.BoothFeed("07")}[i%2], "case", s.record.String(), string(s.words[2])+fmt.Sprint(v))
			item.Record = s.record
			publish(e.t, e.c, item)
		}
	}
}

// reached waits until the booth has told that it carried all erasures out.
func (e *erasure) reached(n int) {
	eventually(e.t, "the booth has told that it erased them", func() bool {
		list, err := e.c.Erasures(e.t.Context())
		if err != nil {
			e.t.Fatal(err)
		}
		return len(list) == n && !slices.ContainsFunc(list, func(r hub.ErasureReport) bool { return r.Reached != 1 || len(r.Missing) != 0 })
	})
}

// restoreBook puts the book back as it was, and does what a booth does when it starts.
func (e *erasure) restoreBook(backup []byte) {
	if err := e.book.Close(); err != nil {
		e.t.Fatal(err)
	}
	path := filepath.Join(e.dir, sqlite.FileName)
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		e.t.Fatal(err)
	}
	e.openBook()
	ids, err := e.feeds.Erased(e.t.Context(), kiosk.BoothFeed("07"), kiosk.ItemRecord)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, id := range ids {
		at, err := kiosk.ParseRecordAt(id)
		if err == nil {
			err = e.book.Erase(e.t.Context(), at)
		}
		if err != nil {
			e.t.Fatal(err)
		}
	}
}

func (e *erasure) openBook() {
	var err error
	if e.book, err = sqlite.Open(context.Background(), e.dir, stillClock{}, sqlite.Opts{}); err != nil {
		e.t.Fatal(err)
	}
}

// backups returns hub and book as they are.
func (e *erasure) backups() (city hubtest.Backup, book []byte) {
	e.c.Stop()
	city = e.c.Backup()
	e.c.Start()
	if err := e.book.Close(); err != nil {
		e.t.Fatal(err)
	}
	book, err := os.ReadFile(filepath.Join(e.dir, sqlite.FileName))
	if err != nil {
		e.t.Fatal(err)
	}
	e.openBook()
	return city, book
}

// TestT16NothingErasedIsFoundInAnyFile erases subjects one after the other, scans the
// raw bytes of every file of hub and booth for them, and lets a backup of the hub, a
// backup of the booth and whatever the booth then sends bring them again.
func TestT16NothingErasedIsFoundInAnyFile(t *testing.T) {
	p := kiosktest.Prove(t, "T16", "erasure: raw-file scan of hub and booth, resend, backups put back", kiosktest.Runs{Short: 5, Release: 100})
	for p.Next() {
		e := newErasure(t, p.Seed())
		for range 20 {
			e.write()
		}
		stop := e.run()
		e.sent()
		e.publishCases()
		stop()
		hubDB, book := e.backups()
		stop = e.run()
		e.rnd.Shuffle(len(e.subjects), func(i, j int) { e.subjects[i], e.subjects[j] = e.subjects[j], e.subjects[i] })
		victims := e.subjects[:10]
		var words [][]byte
		for _, s := range victims {
			if _, err := e.c.Erase(t.Context(), s.record.String(), "asked for"); err != nil {
				t.Fatal(err)
			}
			words = append(words, s.words[:]...)
		}
		e.reached(len(victims))
		p.Count("subjects", len(victims))
		p.Count("found", e.none("after the erasure", words))
		for _, s := range e.subjects[len(victims):] {
			if n := len(e.found([][]byte{s.words[0], s.words[1]})); n < 2 {
				t.Error("the scan does not find what nobody erased: it finds nothing")
			}
		}
		stop()
		e.c.Stop()
		e.c.Restore(hubDB)
		p.Count("found", e.none("after the hub was restored", words))
		e.restoreBook(book)
		p.Count("found", e.none("after the booth was restored", words))
		e.c.Start()
		stop = e.run()
		e.write()
		e.sent()
		e.reached(len(victims))
		p.Count("found", e.none("after the booth has sent again", words))
		stop()
		e.c.Stop()
		if t.Failed() {
			return
		}
	}
}

// none says which words stand in files although none should, and counts them.
func (e *erasure) none(when string, words [][]byte) int {
	left := e.found(words)
	if len(left) > 0 {
		e.t.Errorf("%s %d erased words stand in files: %v", when, len(left), left[:min(len(left), 8)])
	}
	return len(left)
}
