package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// limit lets the book grow by so many pages and no further, as a full disk does.
func (r *rig) limit(pages int) {
	r.t.Helper()
	now, err := r.book.Pragma(r.t.Context(), "page_count")
	if err != nil {
		r.t.Fatal(err)
	}
	var n int
	fmt.Sscan(now, &n) //nolint:errcheck // 0 is told below
	if _, err := r.book.Pragma(r.t.Context(), fmt.Sprintf("max_page_count(%d)", n+pages)); err != nil || n == 0 {
		r.t.Fatalf("limit the book: %v, %q", err, now)
	}
}

func TestT5AFullDiskLosesNothingAndRecovers(t *testing.T) {
	p := kiosktest.Prove(t, "T5", "disk full at each watermark, then freed", kiosktest.Runs{Short: 20, Release: 200})
	p.Count("lost", 0)
	for p.Next() {
		random := rand.New(rand.NewPCG(p.Seed(), 5))
		r := newRig(t)
		shown := map[string]bool{}
		file := func() error {
			slip, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
			if err == nil {
				shown[slip.Number] = true
			}
			return err
		}
		note := func(used float64) {
			if err := r.NoteStorage(t.Context(), kiosk.StorageAt(used, r.Status().Storage), used); err != nil {
				p.Count("states that found no room", 1)
			}
		}
		for range 5 {
			must(t, file())
		}
		key := kiosk.RandomID()
		before, err := r.FileRequest(t.Context(), key, "1.3", answers(), kiosk.Chinese)
		must(t, err)
		shown[before.Number] = true
		note(85)
		must(t, file())
		note(92)
		must(t, r.book.Shrink(t.Context()))
		must(t, file())

		r.limit(random.IntN(30)) // now it fills up to the last page
		for err = file(); err == nil; err = file() {
		}
		if kiosk.CodeOf(err) != kiosk.CodeUnavailable || kiosk.KeyOf(err) != "error.disk_full" {
			t.Fatalf("on the full disk: %v, want a plain sentence", err)
		}
		select {
		case <-r.book.Full():
		default:
			t.Error("nobody was told that the disk is full")
		}
		note(96)
		r.limit(40) // the ballast was given up
		note(96)
		if err := file(); kiosk.KeyOf(err) != "error.disk_full" {
			t.Errorf("beyond the last watermark: %v, want a refusal", err)
		}
		again, err := r.FileRequest(t.Context(), key, "1.3", answers(), kiosk.Chinese)
		if err != nil || again.Number != before.Number {
			t.Errorf("what was promised before: %+v, %v, want number %s", again, err, before.Number)
		}
		for range 3 { // the door and the outcome of what was printed are still written
			must(t, r.NoteDoor(t.Context(), kiosk.DoorOpened))
		}
		_, err = r.book.SettleSlip(t.Context(), before.ID, kiosk.SlipDone, 100, kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindSlipPrinted, Schema: 1, Facts: []byte("{}")})
		must(t, err)

		r.limit(1 << 20) // freed
		note(50)
		must(t, file())
		r.restart()
		lost := 0
		found := map[string]bool{}
		for _, rec := range r.records() {
			if number, ok := numberFiled(t, rec); ok {
				found[number] = true
			}
		}
		for number := range shown {
			if !found[number] {
				lost++
			}
		}
		p.Count("lost", lost)
		p.Count("confirmed", len(shown))
		if aside, err := sqlite.Aside(r.dir); lost > 0 || err != nil || len(aside) > 0 {
			t.Errorf("%d of %d numbers are lost; set aside: %v, %v", lost, len(shown), aside, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
