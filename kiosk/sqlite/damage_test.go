package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// damageBase is a booth that has been used, in order or killed.
type damageBase struct {
	photo
	holds  map[string]string // what it serves
	issued map[string]bool   // every number that somebody was shown
	last   uint64            // of the log lane
}

// usedBooth writes for a while, and is then stopped in order or killed.
func usedBooth(t *testing.T, killed bool) damageBase {
	t.Helper()
	r := newRig(t)
	r.dir = fastDir(t)
	r.open()
	e, _, err := kiosktest.Enrolment()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := r.Enrolled(e); err != nil {
		t.Fatal(err)
	}
	if err := r.SetPIN(t.Context(), "274951"); err != nil {
		t.Fatal(err)
	}
	b := damageBase{issued: map[string]bool{}}
	write := func(n int) {
		for i := range n {
			slip, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
			if err != nil {
				t.Fatal(err)
			}
			b.issued[slip.Number] = true
			r.doorOpened()
			if i%20 == 0 {
				r.clock.Advance(24 * time.Hour)
				b.issued[r.ticket()+r.clock.Read().Wall.Format(time.DateOnly)] = true
			}
		}
	}
	write(40)
	if err := r.book.Acknowledge(t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, 60, nil); err != nil {
		t.Fatal(err)
	}
	r.restart() // the log goes into the book
	write(20)
	if !killed {
		if err := r.book.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b.holds = contents(t, r.dir)
	b.photo = takePhoto(t, r.dir)
	heads, err := headsOf(r)
	if err != nil && killed {
		t.Fatal(err)
	}
	for _, h := range heads {
		b.last = max(b.last, h.Last)
	}
	return b
}

func headsOf(r *rig) ([]kiosk.Head, error) { return r.book.Heads(context.Background()) }

// reopen opens the folder as the supervisor does after any stop.
func reopen(t *testing.T, dir string, clock *kiosktest.Clock) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, clock: clock, boot: kiosk.RandomID()}
	r.open()
	t.Cleanup(func() { r.book.Close() })
	return r
}

func TestT17AFlippedByteIsFoundOrHarmless(t *testing.T) {
	bases := []damageBase{usedBooth(t, false), usedBooth(t, true)}
	p := kiosktest.Prove(t, "T17", "one flipped byte in the book or its log", kiosktest.Runs{Short: 200, Release: 5000})
	for _, name := range []string{"salvaged", "harmless", "records lost and named", "served wrong"} {
		p.Count(name, 0)
	}
	for p.Next() {
		random := rand.New(rand.NewPCG(p.Seed(), 17))
		base := bases[random.IntN(len(bases))]
		name := sqlite.FileName
		if log := base.photo[name+"-wal"]; len(log.body) > 0 && random.IntN(2) == 0 {
			name += "-wal"
		}
		dir := fastDir(t)
		base.put(t, dir)
		hurt := photo{name: {slices.Clone(base.photo[name].body), base.photo[name].at}}
		hurt[name].body[random.IntN(len(hurt[name].body))] ^= 1 << random.IntN(8)
		hurt.put(t, dir)
		base.check(t, p.Count, dir)
	}
}

// check starts the booth in dir, and holds what it serves against what it held.
func (b *damageBase) check(t *testing.T, count func(string, int), dir string) {
	t.Helper()
	clock := kiosktest.NewClock()
	clock.Advance(10 * 24 * time.Hour)
	begun := time.Now()
	r := reopen(t, dir, clock)
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("back in service after %s, want a minute at most", took)
	}
	now := contents(t, dir)
	missing, wrong := 0, 0
	for key, want := range b.holds {
		got, there := now[key]
		switch {
		case there && got != want:
			wrong++
			t.Errorf("%s is served as %.80s, and was %.80s", key, got, want)
		case !there && strings.HasPrefix(key, "record "):
			missing++
		case !there && (strings.HasPrefix(key, "setting ") || strings.HasPrefix(key, "meta ")):
			t.Errorf("%s is gone", key)
		}
	}
	count("served wrong", wrong)
	aside, err := sqlite.Aside(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(aside) == 0 {
		count("harmless", 1)
		if missing > 0 {
			t.Errorf("%d records are gone, and nobody noticed", missing)
		}
	} else {
		count("salvaged", 1)
		count("records lost and named", b.accounted(t, r, missing))
	}
	for _, number := range []string{mustFile(t, r), r.ticket() + clock.Read().Wall.Format(time.DateOnly)} {
		if b.issued[number] {
			t.Errorf("number %s was issued twice", number)
		}
	}
	if err := r.book.Close(); err != nil {
		t.Error(err)
	}
}

// accounted holds the records that are missing against what the salvage says of them:
// sent inside others, or lost. It returns how many are lost.
func (b *damageBase) accounted(t *testing.T, r *rig, missing int) int {
	t.Helper()
	headers, records := r.headers(), r.records()
	if headers[0].Kind != kiosk.KindEpochBegun || headers[1].Kind != kiosk.KindBookSalvaged {
		t.Fatalf("the new epoch begins with %s and %s", headers[0].Kind, headers[1].Kind)
	}
	var said struct{ Loose, Lost uint64 }
	if err := json.Unmarshal(records[1].Facts, &said); err != nil {
		t.Fatal(err)
	}
	wrapped := 0
	for i, h := range headers {
		if h.Kind != kiosk.KindRecordSalvaged {
			continue
		}
		wrapped++
		var inner struct {
			Header []byte
			Epoch  string
			Seq    uint64
		}
		if err := json.Unmarshal(records[i].Facts, &inner); err != nil {
			t.Fatal(err)
		}
		if _, err := kiosk.DecodeHeader(inner.Header); err != nil {
			t.Error(err)
		}
	}
	if said.Loose != uint64(wrapped) {
		t.Errorf("the salvage speaks of %d loose records, and %d were wrapped", said.Loose, wrapped)
	}
	// Those that the city has need not be kept, and are not counted as lost.
	if lost := int(said.Lost); missing-wrapped < lost {
		t.Errorf("%d records are missing, %d of them wrapped, and the salvage speaks of %d lost", missing, wrapped, lost)
	}
	return int(said.Lost)
}

func mustFile(t *testing.T, r *rig) string {
	t.Helper()
	slip, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	return slip.Number
}

func TestASalvageThatIsCutShortGoesOnAtTheNextStart(t *testing.T) {
	base := usedBooth(t, true)
	base.photo[sqlite.FileName].body[5*4096+100] ^= 0xff
	whole := fastDir(t)
	base.put(t, whole)
	reopen(t, whole, kiosktest.NewClock()).book.Close()
	done := takePhoto(t, whole)
	order := file{body: []byte(`{"n":1,"why":"a test"}`)}
	name := sqlite.FileName
	for what, cut := range map[string]photo{
		"only the order is there": {name + ".salvage": order},
		"the log is set aside":    {name + ".salvage": order, name + ".damaged-1-wal": base.photo[name+"-wal"], name + "-wal": {}},
		"all is set aside": {name + ".salvage": order, name + ".damaged-1": base.photo[name], name + ".damaged-1-wal": base.photo[name+"-wal"],
			name + ".damaged-1.sums": base.photo[name+".sums"], name: {}, name + "-wal": {}, name + ".sums": {}},
		"the new book is half made": {name + ".salvage": order, name + ".damaged-1": base.photo[name], name + ".damaged-1-wal": base.photo[name+"-wal"],
			name + ".damaged-1.sums": base.photo[name+".sums"], name: {}, name + "-wal": {}, name + ".sums": {},
			name + ".new": {body: done[name].body[:9000]}, name + ".image": {body: base.photo[name].body[:9000]}},
	} {
		t.Run(what, func(t *testing.T) {
			dir := fastDir(t)
			base.put(t, dir)
			for n, f := range cut {
				if f.body == nil {
					if err := os.Remove(filepath.Join(dir, n)); err != nil {
						t.Fatal(err)
					}
					continue
				}
				photo{n: f}.put(t, dir)
			}
			base.check(t, func(string, int) {}, dir)
			for _, left := range []string{".salvage", ".new", ".image", ".suspect"} {
				if _, err := os.Stat(filepath.Join(dir, name+left)); err == nil {
					t.Errorf("%s is left", name+left)
				}
			}
		})
	}
}

func TestDamageThatIsMetWhileTheBoothRunsEndsItAndIsMended(t *testing.T) {
	r := newRig(t)
	for range 60 {
		r.doorOpened()
	}
	r.restart()
	path := filepath.Join(r.dir, sqlite.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(text); i += 512 {
		copy(text[i:i+16], "0123456789abcdef")
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(text[4096:], 4096); err != nil { // the open file stays open: to close it would drop locks
		t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	for failed := false; !failed; {
		r.book.Records(t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, 0, 5000, 1<<30) //nolint:errcheck // Failed says it
		select {
		case err := <-r.book.Failed():
			failed = err != nil
		case <-deadline:
			t.Fatal("the book does not notice")
		default:
		}
	}
	if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err == nil {
		t.Error("a damaged book is written on")
	}
	if err := errors.Join(r.book.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	r.open()
	if r.headers()[1].Kind != kiosk.KindBookSalvaged {
		t.Error("the book was not salvaged")
	}
	if e, ok, err := r.book.Enrolment(t.Context()); err != nil || !ok || e.Booth != "07" || r.book.Booth() != "07" {
		t.Errorf("enrolment after the salvage: %+v, %v, %v", e, ok, err)
	}
}

func TestAFileThatIsNoBookIsSetAside(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), []byte(strings.Repeat("not a book\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := reopen(t, dir, kiosktest.NewClock())
	if got := r.ticket(); got != "L001" {
		t.Errorf("got ticket %s, want L001", got)
	}
	aside, err := sqlite.Aside(dir)
	if err != nil || !slices.Equal(aside, []string{"book.db.damaged-1"}) {
		t.Errorf("aside: %v, %v", aside, err)
	}
}

// A frame of the log is known by its salts. One that a card changed must not be taken
// for what an earlier run of the log left behind.
func TestAFrameWithAnotherSaltIsDamaged(t *testing.T) {
	const head, frame, salts = 32, 24 + 4096, 8
	base := usedBooth(t, true)
	name := sqlite.FileName + "-wal"
	log := base.photo[name]
	for _, at := range []int{0, len(log.body) / frame / 2} {
		dir := fastDir(t)
		base.put(t, dir)
		hurt := photo{name: {slices.Clone(log.body), log.at}}
		hurt[name].body[head+at*frame+salts] ^= 1
		hurt.put(t, dir)
		counts := map[string]int{}
		base.check(t, func(what string, n int) { counts[what] += n }, dir)
		if counts["salvaged"] != 1 {
			t.Errorf("frame %d: %v", at, counts)
		}
	}
}

func TestAHurtTableOfTablesCostsNothing(t *testing.T) {
	base := usedBooth(t, false)
	name := sqlite.FileName
	at := bytes.Index(base.photo[name].body[4096:], []byte("CREATE TABLE body"))
	if at < 0 {
		t.Fatal("the table of tables fits on the first page: nothing to hurt here")
	}
	for _, in := range []string{"TABLE", "body", "sealed_salt", "seq"} { // a syntax error, other names
		dir := fastDir(t)
		base.put(t, dir)
		hurt := photo{name: {slices.Clone(base.photo[name].body), base.photo[name].at}}
		text := hurt[name].body[4096+at:]
		text[bytes.Index(text, []byte(in))] ^= 2
		hurt.put(t, dir)
		counted := map[string]int{}
		base.check(t, func(what string, n int) { counted[what] += n }, dir)
		if counted["records lost and named"] > 0 || counted["salvaged"] != 1 {
			t.Errorf("a hurt %q: %v, want a book that was salvaged whole", in, counted)
		}
	}
}
