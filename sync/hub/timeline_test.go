package hub_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// told writes records of one boot: a ticket at so many minutes since boot, or what
// somebody said of the time then.
type told struct {
	minute int
	source kiosk.AnchorSource // "" = a ticket
	says   time.Time
}

func tell(t testing.TB, b *hubtest.Booth, count uint64, list ...told) {
	t.Helper()
	for _, m := range list {
		since := time.Duration(m.minute) * time.Minute
		d := kiosk.Draft{Kind: kiosk.KindTicketIssued, Facts: []byte(`{}`), Stamp: kiosk.Stamp{
			Boot: kiosk.Boot{Count: count, ID: kiosk.ID{byte(count)}}, Since: since, Wall: time.Unix(int64(since.Seconds()), 0)}}
		if m.source != "" {
			facts, err := json.Marshal(kiosk.Anchor{Source: m.source, True: m.says, Unc: time.Second}.Facts())
			if err != nil {
				t.Fatal(err)
			}
			d.Kind, d.Facts = kiosk.KindClockAnchored, facts
		}
		b.Book.WriteDraft(t, d)
	}
}

func TestPulledRecordsSayWhenTheyWereWritten(t *testing.T) {
	c := hubtest.New(t)
	created := c.Clock.Read().Wall
	b := c.Enrol("07")
	c.Clock.Add(10 * time.Hour)
	now := c.Clock.Read().Wall
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }

	tell(t, b, 1, told{minute: 5})
	tell(t, b, 2, told{minute: 0}, told{30, kiosk.AnchorHub, ago(400)}, told{minute: 60}) // ends 370 minutes ago
	tell(t, b, 3, told{minute: 10}, told{minute: 20})
	tell(t, b, 4, told{minute: 40}, told{41, kiosk.AnchorHand, ago(100)})
	tell(t, b, 5, told{minute: 0}, told{10, kiosk.AnchorNTP, ago(-600)}, told{20, kiosk.AnchorNTP, ago(30)}, told{minute: 25})
	n := uint64(11)
	if got := push(t, c, b, 1, n); got.status != http.StatusOK {
		t.Fatalf("push: %+v", got)
	}
	rows := timesOf(t, c)
	for i, want := range []struct {
		confidence kiosk.Confidence
		lo, hi     time.Time // both give or take five seconds
	}{
		{kiosk.TimeUnknown, created, ago(430)},               // before the beginning of boot 2
		{kiosk.TimeExact, ago(430), ago(430)},                // its beginning
		{kiosk.TimeExact, ago(400), ago(400)},                // the hub's word
		{kiosk.TimeExact, ago(370), ago(370)},                // its end
		{kiosk.TimeBounded, ago(370 - 10), ago(50 + 51)},     // less 10 minutes of boot 3, 41 of boot 4
		{kiosk.TimeBounded, ago(370 - 20), ago(50 + 41)},     //
		{kiosk.TimeBounded, ago(370 - 20 - 40), ago(50 + 1)}, //
		{kiosk.TimeBounded, ago(370 - 20 - 41), ago(50)},     // before the beginning of boot 5
		{kiosk.TimeExact, ago(50), ago(50)},                  // a word from the future does not count
		{kiosk.TimeExact, ago(40), ago(40)},
		{kiosk.TimeExact, ago(30), ago(30)},
	} {
		got := rows[i]
		near := func(a, b time.Time) bool { return a.Sub(b).Abs() <= 5*time.Second }
		if got.Confidence != string(want.confidence) || !near(got.Lo, want.lo) || !near(got.Hi, want.hi) || got.Best.Before(got.Lo) || got.Best.After(got.Hi) {
			t.Errorf("record %d: %s from %s to %s, best %s; want %s from %s to %s", i+1, got.Confidence, got.Lo, got.Hi, got.Best, want.confidence, want.lo, want.hi)
		}
	}
	if got, want := rows[6].Best, ago(101); got.Sub(want).Abs() > time.Second {
		t.Errorf("a person's word within the bounds: got %s, want %s", got, want)
	}
	if !rows[0].Wall.Equal(time.Unix(300, 0)) {
		t.Errorf("the booth's own clock was changed: %s", rows[0].Wall)
	}
}

// timesOf pulls the whole log.
func timesOf(t *testing.T, c *hubtest.City) []wire.Row {
	t.Helper()
	token, err := c.CreateToken(t.Context(), kiosk.RandomID().String())
	if err != nil {
		t.Fatal(err)
	}
	return pullAll(t, c, token, wire.PullOpts{})
}

// TestTimesAreMadeAnewFromTheRecords takes away what the store keeps of time, as a
// store has not got it that was filled by an older program.
func TestTimesAreMadeAnewFromTheRecords(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	c.Clock.Add(time.Hour)
	now := c.Clock.Read().Wall
	tell(t, b, 1, told{minute: 1}, told{2, kiosk.AnchorHub, now.Add(-50 * time.Minute)})
	tell(t, b, 2, told{minute: 1})
	tell(t, b, 3, told{minute: 1}, told{2, kiosk.AnchorHub, now.Add(-5 * time.Minute)})
	push(t, c, b, 1, 5)
	before := timesOf(t, c)
	c.Tamper(`DELETE FROM boot`, `DELETE FROM anchor`)
	if got := timesOf(t, c); got[0].Confidence != string(kiosk.TimeUnknown) {
		t.Fatalf("without the tables: %s", got[0].Confidence)
	}
	for _, want := range []int{5, 0} { // once
		if n, err := c.RemakeTimes(t.Context()); n != want || err != nil {
			t.Fatalf("made anew from %d records, %v; want %d", n, err, want)
		}
	}
	for i, got := range timesOf(t, c) {
		if want := before[i]; got.Lo != want.Lo || got.Hi != want.Hi || got.Best != want.Best || got.Confidence != want.Confidence {
			t.Errorf("record %d: got %+v, want %+v", i+1, got, want)
		}
	}
}

// BenchmarkPull reads pages of 1,000 records of 23 booths, with an anchor and a boot
// now and then.
func BenchmarkPull(b *testing.B) {
	c := hubtest.New(b)
	now := c.Clock.Read().Wall
	for i := range 23 {
		booth := c.Enrol(fmt.Sprintf("%02d", i+1))
		for boot := range uint64(4) {
			for m := range 100 {
				r := told{minute: 5 * m}
				if m%72 == 10 && boot != 2 {
					r.source, r.says = kiosk.AnchorHub, now.Add(-time.Hour)
				}
				tell(b, booth, boot+1, r)
			}
		}
		push(b, c, booth, 1, 400)
	}
	token, err := c.CreateToken(b.Context(), "city")
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, fmt.Sprintf("%s?limit=1000&after=%d", wire.PathRecords, 1000*(n%9)), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		n++
	}
	perSecond(b, 1000)
}
