package sqlite_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

// lastOf returns the facts of the last record of a kind, or fails.
func (r *rig) lastOf(kind kiosk.Kind) map[string]any {
	r.t.Helper()
	var facts map[string]any
	for _, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		if h.Kind == kind {
			facts = map[string]any{}
			if err := json.Unmarshal(rec.Facts, &facts); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	if facts == nil {
		r.t.Fatalf("no record %s", kind)
	}
	return facts
}

func TestSettingsOutliveARestartAndAreRecorded(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	if got, want := r.Settings(), (kiosk.Settings{Language: kiosk.Chinese, Volume: 75}); got != want {
		t.Errorf("a new booth: got %+v, want %+v", got, want)
	}
	for _, err := range []error{r.SetLanguage(ctx, kiosk.English), r.SetDiagonal(ctx, 7.5), r.SetVolume(ctx, 25), r.SetPIN(ctx, "204816")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.restart()
	got := r.Settings()
	if got.Language != kiosk.English || got.Diagonal != 7.5 || got.Volume != 25 || !got.PIN {
		t.Errorf("after a restart: got %+v", got)
	}
	if facts := r.lastOf(kiosk.KindSettingChanged); len(facts) != 1 || facts["name"] != "pin" {
		t.Errorf("the record of the PIN holds %v, want its name alone", facts)
	}
	for _, rec := range r.records() {
		if strings.Contains(string(rec.Facts), "argon2") || strings.Contains(string(rec.Facts), "204816") {
			t.Errorf("a record tells the PIN: %s", rec.Facts)
		}
	}
	n := len(r.records())
	if err := r.SetDiagonal(ctx, 7.5); err != nil || len(r.records()) != n {
		t.Errorf("what was set already was written again, %v", err)
	}
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	for _, tt := range []struct {
		name, key string
		err       error
	}{
		{"a language that nobody speaks here", "error.choice", r.SetLanguage(ctx, "xx")},
		{"a panel of no size", "error.diagonal", r.SetDiagonal(ctx, 0)},
		{"a panel like a house", "error.diagonal", r.SetDiagonal(ctx, 1000)},
		{"louder than there is", "error.choice", r.SetVolume(ctx, 125)},
		{"five digits", "error.pin_short", r.SetPIN(ctx, "20481")},
		{"thirteen digits", "error.pin_short", r.SetPIN(ctx, "2048163264128")},
		{"letters", "error.pin_short", r.SetPIN(ctx, "20481a")},
		{"one digit", "error.pin_simple", r.SetPIN(ctx, "777777")},
		{"up the keys", "error.pin_simple", r.SetPIN(ctx, "123456")},
		{"down the keys", "error.pin_simple", r.SetPIN(ctx, "98765432")},
	} {
		if kiosk.CodeOf(tt.err) != kiosk.CodeInvalid || kiosk.KeyOf(tt.err) != tt.key {
			t.Errorf("%s: got %v, want %s", tt.name, tt.err, tt.key)
		}
	}
	if got := r.Settings(); got.PIN || got.Diagonal != 0 {
		t.Errorf("something was set: %+v", got)
	}
}

// signIn tries a PIN and returns the key of what is wrong, "" for nothing.
func (r *rig) signIn(pin string) string {
	r.t.Helper()
	if err := r.SignIn(r.t.Context(), pin); err != nil {
		return kiosk.KeyOf(err)
	}
	return ""
}

func TestWrongPINsLockStaffOutAndNoRestartHelps(t *testing.T) {
	r := newRig(t)
	if got := r.signIn("204816"); got != "error.pin_none" {
		t.Errorf("without a PIN: got %q", got)
	}
	if err := r.SetPIN(t.Context(), "204816"); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if n == 2 {
			r.restart()
		}
		if got := r.signIn("000001"); got != "error.pin" {
			t.Errorf("wrong PIN %d: got %q", n+1, got)
		}
	}
	if facts := r.lastOf(kiosk.KindStaffRefused); facts["tries"] != 4.0 {
		t.Errorf("the record of the fourth says %v", facts)
	}
	if got := r.signIn("000001"); got != "error.pin_wait" {
		t.Errorf("the fifth: got %q", got)
	}
	if facts := r.lastOf(kiosk.KindStaffLocked); facts["minutes"] != 5.0 {
		t.Errorf("the record of the lock-out says %v", facts)
	}
	r.clock.Advance(4 * time.Minute)
	r.restart()
	if got := r.signIn("204816"); got != "error.pin_wait" {
		t.Errorf("the right one after four minutes and a restart: got %q", got)
	}
	r.clock.Advance(2 * time.Minute)
	if got := r.signIn("000001"); got != "error.pin_wait" {
		t.Errorf("the sixth: got %q", got)
	}
	if facts := r.lastOf(kiosk.KindStaffLocked); facts["minutes"] != 10.0 {
		t.Errorf("the record of the second lock-out says %v, want twice as long", facts)
	}
	r.boot = kiosk.RandomID() // the machine was switched off and on
	r.restart()
	if got := r.signIn("204816"); got != "" { // an hour and more since boot by this clock
		t.Errorf("the right one long after a reboot: got %q", got)
	}
	r.lastOf(kiosk.KindStaffSignedIn)
	if got := r.signIn("000001"); got != "error.pin" {
		t.Errorf("after the right one the count goes on: got %q", got)
	}
}

func TestANewPINEndsALockOut(t *testing.T) {
	r := newRig(t)
	if err := r.SetPIN(t.Context(), "204816"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r.signIn("000001")
	}
	if err := r.SetPIN(t.Context(), "314159"); err != nil {
		t.Fatal(err)
	}
	if got := r.signIn("314159"); got != "" {
		t.Errorf("got %q", got)
	}
}
