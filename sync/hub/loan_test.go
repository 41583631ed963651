package hub_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// lender is a booth with a real book, its agent and its reader of feeds.
type lender struct {
	*kiosk.Booth
	t    *testing.T
	b    *hubtest.Booth
	book *sqlite.DB
	push func() // sends all that it has
}

// newLender enrols a booth. It sends nothing before push is called.
func newLender(t *testing.T, c *hubtest.City, id string) *lender {
	t.Helper()
	b := c.Enrol(id)
	book, err := sqlite.Open(t.Context(), t.TempDir(), c.Clock, sqlite.Opts{Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	if err := book.Enrol(t.Context(), b.Enrolment); err != nil {
		t.Fatal(err)
	}
	l := &lender{t: t, b: b, book: book}
	if l.Booth, err = kiosk.New(kiosk.Deps{Book: book, Clock: c.Clock, Catalogue: kiosktest.Lending(), Enrolment: &b.Enrolment, Key: b.Key}); err != nil {
		t.Fatal(err)
	}
	l.push = func() {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		a, err := agent.New(book, b.Enrolment, b.Key, agent.Opts{Log: hubtest.Quiet(), Hello: time.Hour, OnUplink: func(u kiosk.Uplink) {
			if u.Up && u.Behind == 0 {
				cancel()
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// learn lets the booth read its feed until it knows what the hub knows now.
func (l *lender) learn(c *hubtest.City) {
	l.t.Helper()
	store, err := sqlite.OpenFeeds(l.t.Context(), l.t.TempDir(), l.b.Enrolment.Booth, hubtest.Quiet())
	if err != nil {
		l.t.Fatal(err)
	}
	defer store.Close()
	heard := make(chan struct{})
	all := sync.OnceFunc(func() { close(heard) })
	stop := follow(l.t, l.b, store, agent.FeedOpts{OnContact: func(time.Time) { all() }})
	<-heard
	stop()
	if err := store.Touch(l.t.Context(), kiosk.ID{1}, 0, time.Now()); err != nil {
		l.t.Fatal(err)
	}
	feed := kiosk.BoothFeed(l.b.Enrolment.Booth)
	items, err := store.Items(l.t.Context(), feed, kiosk.ItemAsset)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.LearnAssets(l.t.Context(), items); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lender) lend(tag kiosk.AssetTag) string {
	l.t.Helper()
	s, err := l.File(l.t.Context(), kiosk.RandomID(), "1.8", kiosk.Answers{"thing": {Value: "umbrella", Detail: string(tag)}}, kiosk.Chinese)
	if err != nil {
		l.t.Fatal(err)
	}
	return s.Number
}

func (l *lender) bring(r kiosk.Return) {
	l.t.Helper()
	if _, err := l.BringBack(l.t.Context(), kiosk.RandomID(), r, kiosk.Chinese); err != nil {
		l.t.Fatal(err)
	}
}

// out returns the numbers of what is out at the booth, and not only doubted.
func (l *lender) out() (numbers []string) {
	l.t.Helper()
	all, err := l.LoansOut(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	for _, loan := range all {
		if loan.Doubt != kiosk.DoubtLentAgain {
			numbers = append(numbers, loan.Number)
		}
	}
	return numbers
}

func settle(t *testing.T, c *hubtest.City, want int) {
	t.Helper()
	if n, err := c.SettleLoans(t.Context()); n != want || err != nil {
		t.Fatalf("looked at %d records, %v; want %d", n, err, want)
	}
}

func TestAThingComesBackAtAnotherBooth(t *testing.T) {
	for _, first := range []string{"the lender is heard first", "the return is heard first"} {
		t.Run(first, func(t *testing.T) {
			c := hubtest.New(t)
			home, away := newLender(t, c, "07"), newLender(t, c, "12")
			if _, err := home.PrintTags(t.Context(), kiosk.RandomID(), "1.8", "umbrella", 2, kiosk.Chinese); err != nil {
				t.Fatal(err)
			}
			tag, other := kiosk.NewAssetTag("07", 10, 1), kiosk.NewAssetTag("07", 10, 2)
			number, kept, untagged := home.lend(tag), home.lend(other), home.lend("")
			c.Clock.Add(time.Hour)
			away.bring(kiosk.Return{Tag: tag})
			away.bring(kiosk.Return{Number: untagged, Thing: "umbrella"})
			sent, then := home, away
			if first != "the lender is heard first" {
				sent, then = away, home
			}
			sent.push()
			settle(t, c, map[*lender]int{home: 3, away: 2}[sent])
			then.push()
			settle(t, c, map[*lender]int{home: 3, away: 2}[then])
			settle(t, c, 0)
			home.learn(c)
			if got := home.out(); len(got) != 1 || got[0] != kept {
				t.Errorf("out at the lender: %v, want only %s of %s, %s and %s", got, kept, number, kept, untagged)
			}
			if got := home.Elsewhere(); len(got) != 1 || got[0].Asset != tag || got[0].Booth != "12" {
				t.Errorf("the lender knows of %+v elsewhere", got)
			}
			loans, err := c.LoansOut(t.Context(), "", "", 9)
			if err != nil || len(loans) != 1 || loans[0].Number != kept || loans[0].Booth != "07" {
				t.Errorf("the hub lists %+v, %v", loans, err)
			}
		})
	}
}

func TestAThingThatIsLentTwiceIsDoubtedAtTheFirst(t *testing.T) {
	c := hubtest.New(t)
	home, away := newLender(t, c, "07"), newLender(t, c, "12")
	if _, err := home.PrintTags(t.Context(), kiosk.RandomID(), "1.8", "umbrella", 1, kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	tag := kiosk.NewAssetTag("07", 10, 1)
	first := home.lend(tag)
	home.push()
	settle(t, c, 1)
	c.Clock.Add(time.Hour)
	away.learn(c) // another booth is told nothing of a thing that it never had
	second := away.lend(tag)
	away.push()
	settle(t, c, 1)
	home.learn(c)
	if got := home.out(); len(got) != 0 {
		t.Errorf("%v are plainly out at the first booth, want none: %s is to be looked at", got, first)
	}
	if l, err := home.LoanNumbered(t.Context(), first); err != nil || l.Doubt != kiosk.DoubtLentAgain || l.State != kiosk.LoanOut {
		t.Errorf("got %+v, %v", l, err)
	}
	c.Clock.Add(time.Hour)
	home.bring(kiosk.Return{Tag: tag}) // it comes home, where its loan is the first one
	home.push()
	settle(t, c, 1)
	away.learn(c)
	if got := away.out(); len(got) != 0 {
		t.Errorf("out at the second booth: %v, and the thing of %s lies at home", got, second)
	}
}

func TestRecordsOfLoansThatMakeNoSenseArePassedOver(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	for kind, all := range map[kiosk.Kind][]string{
		kiosk.KindLoanLent:     {`{}`, `not JSON`, `{"number":"12-001","choices":{"thing":"umbrella"}}`, `{"number":"07-001","choices":{"thing":"umbrella","asset":"07-10-0010"}}`},
		kiosk.KindLoanReturned: {`{}`, `{"asset":"07"}`},
		kiosk.KindLoanRenewed:  {`{"number":"07-009","due":"2026-12-24"}`},
	} {
		for _, facts := range all {
			b.Book.WriteDraft(t, kiosk.Draft{Kind: kind, Facts: []byte(facts)})
		}
	}
	good, err := json.Marshal(map[string]any{"number": "07-002", "choices": map[string]string{"thing": "umbrella", "due": "2026-12-01"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindLoanLent, Facts: good})
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindLoanRenewed, Facts: []byte(`{"number":"07-002","due":"2026-12-08"}`)})
	push(t, c, b, 1, 9)
	settle(t, c, 9)
	loans, err := c.LoansOut(t.Context(), "", "", 9)
	if err != nil || len(loans) != 1 || loans[0].Number != "07-002" || loans[0].Due != "2026-12-08" {
		t.Errorf("got %+v, %v", loans, err)
	}
}
