package sqlite_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// rig is a booth over a real book in a folder.
type rig struct {
	*kiosk.Booth
	t      testing.TB
	dir    string
	clock  *kiosktest.Clock
	book   *sqlite.DB
	secret *kiosk.CitySecret
	boot   kiosk.ID
}

func newRig(t testing.TB) *rig {
	r := &rig{t: t, dir: t.TempDir(), clock: kiosktest.NewClock(), boot: kiosk.RandomID()}
	r.open()
	e, secret, err := kiosktest.Enrolment()
	if err != nil {
		t.Fatal(err)
	}
	r.secret = secret
	if err := r.book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := r.Enrolled(e); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.book.Close() })
	return r
}

// paper says that every receipt is 100 mm long.
type paper struct{}

func (paper) Preview(kiosk.Receipt) ([]byte, error) { return []byte("PNG"), nil }
func (paper) Length(kiosk.Receipt) (int, error)     { return 100, nil }

func (r *rig) open() {
	r.t.Helper()
	ctx := context.Background()
	book, err := sqlite.Open(ctx, r.dir, r.clock, sqlite.Opts{BootID: r.boot})
	if err != nil {
		r.t.Fatal(err)
	}
	e, ok, err := book.Enrolment(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	set, err := book.Settings(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	d := kiosk.Deps{Book: book, Clock: r.clock, Catalogue: kiosktest.Catalogue(), Zone: time.FixedZone("CST", 8*3600),
		Preview: paper{}, Spool: kiosk.SpoolOpts{Poll: 4 * time.Millisecond}, Roll: 1000,
		Night: kiosk.Night{From: 22 * 60, To: 6 * 60}, Settings: set}
	if ok {
		d.Enrolment = &e
	}
	r.book = book
	if r.Booth, err = kiosk.New(d); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Start(ctx, "test"); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) restart() {
	r.t.Helper()
	if err := r.book.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

func (r *rig) ticket() string {
	r.t.Helper()
	s, err := r.TakeTicket(r.t.Context(), kiosk.RandomID(), "1.2", kiosk.Chinese)
	if err != nil {
		r.t.Fatal(err)
	}
	return s.Number
}

// copyBook copies the data folder as a backup would, with the book closed.
func (r *rig) copyBook(names ...string) string {
	r.t.Helper()
	to := r.t.TempDir()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	return to
}

func (r *rig) restore(from string, names ...string) {
	r.t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.dir, name), b, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) headers() []kiosk.Header {
	r.t.Helper()
	var out []kiosk.Header
	for _, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, h)
	}
	return out
}

func (r *rig) records() []kiosk.Record {
	r.t.Helper()
	recs, err := r.book.Records(r.t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, 0, 10000, 1<<30)
	if err != nil {
		r.t.Fatal(err)
	}
	return recs
}

func answers() kiosk.Answers {
	return kiosk.Answers{"kind": {Value: "light"}, "place": {Value: "beishan", Detail: "三号楼二单元"}, "words": {Value: "楼道灯坏了"},
		"consent": {Value: "yes"}, "name": {Value: "王女士"}, "phone": {Value: "138 4321 5678"}}
}

func TestARequestIsSealedAndAnsweredWithANumber(t *testing.T) {
	r := newRig(t)
	key := kiosk.RandomID()
	slip, err := r.FileRequest(t.Context(), key, "1.3", answers(), kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	if slip.Number != "07-001" {
		t.Errorf("number %q, want 07-001", slip.Number)
	}
	again, err := r.FileRequest(t.Context(), key, "1.3", answers(), kiosk.Chinese)
	if err != nil || again != slip {
		t.Errorf("the same form again: %+v, %v; want %+v", again, err, slip)
	}
	r.restart()
	if again, err = r.FileRequest(t.Context(), key, "1.3", answers(), kiosk.Chinese); err != nil || again.Number != slip.Number {
		t.Errorf("the same form after a restart: %+v, %v; want number %s", again, err, slip.Number)
	}
	recs := r.records()
	var filed int
	for i, h := range r.headers() {
		if h.Kind != kiosk.KindRequestFiled {
			continue
		}
		filed++
		plain, err := r.secret.Open(&h, recs[i].Sealed)
		if err != nil {
			t.Fatal(err)
		}
		var typed map[string]string
		if err := json.Unmarshal(plain, &typed); err != nil {
			t.Fatal(err)
		}
		if typed["phone"] != "13843215678" || typed["place.detail"] != "三号楼二单元" {
			t.Errorf("opened %v", typed)
		}
		if strings.Contains(string(recs[i].Facts), "王") || !strings.Contains(string(recs[i].Facts), `"kind":"light"`) {
			t.Errorf("facts %s", recs[i].Facts)
		}
	}
	if filed != 1 {
		t.Errorf("%d requests in the book, want 1", filed)
	}
}

func TestWhatWasTypedIsInNoFile(t *testing.T) {
	r := newRig(t)
	if _, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	scan := func(when string) {
		files, err := filepath.Glob(filepath.Join(r.dir, "*"))
		if err != nil || len(files) < 2 {
			t.Fatalf("files %v, %v", files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"13843215678", "王女士", "三号楼", "楼道灯坏了", "138 4321 5678"} {
				if strings.Contains(string(b), secret) {
					t.Errorf("%s: %s holds %q", when, filepath.Base(f), secret)
				}
			}
		}
	}
	scan("while open")
	r.restart()
	scan("after a restart")
}

func TestWithoutConsentNothingPersonalIsKept(t *testing.T) {
	r := newRig(t)
	a := answers()
	a["consent"] = kiosk.Answer{Value: "no"}
	if _, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", a, kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	recs := r.records()
	h, err := kiosk.DecodeHeader(recs[len(recs)-1].Header)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := r.secret.Open(&h, recs[len(recs)-1].Sealed)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "138") || strings.Contains(string(plain), "王") {
		t.Errorf("sealed without consent: %s", plain)
	}
}

func TestTicketNumbersOnlyMoveForward(t *testing.T) {
	r := newRig(t)
	want := func(what, number string) {
		t.Helper()
		if got := r.ticket(); got != number {
			t.Errorf("%s: ticket %q, want %q", what, got, number)
		}
	}
	want("first", "L001")
	r.restart()
	want("after a restart", "L002")
	r.clock.Set(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), kiosk.ClockBelowBuild)
	want("with the clock in 1970", "L003")
	if _, err := r.TakeTicket(t.Context(), kiosk.RandomID(), "1.2", kiosk.Chinese); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("beyond the limit: %v, want %s", err, kiosk.CodeUnavailable)
	}
	r.clock.Set(time.Date(2026, 11, 23, 15, 59, 0, 0, time.UTC), kiosk.ClockNTP)
	r.clock.Advance(2 * time.Minute) // past midnight in Jilin
	want("the next day", "L001")
	r.clock.Set(time.Date(2036, 1, 1, 4, 0, 0, 0, time.UTC), kiosk.ClockRestored)
	want("with the clock in 2036", "L001")
	r.clock.Set(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC), kiosk.ClockNTP)
	want("after the correction, in a new series", "LA001")
	r.clock.Advance(24 * time.Hour)
	want("the day after, in the same series", "LA001")
}

func TestARestoredBackupIssuesNothingTwice(t *testing.T) {
	r := newRig(t)
	seen := map[string]bool{r.ticket(): true}
	file := func() string {
		s, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
		if err != nil {
			t.Fatal(err)
		}
		return s.Number
	}
	seen[file()] = true
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	backup := r.copyBook("book.db")
	r.open()
	seen[r.ticket()], seen[file()] = true, true
	epoch := r.book.Epoch()
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	r.restore(backup, "book.db")
	r.open()
	if r.book.Epoch() == epoch {
		t.Error("the epoch goes on after a roll-back")
	}
	for _, number := range []string{r.ticket(), file()} {
		if seen[number] {
			t.Errorf("%s was issued twice", number)
		}
	}
}

func TestALongGapBeginsANewSeries(t *testing.T) {
	r := newRig(t)
	r.ticket()
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	backup := r.copyBook("book.db", "witness") // the whole folder: no witness can tell
	r.open()
	first := r.ticket()
	r.clock.Advance(time.Hour)
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	r.restore(backup, "book.db", "witness")
	r.open()
	if again := r.ticket(); again == first {
		t.Errorf("ticket %s was issued twice", again)
	}
}

func TestSlipsAreSettledOnceAndReprintedWithANewCode(t *testing.T) {
	r := newRig(t)
	p := &kiosktest.Printer{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.RunPrinter(ctx, p) }()
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterReady })
	slip, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { s, _ := r.Slip(t.Context(), slip.ID); return s.State == kiosk.SlipDone })
	if _, err := r.Reprint(t.Context(), slip.ID); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(p.Receipts()) == 2 })
	a, b := qrOf(p.Receipts()[0]), qrOf(p.Receipts()[1])
	if a == b || !strings.HasPrefix(a, "RS1:07-001.") || !strings.HasPrefix(b, "RS1:07-001.") {
		t.Errorf("codes %q and %q: want two for number 07-001", a, b)
	}
	p.Set(kiosk.PrinterReady, errors.New("unplugged"))
	number, err := r.TakeTicket(t.Context(), kiosk.RandomID(), "1.2", kiosk.English)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { s, _ := r.Slip(t.Context(), number.ID); return s.State == kiosk.SlipUnknown })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func qrOf(r kiosk.Receipt) string {
	for _, l := range r.Lines {
		if l.QR != "" {
			return l.QR
		}
	}
	return ""
}

func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not happen in thirty seconds")
}
