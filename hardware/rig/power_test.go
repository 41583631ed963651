package rig_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"redstation/hardware/rig"
	"redstation/kiosk"
)

// hangs stops the program's execution: nobody feeds the watchdog any more.
func (b *booth) hangs() {
	before, err := b.book()
	b.must(err)
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	began := time.Now()
	b.must(b.FreezeProgram(ctx))
	b.must(b.AwaitReset(ctx))
	b.t.Logf("reset by the watchdog after %s", short(time.Since(began)))
	b.comesBack()
	after, err := b.book()
	b.must(err)
	if len(after) <= len(before) || !slices.EqualFunc(before, after[:len(before)], same) {
		b.t.Errorf("the book had %d records before the reset and has %d that do not begin alike", len(before), len(after))
	}
}

func same(a, b record) bool { return a.header == b.header }

// losesPower cuts the power as soon as a resident has seen a number: the real disk
// of a real kernel must have it by then. The program comes back with these flags.
func (b *booth) losesPower(flags ...string) {
	s := b.ticket()
	b.must(b.CutPower())
	b.comesBack(flags...)
	issued, err := b.facts(kiosk.KindTicketIssued)
	b.must(err)
	if !slices.ContainsFunc(issued, func(f map[string]any) bool { return f["label"] == s.number }) {
		b.t.Errorf("number %s was shown, and after the power cut the book has only %v", s.number, issued)
	}
	settled, err := b.facts(kiosk.KindSlipPrinted)
	b.must(err)
	if !slices.ContainsFunc(settled, func(f map[string]any) bool { return f["slip"] == s.id }) {
		b.t.Errorf("slip %s is still in the queue after the power cut", s.number)
	}
}

// comesBack waits for the machine after a reset, and starts the program anew.
func (b *booth) comesBack(flags ...string) {
	b.t.Helper()
	began := time.Now()
	b.must(b.Up(b.t.Context()))
	b.begin(flags...)
	b.until("the screen is back", func() (bool, error) {
		resp, err := rig.Client().Get(b.URL() + "/healthz")
		if err != nil {
			return false, err
		}
		return resp.StatusCode == http.StatusOK, errors.Join(errors.New(resp.Status), resp.Body.Close())
	})
	b.t.Logf("back in service after %s", short(time.Since(began)))
}

// mainsFail lets the supply tell that it runs on its battery.
func (b *booth) mainsFail() {
	began := time.Now()
	b.must(b.SetLine("GPIO22", false))
	b.must(b.AwaitEnd(b.t.Context()))
	b.t.Logf("ended %s after the mains failed", short(time.Since(began)))
	list, err := b.book()
	b.must(err)
	var kinds []kiosk.Kind
	for _, r := range list {
		kinds = append(kinds, r.kind)
	}
	if n := len(kinds); n < 2 || kinds[n-1] != kiosk.KindBoothStopped || !slices.Contains(kinds, kiosk.KindPowerFailed) {
		b.t.Errorf("the book does not say that the mains failed and then that the booth stopped: %v", kinds)
	}
}
