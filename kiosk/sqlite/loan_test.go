package sqlite_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

func newLender(t testing.TB) *rig {
	r := newRig(t)
	r.Offer(kiosktest.Lending())
	return r
}

// lend borrows a thing; tag may be "".
func (r *rig) lend(thing string, tag kiosk.AssetTag) (kiosk.Slip, error) {
	r.t.Helper()
	return r.File(r.t.Context(), kiosk.RandomID(), "1.8", kiosk.Answers{"thing": {Value: thing, Detail: string(tag)}}, kiosk.Chinese)
}

// borrowed is lend where nothing may go wrong, and returns the loan.
func (r *rig) borrowed(thing string, tag kiosk.AssetTag) kiosk.Loan {
	r.t.Helper()
	s, err := r.lend(thing, tag)
	if err != nil {
		r.t.Fatal(err)
	}
	l, err := r.LoanOf(r.t.Context(), s.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return l
}

// bring brings something back and returns what the record says.
func (r *rig) bring(back kiosk.Return) (said struct {
	Number, Asset, Thing string
	Doubt                kiosk.Doubt
}) {
	r.t.Helper()
	if _, err := r.BringBack(r.t.Context(), kiosk.RandomID(), back, kiosk.Chinese); err != nil {
		r.t.Fatal(err)
	}
	if err := json.Unmarshal(r.lastFacts(kiosk.KindLoanReturned), &said); err != nil {
		r.t.Fatal(err)
	}
	return said
}

// lastFacts returns the facts of the last record of a kind.
func (r *rig) lastFacts(kind kiosk.Kind) []byte {
	r.t.Helper()
	var out []byte
	for _, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		if h.Kind == kind {
			out = rec.Facts
		}
	}
	return out
}

func (r *rig) here(thing string) int {
	r.t.Helper()
	all, err := r.Supplies(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range all {
		if s.Thing.ID == thing {
			return s.Here
		}
	}
	r.t.Fatalf("no %s in %+v", thing, all)
	return 0
}

// tags makes asset tags.
func (r *rig) tags(thing string, n int) []kiosk.AssetTag {
	r.t.Helper()
	if _, err := r.PrintTags(r.t.Context(), kiosk.RandomID(), "1.8", thing, n, kiosk.Chinese); err != nil {
		r.t.Fatal(err)
	}
	var f struct{ Tags []kiosk.AssetTag }
	if err := json.Unmarshal(r.lastFacts(kiosk.KindAssetTagged), &f); err != nil || len(f.Tags) != n {
		r.t.Fatalf("got %d tags and %v, want %d", len(f.Tags), err, n)
	}
	return f.Tags
}

func TestTheLastThingIsLentOnce(t *testing.T) {
	r := newLender(t)
	var lent, gone atomic.Int64
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			_, err := r.lend("umbrella", "")
			switch {
			case err == nil:
				lent.Add(1)
			case kiosk.KeyOf(err) == "error.item_gone" && kiosk.CodeOf(err) == kiosk.CodeConflict:
				gone.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	out, err := r.LoansOut(t.Context())
	if err != nil || lent.Load() != 4 || gone.Load() != 20 || len(out) != 4 || r.here("umbrella") != 0 {
		t.Errorf("lent %d, refused %d, %d out, %d here (%v); want 4, 20, 4 and 0", lent.Load(), gone.Load(), len(out), r.here("umbrella"), err)
	}
	seen := map[string]bool{}
	for _, l := range out {
		if seen[l.Number] || l.Due != "2026-11-30" || l.Lent != "2026-11-23" {
			t.Errorf("got loan %+v", l)
		}
		seen[l.Number] = true
	}
	if r.here("cart") != 1 {
		t.Errorf("%d carts here, want the one that this booth has", r.here("cart"))
	}
}

func TestALoanTwiceUnderOneKeyIsOne(t *testing.T) {
	r := newLender(t)
	key := kiosk.RandomID()
	a := kiosk.Answers{"thing": {Value: "cart"}}
	first, err := r.File(t.Context(), key, "1.8", a, kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	r.restart()
	r.Offer(kiosktest.Lending())
	again, err := r.File(t.Context(), key, "1.8", a, kiosk.Chinese)
	if err != nil || again.Number != first.Number || r.here("cart") != 0 {
		t.Errorf("got %q and %v, want %q", again.Number, err, first.Number)
	}
	back := kiosk.RandomID()
	for range 2 {
		if _, err := r.BringBack(t.Context(), back, kiosk.Return{Number: first.Number}, kiosk.Chinese); err != nil {
			t.Fatal(err)
		}
	}
	if r.here("cart") != 1 {
		t.Errorf("%d carts here after the same tap twice, want 1", r.here("cart"))
	}
}

func TestWhatDoesNotFitIsDoneAndDoubted(t *testing.T) {
	r := newLender(t)
	tags := r.tags("umbrella", 3)
	if l := r.borrowed("umbrella", tags[0]); l.Doubt != kiosk.DoubtNone || r.here("umbrella") != 3 {
		t.Errorf("got %+v with %d here", l, r.here("umbrella"))
	}
	second := r.borrowed("umbrella", tags[0])
	if second.Doubt != kiosk.DoubtStillLent || r.here("umbrella") != 3 {
		t.Errorf("lent again without a return: got %+v with %d here, want it doubted and 3", second, r.here("umbrella"))
	}
	if said := r.bring(kiosk.Return{Tag: tags[0]}); said.Number != second.Number || said.Doubt != "" || r.here("umbrella") != 4 {
		t.Errorf("got %+v with %d here", said, r.here("umbrella"))
	}
	if said := r.bring(kiosk.Return{Tag: tags[0]}); said.Doubt != kiosk.DoubtBackBefore || r.here("umbrella") != 4 {
		t.Errorf("brought back twice: got %+v with %d here", said, r.here("umbrella"))
	}
	if said := r.bring(kiosk.Return{Number: second.Number}); said.Doubt != kiosk.DoubtBackBefore || r.here("umbrella") != 4 {
		t.Errorf("brought back twice by receipt: got %+v with %d here", said, r.here("umbrella"))
	}
	never := kiosk.NewAssetTag("07", 10, 77)
	if said := r.bring(kiosk.Return{Tag: never}); said.Doubt != kiosk.DoubtUnknownTag || said.Thing != "umbrella" {
		t.Errorf("a tag that nobody made: got %+v", said)
	}
	if l := r.borrowed("cart", kiosk.NewAssetTag("07", 11, 9)); l.Doubt != kiosk.DoubtUnknownTag {
		t.Errorf("lent a tag that nobody made: got %+v", l)
	}
	before := r.here("umbrella")
	foreign := kiosk.NewAssetTag("12", 10, 5)
	if said := r.bring(kiosk.Return{Tag: foreign}); said.Doubt != "" || said.Thing != "umbrella" || r.here("umbrella") != before+1 {
		t.Errorf("another booth's umbrella: got %+v with %d here", said, r.here("umbrella"))
	}
	if said := r.bring(kiosk.Return{Number: "12-031", Thing: "cart"}); said.Doubt != "" || r.here("cart") != 2 {
		t.Errorf("another booth's receipt: got %+v with %d carts here", said, r.here("cart"))
	}
	if _, err := r.BringBack(t.Context(), kiosk.RandomID(), kiosk.Return{}, kiosk.Chinese); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("nothing at all: got %v", err)
	}
}

func TestATagOfAnotherKindIsNotTaken(t *testing.T) {
	r := newLender(t)
	_, err := r.lend("cart", kiosk.NewAssetTag("07", 10, 1))
	if kiosk.KeyOf(err) != "error.asset_other" || kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v", err)
	}
	if _, err := r.lend("spade", ""); kiosk.KeyOf(err) != "error.item" {
		t.Errorf("got %v", err)
	}
}

func TestALoanIsRenewedTwice(t *testing.T) {
	r := newLender(t)
	l := r.borrowed("umbrella", "")
	key := kiosk.RandomID()
	for range 2 { // the same tap
		if _, err := r.Renew(t.Context(), key, l.Number, kiosk.Chinese); err != nil {
			t.Fatal(err)
		}
	}
	r.clock.Advance(20 * 24 * 3600e9) // overdue: from today
	if _, err := r.Renew(t.Context(), kiosk.RandomID(), l.Number, kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	if got, err := r.LoanNumbered(t.Context(), l.Number); err != nil || got.Renewed != 2 || got.Due != "2026-12-20" {
		t.Errorf("got %+v and %v", got, err)
	}
	if _, err := r.Renew(t.Context(), kiosk.RandomID(), l.Number, kiosk.Chinese); kiosk.KeyOf(err) != "error.loan_renewed" {
		t.Errorf("a third time: got %v", err)
	}
	r.bring(kiosk.Return{Number: l.Number})
	if _, err := r.Renew(t.Context(), kiosk.RandomID(), l.Number, kiosk.Chinese); kiosk.KeyOf(err) != "error.loan_back" {
		t.Errorf("after it came back: got %v", err)
	}
	if _, err := r.Renew(t.Context(), kiosk.RandomID(), "07-999", kiosk.Chinese); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a loan that never was: got %v", err)
	}
}

func TestTheCitySettlesWhatCameBackElsewhere(t *testing.T) {
	r := newLender(t)
	tags := r.tags("umbrella", 2)
	l, other := r.borrowed("umbrella", tags[0]), r.borrowed("umbrella", tags[1])
	news := func(n kiosk.AssetNews) kiosk.Item {
		b, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return kiosk.Item{Type: kiosk.ItemAsset, ID: string(n.Asset), Op: kiosk.ItemPut, Body: b}
	}
	items := []kiosk.Item{news(kiosk.AssetNews{Asset: tags[0], Thing: "umbrella", State: kiosk.LoanBack, Booth: "12", Ended: []kiosk.LoanEnd{{Number: l.Number, At: "12"}}}),
		news(kiosk.AssetNews{Asset: tags[1], Thing: "umbrella", State: kiosk.LoanOut, Booth: "07", Number: other.Number}), {Body: []byte("{")}}
	for range 2 {
		if err := r.LearnAssets(t.Context(), items); err != nil {
			t.Fatal(err)
		}
	}
	out, err := r.LoansOut(t.Context())
	if err != nil || len(out) != 1 || out[0].Number != other.Number {
		t.Errorf("got %+v and %v, want only loan %s out", out, err, other.Number)
	}
	if n := r.count(kiosk.KindLoanSettled); n != 1 {
		t.Errorf("%d records of the settling, want 1", n)
	}
	if away := r.Elsewhere(); len(away) != 1 || away[0].Booth != "12" || r.here("umbrella") != 2 {
		t.Errorf("got %+v elsewhere and %d here", away, r.here("umbrella"))
	}
	if said := r.bring(kiosk.Return{Tag: tags[0]}); said.Doubt != "" || r.here("umbrella") != 3 {
		t.Errorf("carried home: got %+v with %d here", said, r.here("umbrella"))
	}
	// The city says that booth 12 lent it, and it is in somebody's hand here.
	if err := r.LearnAssets(t.Context(), []kiosk.Item{news(kiosk.AssetNews{Asset: tags[0], State: kiosk.LoanOut, Booth: "12", Number: "12-007"})}); err != nil {
		t.Fatal(err)
	}
	if l := r.borrowed("umbrella", tags[0]); l.Doubt != kiosk.DoubtElsewhere {
		t.Errorf("got %+v", l)
	}
}

// count counts the records of a kind.
func (r *rig) count(kind kiosk.Kind) (n int) {
	for _, h := range r.headers() {
		if h.Kind == kind {
			n++
		}
	}
	return n
}

func TestLoansOutliveARestart(t *testing.T) {
	r := newLender(t)
	tags := r.tags("umbrella", 2)
	l := r.borrowed("umbrella", tags[1])
	if err := r.Count(t.Context(), "1.8", "cart", 0); err != nil {
		t.Fatal(err)
	}
	r.restart()
	r.Offer(kiosktest.Lending())
	if got, err := r.LoanWith(t.Context(), tags[1]); err != nil || got != l || r.here("umbrella") != 3 || r.here("cart") != 0 {
		t.Errorf("got %+v and %v, want %+v", got, err, l)
	}
	if next := r.tags("umbrella", 1); next[0] != kiosk.NewAssetTag("07", 10, 3) {
		t.Errorf("got tag %s, want one that was never made", next[0])
	}
	for what, err := range map[string]error{"no such thing": r.Count(t.Context(), "1.8", "spade", 1), "no such service": r.Count(t.Context(), "1.1", "cart", 1)} {
		if kiosk.CodeOf(err) != kiosk.CodeNotFound {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := r.Count(t.Context(), "1.8", "cart", -1); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestASalvageKeepsWhatIsLent(t *testing.T) {
	r := newLender(t)
	tags := r.tags("umbrella", 2)
	l := r.borrowed("umbrella", tags[0])
	r.borrowed("cart", "")
	r.ticket()
	r.ticket()
	if err := r.step(kiosk.StepNext, "", ""); err != nil {
		t.Fatal(err)
	}
	before := r.lineup()
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	// What the program leaves when it finds its book damaged.
	if err := os.WriteFile(filepath.Join(r.dir, sqlite.FileName+".salvage"), []byte(`{"n":1,"why":"a test"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.Offer(kiosktest.Lending())
	if r.count(kiosk.KindBookSalvaged) != 1 {
		t.Fatal("the book was not salvaged")
	}
	if got, err := r.LoanWith(t.Context(), tags[0]); err != nil || got != l || r.here("umbrella") != 3 || r.here("cart") != 0 {
		t.Errorf("got %+v and %v with %d umbrellas and %d carts here, want %+v, 3 and 0", got, err, r.here("umbrella"), r.here("cart"), l)
	}
	if after := r.lineup(); !reflect.DeepEqual(after, before) {
		t.Errorf("got queue %+v, want %+v", after, before)
	}
	if said := r.bring(kiosk.Return{Tag: tags[0]}); said.Number != l.Number || said.Doubt != "" {
		t.Errorf("got %+v", said)
	}
	if next := r.tags("umbrella", 1); next[0] != kiosk.NewAssetTag("07", 10, 3) {
		t.Errorf("got tag %s, want one that was never made", next[0])
	}
}
