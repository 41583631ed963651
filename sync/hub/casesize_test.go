package hub_test

import (
	"crypto/ed25519"
	"testing"

	"redstation/kiosk"
)

// A paper's item stays small: every booth holds the items of the whole city. (A request
// that was received takes some 600 bytes, one with a question, a plan and a result in
// three languages some 1,700: 23 booths with 20 requests a day for 120 days are 55,200
// papers, 33 to 94 MB at each booth.)
func TestThePapersOfACityFitABooth(t *testing.T) {
	r := newResident(t)
	r.sync(r.booth)
	size := func() int {
		l, err := r.code.Lock(number)
		if err != nil {
			t.Fatal(err)
		}
		item, err := r.Item(t.Context(), kiosk.FeedCases, kiosk.ItemCapsule, kiosk.ID(l.Index).String())
		if err != nil {
			t.Fatal(err)
		}
		return len(item.Body)
	}
	received := size()
	say := kiosk.Text{kiosk.Chinese: "请问是几号楼几单元的灯不亮？白天方便去看吗？", kiosk.English: "Which building and entrance? May we come by day?", kiosk.Korean: "몇 동 몇 호 계단의 불이 꺼졌습니까?"}
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAccepted})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAsked, Text: say})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedPlanned, Text: say})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedDone, Outcome: kiosk.OutcomeFixed, Text: say})
	told := size()
	t.Logf("received %d bytes, with three texts in three languages %d", received, told)
	if received > 700 || told > 2000 {
		t.Errorf("a paper takes %d bytes when it was received and %d at the end", received, told)
	}
}

// What is the booth's to say, a booking, travels as the booth sealed it.
func TestABookingsPaperTravelsAsItsBoothSealedIt(t *testing.T) {
	r := newResident(t)
	code := r.paper(kiosk.KindBookingMade)
	r.sync(r.booth)
	l, err := code.Lock(number)
	if err != nil {
		t.Fatal(err)
	}
	item, err := r.Item(t.Context(), kiosk.FeedCases, kiosk.ItemCapsule, kiosk.ID(l.Index).String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := kiosk.ParseCapsule(item.Body)
	if err != nil || c.Signer != "07" || c.Version != 1 || c.Verify(r.booth.Key.Public().(ed25519.PublicKey)) != nil {
		t.Errorf("it came as version %d of %q: %v", c.Version, c.Signer, err)
	}
}
