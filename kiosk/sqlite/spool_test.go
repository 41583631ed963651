package sqlite_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
)

// printing is a rig whose printer runs.
type printing struct {
	*rig
	*kiosktest.Printer
	stop func()
}

func newPrinting(t *testing.T) *printing {
	r := &printing{rig: newRig(t), Printer: &kiosktest.Printer{}}
	r.run()
	t.Cleanup(func() { r.stop() })
	return r
}

// run runs the printer until stop is called.
func (r *printing) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.RunPrinter(ctx, r.Printer) }()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("printer: %v", err)
		}
		r.stop = func() {}
	}
	waitFor(r.t, func() bool { return r.Status().Printer != kiosk.PrinterUnknown })
}

func (r *printing) request() kiosk.Slip {
	r.t.Helper()
	s, err := r.FileRequest(context.Background(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// until waits for a slip's state and returns the slip.
func (r *printing) until(id kiosk.ID, want kiosk.SlipState) kiosk.Slip {
	r.t.Helper()
	var s kiosk.Slip
	waitFor(r.t, func() bool {
		s, _ = r.Slip(context.Background(), id)
		return s.State == want
	})
	return s
}

func marked(r kiosk.Receipt) bool {
	return slices.ContainsFunc(r.Lines, func(l kiosk.Line) bool { return l.Text == "补 打" })
}

// facts returns the facts of all records of a kind.
func (r *rig) facts(kind kiosk.Kind) []map[string]any {
	r.t.Helper()
	var out []map[string]any
	recs := r.records()
	for i, h := range r.headers() {
		if h.Kind != kind {
			continue
		}
		facts := map[string]any{}
		if err := json.Unmarshal(recs[i].Facts, &facts); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, facts)
	}
	return out
}

func TestASlipThatStoppedComesOnceMoreMarkedWithANewCode(t *testing.T) {
	for _, why := range []kiosk.PrinterState{kiosk.PrinterNoPaper, kiosk.PrinterCover, kiosk.PrinterError, kiosk.PrinterOffline} {
		t.Run(string(why), func(t *testing.T) {
			r := newPrinting(t)
			r.StopNext(why)
			s := r.request()
			waitFor(t, func() bool { return r.Status().Printer == why })
			if s, _ := r.Slip(t.Context(), s.ID); s.State != kiosk.SlipQueued || s.Reprints != 0 {
				t.Errorf("while it waits: %s after %d reprints", s.State, s.Reprints)
			}
			if _, err := r.Reprint(t.Context(), s.ID); kiosk.CodeOf(err) != kiosk.CodeConflict {
				t.Errorf("asked for by hand meanwhile: %v, want %s", err, kiosk.CodeConflict)
			}
			r.Set(kiosk.PrinterReady, nil)
			if s = r.until(s.ID, kiosk.SlipDone); s.Reprints != 1 {
				t.Errorf("%d reprints, want 1", s.Reprints)
			}
			whole, pieces := r.Receipts(), r.Pieces()
			if len(whole) != 1 || len(pieces) != 1 || !marked(whole[0]) || marked(pieces[0]) || qrOf(whole[0]) == qrOf(pieces[0]) {
				t.Errorf("%d papers and %d pieces, or a wrong mark or the same code", len(whole), len(pieces))
			}
			again := r.facts(kiosk.KindSlipReissued)
			if len(again) != 1 || again[0]["stopped"] != string(why) || again[0]["index"] == nil {
				t.Errorf("reissued: %v", again)
			}
			waitFor(t, func() bool { // the screen is told after the book
				st := r.Status()
				return st.Slip == s.ID && st.SlipState == kiosk.SlipDone && st.SlipReprints == 1
			})
		})
	}
}

func TestARefusedSlipWaitsAndComesUnmarked(t *testing.T) {
	r := newPrinting(t)
	r.Set(kiosk.PrinterNoPaper, nil)
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterNoPaper })
	s := r.request()
	r.Set(kiosk.PrinterReady, nil)
	if s = r.until(s.ID, kiosk.SlipDone); s.Reprints != 0 || marked(r.Receipts()[0]) {
		t.Error("it is marked as a reprint, and nothing was printed before")
	}
}

func TestASlipThatStoppedForNoKnownReasonIsNotRepeated(t *testing.T) {
	for _, why := range []error{errors.New("garbage"), &kiosk.PrintStopped{State: kiosk.PrinterUnknown}, &kiosk.PrintStopped{State: kiosk.PrinterReady}} {
		r := newPrinting(t)
		r.Set(kiosk.PrinterReady, why)
		s := r.until(r.request().ID, kiosk.SlipUnknown)
		r.Set(kiosk.PrinterReady, nil)
		next := r.until(r.request().ID, kiosk.SlipDone)
		if got := r.Receipts(); len(got) != 1 || !strings.Contains(qrOf(got[0]), next.Number) {
			t.Errorf("%v: %d papers came, want the next slip's only", why, len(got))
		}
		if _, err := r.Reprint(t.Context(), s.ID); err != nil {
			t.Errorf("%v: a reprint by hand: %v", why, err)
		}
		r.until(s.ID, kiosk.SlipDone)
	}
}

func TestEachSlipWaitsItsOwnTime(t *testing.T) {
	r := newPrinting(t)
	r.StopNext(kiosk.PrinterNoPaper)
	first := r.request()
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterNoPaper })
	second := r.request()
	r.clock.Advance(6 * time.Minute)
	third := r.request()
	r.clock.Advance(5 * time.Minute)
	r.until(first.ID, kiosk.SlipUnknown) // a piece of it came
	r.until(second.ID, kiosk.SlipFailed)
	if s, _ := r.Slip(t.Context(), third.ID); s.State != kiosk.SlipQueued {
		t.Errorf("the third is %s after five minutes", s.State)
	}
	r.Set(kiosk.PrinterReady, nil)
	r.until(third.ID, kiosk.SlipDone)
	if n := len(r.Receipts()); n != 1 {
		t.Errorf("%d papers came, want 1", n)
	}
	if _, err := r.Reprint(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	r.until(first.ID, kiosk.SlipDone)
	if got := r.Receipts(); !marked(got[1]) {
		t.Error("the reprint is not marked")
	}
}

func TestTheTimeOfASlipThatStoppedBeginsWhereItStopped(t *testing.T) {
	r := newPrinting(t)
	r.Set(kiosk.PrinterCover, nil)
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterCover })
	s := r.request()
	r.clock.Advance(9 * time.Minute)
	r.StopNext(kiosk.PrinterNoPaper)
	r.Set(kiosk.PrinterReady, nil)
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterNoPaper })
	behind := r.request()
	r.clock.Advance(9 * time.Minute)
	r.Set(kiosk.PrinterReady, nil)
	if s = r.until(s.ID, kiosk.SlipDone); s.Reprints != 1 {
		t.Errorf("%d reprints, want 1", s.Reprints)
	}
	r.until(behind.ID, kiosk.SlipDone)
}

func TestAPrinterThatAlwaysStopsIsGivenUp(t *testing.T) {
	r := newPrinting(t)
	s := r.request()
	r.until(s.ID, kiosk.SlipDone)
	if _, err := r.Reprint(t.Context(), s.ID); err != nil { // by hand: counts too
		t.Fatal(err)
	}
	r.until(s.ID, kiosk.SlipDone)
	r.Set(kiosk.PrinterReady, &kiosk.PrintStopped{State: kiosk.PrinterError})
	if _, err := r.Reprint(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	if s = r.until(s.ID, kiosk.SlipUnknown); s.Reprints != 3 {
		t.Errorf("%d reprints, want 3", s.Reprints)
	}
	if _, err := r.Reprint(t.Context(), s.ID); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("a fourth: %v, want %s", err, kiosk.CodeUnavailable)
	}
	if n := len(r.facts(kiosk.KindSlipReissued)); n != 3 {
		t.Errorf("%d reprints in the book, want 3", n)
	}
}

func TestAHangingJobHoldsUpNothingButPaper(t *testing.T) {
	r := newPrinting(t)
	release := r.Hold()
	var slips []kiosk.Slip
	for range 45 {
		slips = append(slips, r.request()) // never waits
	}
	r.Set(kiosk.PrinterPaperLow, nil)
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterPaperLow }) // noted all the same
	r.clock.Advance(time.Minute)
	for i, s := range slips {
		if full := i >= 40; full != (s.State == kiosk.SlipFailed) {
			t.Errorf("slip %d of 45 began as %s", i, s.State)
		}
	}
	if pic, err := r.SlipPicture(t.Context(), slips[0].ID); err != nil || len(pic) == 0 {
		t.Errorf("the picture of a queued slip: %v", err)
	}
	release()
	for _, s := range slips[:40] {
		r.until(s.ID, kiosk.SlipDone)
	}
	if n := len(r.Receipts()); n != 40 {
		t.Errorf("%d papers came, want 40", n)
	}
}

func TestAJobThatTakesTooLongIsCalledLate(t *testing.T) {
	r := newRig(t)
	b, err := kiosk.New(kiosk.Deps{Book: r.book, Clock: r.clock, Catalogue: kiosktest.Catalogue(),
		Spool: kiosk.SpoolOpts{Poll: 4 * time.Millisecond, Stall: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	r.Booth = b
	p := &printing{rig: r, Printer: &kiosktest.Printer{}}
	p.run()
	defer func() { p.stop() }()
	release := p.Hold()
	p.ticket()
	waitFor(t, func() bool { return r.Status().Stalled })
	release()
	waitFor(t, func() bool { return !r.Status().Stalled && len(p.Receipts()) == 1 })
}

// A power cut may come when a slip waits, when a piece of it came, when it was
// printed and not noted, and when its second paper was promised.
func TestAPowerCutLeavesNoSlipInTheDark(t *testing.T) {
	for name, prepare := range map[string]func(r *printing){
		"before its turn": func(r *printing) { r.Hold() },
		"in its middle": func(r *printing) {
			r.StopNext(kiosk.PrinterNoPaper)
		},
		"while it waits": func(r *printing) { r.Set(kiosk.PrinterCover, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newPrinting(t)
			prepare(r)
			s := r.request()
			if name == "in its middle" {
				waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterNoPaper })
			}
			r.stop()
			r.restart()
			r.until(s.ID, kiosk.SlipUnknown)
			r.Printer = &kiosktest.Printer{}
			r.run()
			if _, err := r.Reprint(t.Context(), s.ID); err != nil {
				t.Fatal(err)
			}
			r.until(s.ID, kiosk.SlipDone)
			if got := r.Receipts(); len(got) != 1 || !marked(got[0]) {
				t.Errorf("%d papers, or no mark", len(got))
			}
		})
	}
}

func TestTwoTapsOnReprintAreOne(t *testing.T) {
	r := newPrinting(t)
	s := r.request()
	r.until(s.ID, kiosk.SlipDone)
	release := r.Hold()
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := r.Reprint(context.Background(), s.ID)
			errs <- err
		}()
	}
	codes := []kiosk.Code{kiosk.CodeOf(<-errs), kiosk.CodeOf(<-errs)}
	slices.Sort(codes)
	if codes[0] != "" || codes[1] != kiosk.CodeConflict {
		t.Errorf("got %q, want one reprint and one conflict", codes)
	}
	release()
	if s = r.until(s.ID, kiosk.SlipDone); s.Reprints != 1 {
		t.Errorf("%d reprints, want 1", s.Reprints)
	}
}

func TestAPrinterThatIsGoneForAWhileIsWaitedFor(t *testing.T) {
	r := newPrinting(t)
	r.Set(kiosk.PrinterOffline, nil)
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterOffline })
	s := r.request()
	r.Set(kiosk.PrinterReady, nil)
	r.until(s.ID, kiosk.SlipDone)
	r.stop()
	r.restart()
	r.Set(kiosk.PrinterOffline, nil)
	r.run()
	if s = r.request(); s.State != kiosk.SlipNone {
		t.Errorf("without a printer since the start it is %s, want %s", s.State, kiosk.SlipNone)
	}
}
