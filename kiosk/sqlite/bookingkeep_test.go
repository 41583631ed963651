package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
)

// What wrong clocks, midnight and damage do to bookings.

func TestTheDaysThatAreOfferedFollowTheServiceDay(t *testing.T) {
	r := newBookingRig(t)
	days := func() []string {
		t.Helper()
		open, err := r.Openings(t.Context(), service(r, aid))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, o := range open {
			out = append(out, o.Date)
		}
		return slices.Compact(out)
	}
	if got := days(); !slices.Equal(got, []string{"2026-11-24"}) {
		t.Errorf("on Monday: %v", got)
	}
	number := r.books(aid, slotAt("2026-11-24", "10:00"))
	r.clock.Advance(16 * time.Hour) // 01:00 on Tuesday
	if got := days(); !slices.Equal(got, []string{"2026-12-01"}) {
		t.Errorf("on Tuesday: %v", got)
	}
	late := r.books(aid, slotAt("2026-12-01", "09:00"))
	t.Run("a power cut sets the clock back, and no day that is over is offered", func(t *testing.T) {
		r.clock.Set(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), kiosk.ClockBelowBuild)
		if got := days(); !slices.Equal(got, []string{"2026-12-01"}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a clock ahead that nobody vouches for loses no booking", func(t *testing.T) {
		r.clock.Set(time.Date(2027, 6, 1, 1, 0, 0, 0, time.UTC), kiosk.ClockSetByHand)
		got, err := r.BookingDays(t.Context(), "2026-11-01", 10)
		if err != nil || !slices.Equal(got, []string{"2026-11-24", "2026-12-01"}) {
			t.Errorf("days with bookings: %v %v", got, err)
		}
		if _, err := r.CancelBooking(t.Context(), late); err != nil {
			t.Errorf("it cannot be cancelled: %v", err)
		}
		if _, err := r.Arrive(t.Context(), number, "staff"); err != nil {
			t.Errorf("who is there cannot be noted: %v", err)
		}
	})
}

func TestAFormAcrossMidnightAndAFormSentTwice(t *testing.T) {
	r := newBookingRig(t)
	c := bookingCatalogue()
	s, _, _ := c.Service(aid)
	s.Form.Seat().Slots.First = 0
	r.Offer(c)
	r.clock.Set(time.Date(2026, 11, 24, 0, 59, 0, 0, time.UTC), kiosk.ClockNTP) // Tuesday 08:59
	key := kiosk.RandomID()
	first, err := r.File(t.Context(), key, aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(2 * time.Minute)
	_, err = r.File(t.Context(), kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	wantConflict(t, err, "error.slot_gone", "slot")
	again, err := r.File(t.Context(), key, aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	if err != nil || again.Number != first.Number {
		t.Errorf("the same form again: %v %v, want %s", again.Number, err, first.Number)
	}
	if n := len(r.told(kiosk.KindBookingMade)); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

func TestNothingTypedIsAFactOfABooking(t *testing.T) {
	r := newBookingRig(t)
	r.books(aid, slotAt("2026-11-24", "09:00"))
	for _, rec := range r.records() {
		for _, secret := range []string{"王女士", "13844445555"} {
			if bytes.Contains(rec.Header, []byte(secret)) || bytes.Contains(rec.Facts, []byte(secret)) {
				t.Errorf("a record says %q", secret)
			}
		}
	}
}

func TestABoothWithoutAnAllotmentOffersNoBooking(t *testing.T) {
	r := newBookingRig(t)
	c := bookingCatalogue()
	s, _, _ := c.Service(aid)
	s.Form.Seat().Slots.Booths["07"] = &kiosk.Slots{Off: true}
	r.Offer(c)
	if r.Offers(service(r, aid), kiosk.ActionBook) {
		t.Error("it does")
	}
	_, err := r.File(t.Context(), kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Error(err)
	}
}

func TestASalvagedBookKeepsItsCounts(t *testing.T) {
	r := newBookingRig(t)
	ctx := t.Context()
	var held []string
	for range 5 {
		held = append(held, r.books(aid, slotAt("2026-11-24", "09:00")))
	}
	waits := []string{r.books(aid, slotAt("2026-11-24", "09:00/wait")), r.books(aid, slotAt("2026-11-24", "09:00/wait"))}
	if _, err := r.CancelBooking(ctx, held[0]); err != nil {
		t.Fatal(err)
	}
	before := map[string]kiosk.Booking{}
	for _, n := range append(held, waits...) {
		before[n] = r.booking(n)
	}
	damage(t, r, `DELETE FROM booking WHERE n > 2`)                          // their page is bad, say
	damage(t, r, `UPDATE booking SET state = 'booked', rev = 1 WHERE n = 1`) // and this one is from before
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "book.db.salvage"), []byte(`{"n":1,"why":"a test"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.Offer(bookingCatalogue())
	for n, want := range before {
		if got := r.booking(n); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("booking %s is %+v, was %+v", n, got, want)
		}
	}
	_, err := r.File(ctx, kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	wantConflict(t, err, "error.slot_full", "slot")
}
