package sqlite_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
)

// Services of the test's own pack: legal aid is booked, a class is joined, and a list
// has no events.
const (
	aid   = "1.4"
	class = "1.5"
	list  = "1.6"
)

// bookingCatalogue is the test catalogue with services that are booked. The clock of
// the tests begins on Monday 2026-11-23, 09:00 in the city.
func bookingCatalogue() *kiosk.Catalogue {
	c := kiosktest.Catalogue()
	t := func(zh, en string) kiosk.Text { return kiosk.Text{kiosk.Chinese: zh, kiosk.English: en} }
	personal := c.Functions[0].Services[2].Form.Fields[4:]
	form := func(seat ...kiosk.Field) *kiosk.Form {
		return &kiosk.Form{Anonymous: true, Fields: append(seat, personal...)}
	}
	slots := &kiosk.Slots{First: 1, Days: 7, Weekdays: []time.Weekday{time.Tuesday, time.Thursday}, Times: []string{"09:00", "10:00"},
		Minutes: 30, Capacity: 5, Waiting: 3, Closed: []string{"2026-11-26"}, Where: t("驿站谈话室", "The station's quiet room"), Bring: t("身份证", "Identity card")}
	slots.Booths = map[string]*kiosk.Slots{"99": {Off: true}}
	events := &kiosk.Events{Days: 60, List: []kiosk.Event{
		{ID: "firstaid", Name: t("急救课", "First-aid class"), Where: t("社区会议室", "Community hall"), Date: "2026-12-05", Time: "14:00", Minutes: 90, Capacity: 2, Waiting: 1},
		{ID: "talk", Name: t("讲堂", "Talk"), Weekdays: []time.Weekday{time.Saturday}, Weeks: []int{1}, Time: "10:00", Capacity: 30},
		{ID: "choir", Name: t("合唱队", "Choir")}}}
	c.Functions[0].Services = append(c.Functions[0].Services,
		kiosk.Service{ID: aid, Name: t("法律援助预约", "Legal aid"), Actions: []kiosk.Action{kiosk.ActionBook}, DataClass: kiosk.DataSensitive, Outcome: t("按时到", "Come in time"),
			Form: form(kiosk.Field{ID: "slot", Kind: kiosk.FieldSlot, Label: t("哪天来？", "When?"), Short: t("时间", "Time"), Slots: slots})},
		kiosk.Service{ID: class, Name: t("急救知识培训报名", "First-aid class"), Actions: []kiosk.Action{kiosk.ActionRegister}, DataClass: kiosk.DataContact,
			Form: form(kiosk.Field{ID: "event", Kind: kiosk.FieldEvent, Label: t("哪一场？", "Which one?"), Short: t("活动", "Event"), Events: events})},
		kiosk.Service{ID: list, Name: t("探访登记", "Visit list"), Actions: []kiosk.Action{kiosk.ActionRegister}, DataClass: kiosk.DataSensitive, Form: form()})
	return c
}

func newBookingRig(t testing.TB) *rig {
	r := newRig(t)
	r.Offer(bookingCatalogue())
	return r
}

// seatAt answers the form of the test's services.
func seatAt(field, value, detail string) kiosk.Answers {
	return kiosk.Answers{field: {Value: value, Detail: detail}, "consent": {Value: "yes"}, "name": {Value: "王女士"}, "phone": {Value: "13844445555"}}
}

func slotAt(date, clock string) kiosk.Answers { return seatAt("slot", date, clock) }

// book books and returns the number; the test fails where that fails.
func (r *rig) books(service string, a kiosk.Answers) string {
	r.t.Helper()
	s, err := r.File(r.t.Context(), kiosk.RandomID(), service, a, kiosk.Chinese)
	if err != nil {
		r.t.Fatal(err)
	}
	return s.Number
}

func (r *rig) booking(number string) kiosk.Booking {
	r.t.Helper()
	k, err := r.Booking(r.t.Context(), number)
	if err != nil {
		r.t.Fatal(err)
	}
	return k
}

// wantConflict holds an error against the sentence that it should lead to.
func wantConflict(t testing.TB, err error, key, field string) {
	t.Helper()
	var e *kiosk.Error
	if !errors.As(err, &e) || e.Code != kiosk.CodeConflict || e.Key != key || e.Field != field {
		t.Errorf("got %v (%+v), want a conflict %s about %q", err, e, key, field)
	}
}

// told returns the facts of all records of a kind.
func (r *rig) told(kind kiosk.Kind) []kiosk.SeatFacts {
	r.t.Helper()
	var out []kiosk.SeatFacts
	for _, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		if h.Kind != kind {
			continue
		}
		var f kiosk.SeatFacts
		if err := json.Unmarshal(rec.Facts, &f); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func TestThePlacesOfASlotAreGivenAwayOnce(t *testing.T) {
	r := newBookingRig(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got, full := map[string]bool{}, 0
	for range 50 {
		wg.Go(func() {
			s, err := r.File(t.Context(), kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				got[s.Number] = true
			case kiosk.KeyOf(err) == "error.slot_full":
				full++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(got) != 5 || full != 45 {
		t.Errorf("%d got a place and %d were told that it is full; want 5 and 45", len(got), full)
	}
	if n := len(r.told(kiosk.KindBookingMade)); n != 5 {
		t.Errorf("%d records of bookings, want 5", n)
	}
	open, err := r.Openings(t.Context(), service(r, aid))
	if err != nil {
		t.Fatal(err)
	}
	if len(open) != 2 || open[0].Free() != 0 || open[0].CanWait() != 3 { // Thursday is closed, and next Tuesday is too far
		t.Errorf("got %+v", open)
	}
	if next, ok := kiosk.NextFree(open); !ok || next.ID != "2026-11-24T10:00" {
		t.Errorf("the next best offer is %+v", next)
	}
}

func service(r *rig, id string) *kiosk.Service {
	s, _, _ := r.Catalogue().Service(id)
	return s
}

func TestWhoWaitsGetsThePlaceThatIsGivenBack(t *testing.T) {
	r := newBookingRig(t)
	ctx := t.Context()
	var held []string
	for range 5 {
		held = append(held, r.books(aid, slotAt("2026-11-24", "09:00")))
	}
	_, err := r.File(ctx, kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00"), kiosk.Chinese)
	wantConflict(t, err, "error.slot_full", "slot")
	var waits []string
	for i := range 3 {
		waits = append(waits, r.books(aid, slotAt("2026-11-24", "09:00/wait")))
		if k := r.booking(waits[i]); k.State != kiosk.SeatWaiting || k.Rank != i+1 {
			t.Errorf("got %+v, want place %d on the waiting list", k, i+1)
		}
	}
	_, err = r.File(ctx, kiosk.RandomID(), aid, slotAt("2026-11-24", "09:00/wait"), kiosk.Chinese)
	wantConflict(t, err, "error.slot_waiting_full", "slot")

	for range 2 { // a second tap changes nothing
		if k, err := r.CancelBooking(ctx, held[2]); err != nil || k.State != kiosk.SeatCancelled {
			t.Fatalf("%+v %v", k, err)
		}
	}
	if k := r.booking(waits[0]); k.State != kiosk.SeatBooked || k.Rank != 0 {
		t.Errorf("the first who waited has %+v", k)
	}
	if k := r.booking(waits[1]); k.State != kiosk.SeatWaiting || k.Rank != 1 {
		t.Errorf("the second who waited has %+v", k)
	}
	if _, err := r.CancelBooking(ctx, waits[1]); err != nil { // a waiting place moves nobody up
		t.Fatal(err)
	}
	if k := r.booking(waits[2]); k.State != kiosk.SeatWaiting || k.Rank != 1 {
		t.Errorf("the third who waited has %+v", k)
	}
	if got := r.told(kiosk.KindBookingCancelled); len(got) != 2 {
		t.Errorf("%d cancellations were told, want 2", len(got))
	}
	moved := r.told(kiosk.KindBookingChanged)
	if len(moved) != 1 || moved[0].Number != waits[0] || moved[0].By != "next_in_line" || len(moved[0].Capsule) == 0 {
		t.Errorf("told %+v", moved)
	}
}

func TestABookingMovesToAnotherTime(t *testing.T) {
	r := newBookingRig(t)
	ctx := t.Context()
	first := r.books(aid, slotAt("2026-11-24", "09:00"))
	for range 4 {
		r.books(aid, slotAt("2026-11-24", "09:00"))
	}
	waits := r.books(aid, slotAt("2026-11-24", "09:00/wait"))
	k, err := r.ChangeBooking(ctx, first, kiosk.Answer{Value: "2026-11-24", Detail: "10:00"})
	if err != nil || k.Slot != "2026-11-24T10:00" || k.State != kiosk.SeatBooked {
		t.Fatalf("%+v %v", k, err)
	}
	if k := r.booking(waits); k.State != kiosk.SeatBooked {
		t.Errorf("the place that was left went to nobody: %+v", k)
	}
	_, err = r.ChangeBooking(ctx, first, kiosk.Answer{Value: "2026-11-24", Detail: "09:00/wait"})
	wantConflict(t, err, "error.slot_full", "slot")
	if k := r.booking(first); k.Slot != "2026-11-24T10:00" {
		t.Errorf("a change that was refused cost the place: %+v", k)
	}
	_, err = r.ChangeBooking(ctx, first, kiosk.Answer{Value: "2026-11-26", Detail: "09:00"})
	wantConflict(t, err, "error.slot_gone", "slot")
	_, err = r.ChangeBooking(ctx, "07-999", kiosk.Answer{})
	if kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Error(err)
	}
}

// printing runs a printer for the rest of the test.
func (r *rig) printing() *kiosktest.Printer {
	r.t.Helper()
	p := &kiosktest.Printer{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.RunPrinter(ctx, p) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	})
	waitFor(r.t, func() bool { return r.Status().Printer == kiosk.PrinterReady })
	return p
}

func TestThePaperOfABookingTellsHowItStands(t *testing.T) {
	r := newBookingRig(t)
	p := r.printing()
	first := r.books(aid, slotAt("2026-11-24", "09:00"))
	for range 4 {
		r.books(aid, slotAt("2026-11-24", "09:00"))
	}
	number := r.books(aid, slotAt("2026-11-24", "09:00/wait"))
	waitFor(t, func() bool { return len(p.Receipts()) == 6 })
	code := codeOf(t, p.Receipts()[5])
	f, err := r.OpenReceipt(t.Context(), code, number)
	if err != nil || f.Filing.Seat == nil || f.Filing.Seat.State != kiosk.SeatWaiting || f.Filing.Seat.Rank != 1 || f.Filing.Seat.Date != "2026-11-24" {
		t.Fatalf("%+v %v", f.Filing.Seat, err)
	}
	if _, err := r.CancelBooking(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if f, err = r.OpenReceipt(t.Context(), code, number); err != nil || f.Filing.Seat == nil || f.Filing.Seat.State != kiosk.SeatBooked {
		t.Errorf("after somebody cancelled: %+v %v", f.Filing.Seat, err)
	}
}

func TestEventsAndListsAreJoined(t *testing.T) {
	r := newBookingRig(t)
	open, err := r.Openings(t.Context(), service(r, class))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range open {
		ids = append(ids, o.ID)
	}
	if want := []string{"talk@2026-12-05", "firstaid", "talk@2027-01-02", "choir"}; !slices.Equal(ids, want) {
		t.Errorf("got events %v, want %v", ids, want)
	}
	a := r.books(class, seatAt("event", "firstaid", ""))
	r.books(class, seatAt("event", "firstaid", ""))
	_, err = r.File(t.Context(), kiosk.RandomID(), class, seatAt("event", "firstaid", ""), kiosk.Chinese)
	wantConflict(t, err, "error.slot_full", "event")
	c := r.books(class, seatAt("event", "firstaid/wait", ""))
	if _, err := r.CancelBooking(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if k := r.booking(c); k.State != kiosk.SeatBooked || k.Action != kiosk.ActionRegister {
		t.Errorf("got %+v", k)
	}
	for range 40 { // a team has no end
		r.books(class, seatAt("event", "choir", ""))
	}
	number := r.books(list, seatAt("x", "", ""))
	if _, err := r.CancelBooking(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	if k := r.booking(number); k.State != kiosk.SeatCancelled {
		t.Errorf("got %+v", k)
	}
	if got := r.told(kiosk.KindRegistrationChanged); len(got) != 1 || got[0].Number != c {
		t.Errorf("told %+v", got)
	}
}

func TestAttendanceIsNotedOnTheDay(t *testing.T) {
	r := newBookingRig(t)
	ctx := t.Context()
	number := r.books(aid, slotAt("2026-11-24", "09:00"))
	_, err := r.Arrive(ctx, number, "staff")
	wantConflict(t, err, "error.booking_day", "")
	r.clock.Advance(24 * time.Hour)
	day, err := r.BookingDay(ctx)
	if err != nil || day != "2026-11-24" {
		t.Fatalf("%s %v", day, err)
	}
	expected, err := r.BookingsOn(ctx, day)
	if err != nil || len(expected) != 1 || expected[0].Number != number {
		t.Fatalf("%+v %v", expected, err)
	}
	for range 2 {
		if k, err := r.Arrive(ctx, number, "staff"); err != nil || !k.Arrived {
			t.Fatalf("%+v %v", k, err)
		}
	}
	got := r.told(kiosk.KindAttendanceNoted)
	if len(got) != 1 || got[0].Number != number || got[0].By != "staff" {
		t.Errorf("told %+v", got)
	}
	_, err = r.CancelBooking(ctx, number)
	wantConflict(t, err, "error.booking_over", "")
}
