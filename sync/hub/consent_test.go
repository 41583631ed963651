package hub_test

import (
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
)

func TestTheLedgerOfConsentsIsMadeFromTheRecords(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	const words = `"pack":"2026.11","consent":{"given":true,"text":"1122334455667788","lang":"ko"}`
	for _, r := range []kiosk.Draft{
		{Kind: kiosk.KindConsentWithdrawn, Facts: []byte(`{"number":"07-003"}`)}, // that booth's records came first
		{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"service":"3.1","number":"07-001","helped":true,` + words + `}`)},
		{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"service":"3.1","number":"07-002","paper":"12345674","pack":"2026.11","consent":{"given":false,"text":"ff","lang":"zh"}}`)},
		{Kind: "kind.of_tomorrow", Facts: []byte(`{"service":"9.9","number":"07-003",` + words + `}`)},
		{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"service":"3.1","number":"07-004"}`)}, // asks for none
		{Kind: kiosk.KindRequestFiled, Facts: []byte(`not JSON`)},
		{Kind: kiosk.KindDoorOpened, Facts: []byte(`{"number":"07-005",` + words + `}`)}, // a door agrees to nothing
	} {
		b.Book.WriteDraft(t, r)
	}
	push(t, c, b, 1, 7)
	for _, want := range []int{4, 0} {
		if n, err := c.ReadConsents(t.Context()); n != want || err != nil {
			t.Fatalf("entered %d, %v; want %d", n, err, want)
		}
	}
	list, err := c.Consents(t.Context(), kiosk.ConsentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]kiosk.ConsentState{}
	for _, l := range list {
		got[l.Number] = l.State()
		if l.Received.IsZero() || l.When.Best.IsZero() || l.Pack != "2026.11" || l.Booth != "07" {
			t.Errorf("the line lacks something: %+v", l)
		}
	}
	want := map[string]kiosk.ConsentState{"07-001": kiosk.ConsentGiven, "07-002": kiosk.ConsentRefused, "07-003": kiosk.ConsentWithdrawn}
	if len(got) != len(want) {
		t.Errorf("the ledger says %v, want %v", got, want)
	}
	for number, state := range want {
		if got[number] != state {
			t.Errorf("%s is %s, want %s", number, got[number], state)
		}
	}
	if l := list[len(list)-1]; !l.Helped || l.Text != "1122334455667788" || l.Lang != kiosk.Korean {
		t.Errorf("the first line is %+v", l)
	}
	if l := list[1]; l.Paper != "12345674" {
		t.Errorf("the second line is %+v", l)
	}
}
