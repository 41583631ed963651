package hub_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

// resident files things at booths of a city and speaks of them by the paper.
type resident struct {
	*hubtest.City
	t     *testing.T
	booth *hubtest.Booth
	ref   kiosk.ID
	code  kiosk.PaperCode
	sent  map[string]uint64 // by booth: records that were pushed
}

const number = "07-001"

func newResident(t *testing.T) *resident {
	c := hubtest.New(t)
	r := &resident{City: c, t: t, booth: c.Enrol("07"), ref: kiosk.RandomID(), sent: map[string]uint64{}}
	r.code = r.paper(kiosk.KindRequestFiled)
	return r
}

// paper writes a record that brings a paper, as a booth does.
func (r *resident) paper(kind kiosk.Kind) kiosk.PaperCode {
	r.t.Helper()
	code := kiosk.NewPaperCode()
	c, err := code.SealCapsule(number, kiosk.PurposeReceipt, 1, []byte(`{}`), r.booth.Book.Booth, r.booth.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := c.Bytes()
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(r.booth, kiosk.Draft{Kind: kind, Ref: r.ref[:]}, map[string]any{"number": number, "service": "3.1", "action": "request", "route": "property", "capsule": raw})
	return code
}

func (r *resident) write(b *hubtest.Booth, d kiosk.Draft, facts map[string]any) {
	r.t.Helper()
	var err error
	if d.Facts, err = json.Marshal(facts); err != nil {
		r.t.Fatal(err)
	}
	b.Book.WriteDraft(r.t, d)
}

// says writes what the resident says at a booth, based on a version.
func (r *resident) says(b *hubtest.Booth, kind kiosk.Kind, basedOn uint64, facts map[string]any) {
	r.t.Helper()
	r.write(b, kiosk.Draft{Kind: kind, Ref: r.ref[:], BasedOn: basedOn}, facts)
}

// sync sends what the booths have written, and lets the hub answer.
func (r *resident) sync(booths ...*hubtest.Booth) {
	r.t.Helper()
	for _, b := range booths {
		from := r.sent[b.Book.Booth] + 1
		last := uint64(b.Book.Len(kiosk.LaneLog))
		push(r.t, r.City, b, from, last)
		r.sent[b.Book.Booth] = last
	}
	if _, err := r.AnswerCapsules(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// face is what the paper opens, from the feed that every booth reads.
func (r *resident) face(code kiosk.PaperCode) kiosk.CaseFace {
	r.t.Helper()
	l, err := code.Lock(number)
	if err != nil {
		r.t.Fatal(err)
	}
	item, err := r.Item(r.t.Context(), kiosk.FeedCases, kiosk.ItemCapsule, kiosk.ID(l.Index).String())
	if err != nil {
		r.t.Fatal(err)
	}
	c, err := kiosk.ParseCapsule(item.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Verify(r.booth.HubKey); err != nil {
		r.t.Fatal(err)
	}
	plain, err := code.Open(number, kiosk.PurposeReceipt, &c)
	if err != nil {
		r.t.Fatal(err)
	}
	var f kiosk.Filing
	if err := json.Unmarshal(plain, &f); err != nil || f.Case == nil || f.Ref != r.ref || f.Action != kiosk.ActionRequest {
		r.t.Fatalf("the paper opens %s: %v", plain, err)
	}
	return *f.Case
}

// does lets the city do something to the case as it is.
func (r *resident) does(e kiosk.CaseEvent) {
	r.t.Helper()
	c, err := r.Case(r.t.Context(), "07", number)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.DoCase(hub.As(r.t.Context(), "li"), "07", number, c.Version, e); err != nil {
		r.t.Fatalf("%s: %v", e.Deed, err)
	}
}

func zh(s string) kiosk.Text { return kiosk.Text{kiosk.Chinese: s} }

// A case goes its whole way: what the city does is on the paper at every booth, what the
// resident says at any of them moves it, and the resident has the last word.
func TestACaseIsClosedByItsResidentAtAnotherBooth(t *testing.T) {
	r := newResident(t)
	other := r.Enrol("08")
	r.sync(r.booth)
	if f := r.face(r.code); f.Version != 1 || f.Step != kiosk.StepTeam || f.Owner != "property" {
		t.Fatalf("filed: %+v", f)
	}
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAccepted})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAsked, Text: zh("几号楼？")})
	if f := r.face(r.code); !f.Asked || f.Words[0].Text[kiosk.Chinese] != "几号楼？" {
		t.Fatalf("asked: %+v", f)
	}
	r.says(other, kiosk.KindRequestAnswered, 3, map[string]any{"number": number})
	r.sync(other)
	if f := r.face(r.code); f.Asked || len(f.Heard) != 1 || f.Heard[0].Late {
		t.Fatalf("answered: %+v", f)
	}
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedPlanned, Text: zh("周五修")})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedDone, Outcome: kiosk.OutcomeFixed, Text: zh("修好了")})
	f := r.face(r.code)
	r.says(other, kiosk.KindRequestRated, f.Version, map[string]any{"rating": 3})
	r.sync(other)
	if f = r.face(r.code); f.Ending != kiosk.EndRated || f.Rating != kiosk.RatingGood || f.Outcome != kiosk.OutcomeFixed {
		t.Fatalf("rated: %+v", f)
	}
	c, err := r.Case(t.Context(), "07", number)
	var deeds []kiosk.Deed
	for _, e := range c.Events {
		deeds = append(deeds, e.Deed)
	}
	if want := []kiosk.Deed{"filed", "accepted", "asked", "answered", "planned", "done", "rated"}; err != nil || !slices.Equal(deeds, want) {
		t.Errorf("what happened: %v, %v", deeds, err)
	}
	t.Run("and what comes later changes nothing, and is kept", func(t *testing.T) {
		r.says(r.booth, kiosk.KindRequestWithdrawn, 1, nil)
		r.sync(r.booth)
		f := r.face(r.code)
		if f.Ending != kiosk.EndRated || !f.Heard[len(f.Heard)-1].Late {
			t.Errorf("a late withdrawal: %+v", f)
		}
	})
	t.Run("and nothing happens twice", func(t *testing.T) {
		before, err := r.Case(t.Context(), "07", number)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.ForgetPapers(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.sync()
		after, err := r.Case(t.Context(), "07", number)
		if err != nil || after.Version != before.Version || len(after.Events) != len(before.Events) {
			t.Errorf("read again: %+v, %v", after, err)
		}
	})
}

func TestTheCityDoesToACaseOnlyWhatItMay(t *testing.T) {
	r := newResident(t)
	r.sync(r.booth)
	for name, tt := range map[string]struct {
		number  string
		version uint64
		e       kiosk.CaseEvent
		want    kiosk.Code
	}{
		"close it":                  {number, 1, kiosk.CaseEvent{Deed: kiosk.DeedRated, Rating: 3}, kiosk.CodeDenied},
		"withdraw it":               {number, 1, kiosk.CaseEvent{Deed: kiosk.DeedWithdrawn}, kiosk.CodeDenied},
		"let it lapse":              {number, 1, kiosk.CaseEvent{Deed: kiosk.DeedLapsed}, kiosk.CodeDenied},
		"something to none":         {"07-999", 1, kiosk.CaseEvent{Deed: kiosk.DeedAccepted}, kiosk.CodeNotFound},
		"what it did not see":       {number, 9, kiosk.CaseEvent{Deed: kiosk.DeedAccepted}, kiosk.CodeConflict},
		"say no without a reason":   {number, 1, kiosk.CaseEvent{Deed: kiosk.DeedNotPossible}, kiosk.CodeInvalid},
		"be done before it took it": {number, 1, kiosk.CaseEvent{Deed: kiosk.DeedDone, Outcome: kiosk.OutcomeFixed}, kiosk.CodeConflict},
	} {
		if _, err := r.DoCase(t.Context(), "07", tt.number, tt.version, tt.e); kiosk.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// Time moves cases: a deadline takes one to the next level, silence lets it lapse, and
// long after it was closed its paper is forgotten everywhere.
func TestTimeMovesCases(t *testing.T) {
	r := newResident(t)
	r.sync(r.booth)
	move := func(d time.Duration) kiosk.CaseItem {
		t.Helper()
		r.Clock.Add(d)
		if err := r.MoveCases(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := r.Case(t.Context(), "07", number)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const day = 24 * time.Hour
	if c := move(day); c.Owner != "property" {
		t.Errorf("after a day: %+v", c.Case)
	}
	for _, owner := range []string{"street", "district", "city", "city"} {
		if c := move(2 * day); c.Owner != owner || !c.Open() {
			t.Errorf("got %s, want %s: %+v", c.Owner, owner, c.Case)
		}
	}
	if f := r.face(r.code); f.Owner != "city" {
		t.Errorf("the paper says %s", f.Owner)
	}
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedNotPossible, Text: zh("不归本市管")})
	if c := move(14 * day); !c.Open() {
		t.Errorf("it lapsed too early: %+v", c.Case)
	}
	if c := move(2 * day); c.Ending != kiosk.EndLapsed || c.Rating != 0 || c.Outcome != kiosk.OutcomeNotPossible {
		t.Errorf("nobody judged: %+v", c.Case)
	}
	r.face(r.code)
	move(91 * day)
	l, err := r.code.Lock(number)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Item(t.Context(), kiosk.FeedCases, kiosk.ItemCapsule, kiosk.ID(l.Index).String()); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("its paper is still answered: %v", err)
	}
}

// A reprint takes the paper's place with all that is known, and what was asked for about
// data is done: its record is erased, and with it the case's words and its paper.
func TestAReprintAndAnErasureReachThePaper(t *testing.T) {
	r := newResident(t)
	r.sync(r.booth)
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAccepted})
	r.does(kiosk.CaseEvent{Deed: kiosk.DeedAsked, Text: zh("几号楼？")})
	again := r.paper(kiosk.KindSlipReissued)
	r.sync(r.booth)
	if f := r.face(again); !f.Asked || len(f.Words) != 1 {
		t.Errorf("the reprint opens %+v", f)
	}
	lock := func(c kiosk.PaperCode) string {
		l, err := c.Lock(number)
		if err != nil {
			t.Fatal(err)
		}
		return kiosk.ID(l.Index).String()
	}
	item := func(c kiosk.PaperCode) error {
		_, err := r.Item(t.Context(), kiosk.FeedCases, kiosk.ItemCapsule, lock(c))
		return err
	}
	if kiosk.CodeOf(item(r.code)) != kiosk.CodeNotFound {
		t.Error("the paper that was replaced is still answered")
	}
	r.says(r.booth, kiosk.KindDataAsked, 3, map[string]any{"reason": "delete"})
	r.sync(r.booth)
	list, err := r.Cases(t.Context(), kiosk.CaseQuery{State: kiosk.CaseWish})
	if err != nil || len(list) != 1 || list[0].Wish != kiosk.WishDelete {
		t.Fatalf("wishes: %+v, %v", list, err)
	}
	if err := r.EraseCase(hub.As(t.Context(), "li"), "07", number, "as the resident asked"); err != nil {
		t.Fatal(err)
	}
	c, err := r.Case(t.Context(), "07", number)
	if err != nil || c.Ending != kiosk.EndErased || c.Wish != "" || len(c.Words) != 0 {
		t.Errorf("after the erasure: %+v, %v", c, err)
	}
	for _, e := range c.Events {
		if len(e.Text) != 0 {
			t.Errorf("%s still says %v", e.Deed, e.Text)
		}
	}
	if kiosk.CodeOf(item(again)) != kiosk.CodeNotFound {
		t.Error("its paper is still answered")
	}
	r.says(r.booth, kiosk.KindRequestWithdrawn, 3, nil)
	r.sync(r.booth)
	if kiosk.CodeOf(item(again)) != kiosk.CodeNotFound {
		t.Error("its paper came back")
	}
	if err := r.EraseCase(t.Context(), "07", number, "once more"); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("erased twice: %v", err)
	}
}

// What is said of a filing that is not here yet waits for it.
func TestASayingWaitsForItsFiling(t *testing.T) {
	r := newResident(t)
	other := r.Enrol("08")
	r.says(other, kiosk.KindRequestWithdrawn, 0, map[string]any{"reason": "solved"})
	r.sync(other)
	if _, err := r.Case(t.Context(), "07", number); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Fatalf("a case without a filing: %v", err)
	}
	r.sync(r.booth)
	if f := r.face(r.code); f.Ending != kiosk.EndWithdrawn {
		t.Errorf("it was withdrawn before it came: %+v", f)
	}
}

// Every booth learns the public keys of all who sign papers, and forgets a revoked one's.
func TestTheKeysOfAllSignersArePublished(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	keys := func(signer string) (k kiosk.SignerKeys, err error) {
		item, err := c.Item(t.Context(), kiosk.FeedCity, kiosk.ItemKey, signer)
		return k, errors.Join(err, json.Unmarshal(append([]byte{}, item.Body...), &k))
	}
	if err := c.PublishKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for signer, want := range map[string][]byte{kiosk.SignerHub: b.HubKey, "07": b.Key.Public().(ed25519.PublicKey)} {
		if k, err := keys(signer); err != nil || len(k.Keys) != 1 || !slices.Equal(k.Keys[0], want) {
			t.Errorf("%s: %x, %v; want %x", signer, k.Keys, err, want)
		}
	}
	if err := c.RevokeBooth(t.Context(), "07", "the card was stolen"); err != nil {
		t.Fatal(err)
	}
	c.Clock.Add(time.Hour)
	if err := c.PublishKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := keys("07"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a revoked booth's key is still published: %v", err)
	}
}
