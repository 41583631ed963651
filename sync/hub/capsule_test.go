package hub_test

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
)

// paper writes a record that brings a capsule, as a booth does, and returns its code.
func paper(t *testing.T, b *hubtest.Booth, kind kiosk.Kind, number string) kiosk.PaperCode {
	t.Helper()
	code := kiosk.NewPaperCode()
	c, err := code.SealCapsule(number, kiosk.PurposeReceipt, 1, []byte(`{}`), b.Book.Booth, b.Key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]any{"number": number, "capsule": raw}
	if kind == kiosk.KindRequestFiled {
		facts["service"] = "3.1"
	}
	j, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kind, Facts: j})
	return code
}

func TestTheHubAnswersPapersItCannotRead(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	answered := func(want int) {
		t.Helper()
		if n, err := c.AnswerCapsules(t.Context()); n != want || err != nil {
			t.Fatalf("answered %d, %v; want %d", n, err, want)
		}
	}
	received := c.Clock.Read().Wall
	first := paper(t, b, kiosk.KindRequestFiled, "07-001")
	other := paper(t, b, kiosk.KindRequestFiled, "07-002")
	for _, facts := range []string{`{}`, `{"number":"07-003","capsule":"AAAA"}`, `{"number":3}`, `not JSON`, `{"number":"07-001","capsule":null}`} {
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(facts)})
	}
	paper(t, b, kiosk.KindSlipReissued, "07-999") // of a request that nobody knows
	push(t, c, b, 1, 8)
	c.Clock.Add(time.Hour)
	answered(2)
	answered(0)

	opens := func(when string, code kiosk.PaperCode, number string, want kiosk.Code) {
		t.Helper()
		got, err := c.Capsule(t.Context(), "07", number)
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if err := got.Verify(ed25519.PublicKey(b.HubKey)); err != nil || got.Signer != kiosk.SignerHub || got.Version != 2 {
			t.Errorf("%s: version %d signed by %q: %v", when, got.Version, got.Signer, err)
		}
		plain, err := code.Open(number, kiosk.PurposeReceipt, &got)
		if kiosk.CodeOf(err) != want {
			t.Fatalf("%s: %v, want %q", when, err, want)
		}
		var f kiosk.Filing
		if err == nil && (json.Unmarshal(plain, &f) != nil || f.Service != "3.1" || f.Number != number || f.State != kiosk.FilingReceived || !f.At.Equal(received) || f.Case == nil || f.Case.Step != kiosk.StepTeam) {
			t.Errorf("%s: it says %s", when, plain)
		}
	}
	opens("the paper", first, "07-001", "")
	opens("another paper", other, "07-001", kiosk.CodeDenied)

	second := paper(t, b, kiosk.KindSlipReissued, "07-001")
	push(t, c, b, 9, 9)
	answered(1)
	opens("the reprint", second, "07-001", "")
	opens("the paper that it replaced", first, "07-001", kiosk.CodeDenied)
	if _, err := c.Capsule(t.Context(), "07", "07-003"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a request without a capsule: %v", err)
	}
}
