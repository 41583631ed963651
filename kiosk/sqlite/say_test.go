package sqlite_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
)

// What a resident says by a receipt is written once, under the filing's alias, with
// their words sealed; it is on its way until the city has heard it; a wish about data
// has a paper that can be printed again.
func TestWhatIsSaidByAReceiptIsOnItsWay(t *testing.T) {
	r := newPrinting(t)
	slip := r.until(r.request().ID, kiosk.SlipDone)
	code := codeOf(t, r.Receipts()[0])
	open := func() kiosk.Opened {
		t.Helper()
		o, err := r.OpenReceipt(t.Context(), code, slip.Number)
		must(t, err)
		return o
	}
	o := open()
	if want := []kiosk.Deed{kiosk.DeedWithdrawn, kiosk.DeedDataAsked, kiosk.DeedRefused}; !slices.Equal(o.Says(), want) {
		t.Fatalf("got %v, want %v", o.Says(), want)
	}
	if _, err := r.Say(t.Context(), kiosk.RandomID(), o, kiosk.Saying{Deed: kiosk.DeedRated, Rating: kiosk.RatingGood}); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("a rating before the city has done anything: %v", err)
	}
	if _, err := r.Say(t.Context(), kiosk.RandomID(), o, kiosk.Saying{Deed: kiosk.DeedDone}); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("a resident says that it is done: %v", err)
	}
	key := kiosk.RandomID()
	first, err := r.Say(t.Context(), key, o, kiosk.Saying{Deed: kiosk.DeedDataAsked, Reason: "correct", Words: "电话写错了", Lang: kiosk.Chinese})
	must(t, err)
	again, err := r.Say(t.Context(), key, open(), kiosk.Saying{Deed: kiosk.DeedDataAsked, Reason: "correct", Words: "电话写错了", Lang: kiosk.Chinese})
	must(t, err)
	if again.Record != first.Record || again.Slip != first.Slip {
		t.Errorf("a second tap said it again: %+v, %+v", first, again)
	}
	said := r.facts(kiosk.KindDataAsked)
	if len(said) != 1 || said[0]["number"] != slip.Number || said[0]["reason"] != "correct" {
		t.Errorf("the records say %v", said)
	}
	for i, h := range r.headers() {
		if h.Kind != kiosk.KindDataAsked && h.Kind != kiosk.KindRequestFiled {
			continue
		}
		ref := kiosk.RefOf(slip.ID)
		rec := r.records()[i]
		if !bytes.Equal(h.Ref, ref[:]) || bytes.Contains(rec.Facts, []byte("电话写错了")) {
			t.Errorf("%s: ref %x, facts %s", h.Kind, h.Ref, rec.Facts)
		}
		if h.Kind == kiosk.KindDataAsked {
			plain, err := r.secret.Open(&h, rec.Sealed)
			typed := map[string]string{}
			if err != nil || json.Unmarshal(plain, &typed) != nil || typed["words"] != "电话写错了" {
				t.Errorf("the city opens %s, %v", plain, err)
			}
		}
	}
	r.until(first.Slip, kiosk.SlipDone)
	text := func(n int) string {
		var b strings.Builder
		for _, l := range r.Receipts()[n].Lines {
			b.WriteString(l.Text)
			if l.Pair != nil {
				b.WriteString(l.Pair.Name + l.Pair.Value)
			}
		}
		return b.String()
	}
	if got := text(1); !strings.Contains(got, slip.Number) || !strings.Contains(got, "更正内容") || qrOf(r.Receipts()[1]) != "" {
		t.Errorf("its paper says %q", got)
	}
	if _, err := r.Reprint(t.Context(), first.Slip); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(r.Receipts()) == 3 })
	if got := text(2); !strings.Contains(got, "更正内容") || !marked(r.Receipts()[2]) {
		t.Errorf("its reprint says %q", got)
	}
	if _, err := r.Say(t.Context(), kiosk.RandomID(), open(), kiosk.Saying{Deed: kiosk.DeedWithdrawn, Reason: "solved"}); err != nil {
		t.Fatal(err)
	}
	o = open()
	if len(o.Pending) != 2 || o.CanSay(kiosk.DeedWithdrawn) || len(o.Late) != 0 {
		t.Errorf("pending %+v, can say %v", o.Pending, o.Says())
	}
	t.Run("also after a restart", func(t *testing.T) {
		r.stop()
		r.restart()
		if o := open(); len(o.Pending) != 2 {
			t.Errorf("pending: %+v", o.Pending)
		}
	})
}
