package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/hub/sqldb"
)

// A clock history is a booth's life as it truly was: boots with power cuts between
// them, wall clocks that are wrong in every way that was seen in the field, lines that
// are down for days, and somebody who sets the clock wrong. What the hub gets of it
// goes through its store, and what it makes of it is held against the truth.

// truth is one record as it truly was.
type truth struct {
	when     time.Time
	received time.Time
	stamp    kiosk.Stamp
	anchor   *kiosk.Anchor
	life     *life
}

// history is drawn from a seed.
type history struct {
	*rand.Rand
	created time.Time
	now     time.Time
	epoch   kiosk.ID
	records []*truth
	sent    int // of records: those before have a receipt
}

func newHistory(seed uint64) *history {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 12))}
	h.created = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(h.upTo(30 * 24 * time.Hour))
	h.now, h.epoch = h.created.Add(h.upTo(time.Hour)), kiosk.ID{byte(seed), byte(seed >> 8), 1}
	return h
}

func (h *history) upTo(d time.Duration) time.Duration { return time.Duration(h.Int64N(int64(d) + 1)) }

// live runs one boot. line says whether the hub is reached in it.
func (h *history) live(count uint64, line, ntp bool) {
	b := &life{history: h, boot: kiosk.Boot{Count: count, ID: kiosk.ID{byte(count), byte(h.Uint32())}},
		drift: (h.Float64()*2 - 1) * 99e-6, begun: h.now, state: kiosk.ClockRestored}
	b.wrong = [...]time.Duration{0, -8 * time.Hour, -b.begun.Sub(time.Unix(0, 0)), 10 * 365 * 24 * time.Hour, h.upTo(time.Hour)}[h.IntN(5)]
	if b.begun.Add(b.wrong).Year() < 2026 {
		b.state = kiosk.ClockBelowBuild
	}
	if h.IntN(4) == 0 {
		b.rtc()
	}
	heard, synced := time.Hour+h.upTo(6*time.Hour), h.upTo(3*time.Hour)
	for end := h.upTo(12*time.Hour) + time.Minute; h.now.Sub(b.begun) < end; {
		h.now = h.now.Add(time.Second + h.upTo(20*time.Minute))
		ran := h.now.Sub(b.begun)
		if h.IntN(20) == 0 { // somebody or something steps the clock
			b.wrong += h.upTo(20*time.Hour) - 10*time.Hour
		}
		if h.IntN(40) == 0 { // somebody sets it, right or wrong
			b.hear(kiosk.AnchorHand, h.now.Add(h.upTo(48*time.Hour)-24*time.Hour), kiosk.UncHand)
			b.state = kiosk.ClockSetByHand
		}
		if ntp && ran > synced { // a time server comes late, and again and again
			b.wrong = h.upTo(600*time.Millisecond) - 300*time.Millisecond
			b.hear(kiosk.AnchorNTP, h.now.Add(b.wrong), kiosk.UncNTP)
			b.state, synced = kiosk.ClockNTP, ran+6*time.Hour
		}
		b.write(nil)
		if line && ran > heard {
			b.call()
			heard = ran + h.upTo(2*time.Hour)
		}
	}
	if line {
		b.call()
	}
	h.now = h.now.Add(h.upTo([...]time.Duration{time.Millisecond, time.Minute, 8 * time.Hour, 3 * 24 * time.Hour}[h.IntN(4)]))
}

// life is one boot.
type life struct {
	*history
	boot  kiosk.Boot
	begun time.Time
	drift float64       // of the count of time since boot
	wrong time.Duration // the wall clock
	state kiosk.ClockState
	words []time.Duration // since boot, when something trusted told the time
}

func (b *life) since() time.Duration {
	return time.Duration(float64(b.now.Sub(b.begun)) * (1 + b.drift))
}

func (b *life) rtc() {
	b.state = kiosk.ClockRTC
	b.hear(kiosk.AnchorRTC, b.now.Add(b.wrong), kiosk.UncRTC)
}

func (b *life) hear(s kiosk.AnchorSource, t time.Time, unc time.Duration) {
	b.write(&kiosk.Anchor{Source: s, Boot: b.boot.Count, Since: b.since(), True: t.Round(time.Millisecond), Unc: unc})
}

// call reaches the hub: its answer tells the time, and it gets what is not sent yet.
func (b *life) call() {
	trip := b.upTo(2 * time.Second)
	said := b.now.Add(b.upTo(trip)).Truncate(time.Millisecond)
	b.now = b.now.Add(trip)
	b.hear(kiosk.AnchorHub, said.Add(trip/2), trip/2+time.Millisecond)
	b.now = b.now.Add(b.upTo(time.Minute))
	for ; b.sent < len(b.records); b.sent++ {
		b.records[b.sent].received = b.now.Truncate(time.Millisecond)
	}
}

func (b *life) write(a *kiosk.Anchor) {
	if a != nil && a.Source.Proof() {
		b.words = append(b.words, a.Since)
	}
	b.records = append(b.records, &truth{when: b.now, anchor: a, life: b,
		stamp: kiosk.Stamp{Boot: b.boot, Since: b.since(), Wall: b.now.Add(b.wrong), State: b.state}})
}

// TestT12TheTrueTimeLiesWithinTheBounds draws clock histories and asks the hub when
// each record was written.
func TestT12TheTrueTimeLiesWithinTheBounds(t *testing.T) {
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p := kiosktest.Prove(t, "T12", "when a record was written, under wrong clocks", kiosktest.Runs{Short: 1000, Release: 100_000})
	for _, name := range []string{"exact", "bounded", "unknown", "outside"} {
		p.Count(name, 0)
	}
	for p.Next() {
		h := newHistory(p.Seed())
		boots := uint64(2 + h.IntN(6))
		offline := uint64(h.IntN(3)) // then five boots in a row have no line
		for n := uint64(1); n <= boots+5; n++ {
			h.live(n, n == boots+5 || (n <= offline || n > offline+5) && h.IntN(2) == 0, h.IntN(4) == 0)
		}
		if p.Seed()%storeEvery != 0 {
			weigh12(t, p, h)
			continue
		}
		p.Count("through the store", 1)
		check12(t, p, db, h)
	}
}

// storeEvery: one history in so many goes through the store, which takes the race
// detector a hundred times as long as the method itself.
const storeEvery = 20

// weigh12 gives the whole history to the method, without a store.
func weigh12(t *testing.T, p *kiosktest.Proof, h *history) {
	t.Helper()
	var chain []boot
	at := map[uint64]int{}
	for _, r := range h.records {
		i, ok := at[r.stamp.Boot.Count]
		if !ok {
			i = len(chain)
			at[r.stamp.Boot.Count] = i
			chain = append(chain, boot{Boot: r.stamp.Boot, begin: r.received})
		}
		b := &chain[i]
		b.last = max(b.last, r.stamp.Since)
		b.begin = earliest(b.begin, r.received.Add(-r.stamp.Since))
		if r.anchor != nil {
			b.words = append(b.words, *r.anchor)
		}
	}
	for _, r := range h.records {
		judge12(t, p, r, place(chain, at[r.stamp.Boot.Count], moment{since: r.stamp.Since, wall: r.stamp.Wall,
			state: r.stamp.State, received: r.received, created: h.created}))
	}
}

var errEnough = errors.New("nothing of it is to be kept")

// check12 lets the hub hear the history and date its records.
func check12(t *testing.T, p *kiosktest.Proof, db *sqldb.DB, h *history) {
	t.Helper()
	err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
		page := make([]stored, len(h.records))
		if err := arrive(t.Context(), tx, h.epoch, h.records); err != nil {
			return err
		}
		for i, r := range h.records {
			page[i] = stored{header: kiosk.Header{Booth: "07", Epoch: h.epoch, BootCount: r.stamp.Boot.Count, BootID: r.stamp.Boot.ID, BoottimeNS: int64(r.stamp.Since)},
				Entry: kiosk.Entry{Booth: "07", Wall: r.stamp.Wall, Clock: r.stamp.State, Received: r.received}}
		}
		if err := date(t.Context(), tx, page, func(string) time.Time { return h.created }); err != nil {
			return err
		}
		for i, r := range h.records {
			judge12(t, p, r, page[i].When)
		}
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
}

// arrive is what accepting the records does to the times; those that were received
// together are a batch.
func arrive(ctx context.Context, tx *sqldb.Tx, epoch kiosk.ID, records []*truth) error {
	var batch heard
	for i, r := range records {
		kind, facts := kiosk.KindDoorOpened, []byte("{}")
		if r.anchor != nil {
			var err error
			if facts, err = json.Marshal(r.anchor.Facts()); err != nil {
				return err
			}
			kind = kiosk.KindClockAnchored
		}
		g := gist{bootCount: r.stamp.Boot.Count, bootID: r.stamp.Boot.ID, since: r.stamp.Since}
		batch.listen(&g, i, kind, &kiosk.Record{Facts: facts}, true)
		if i+1 < len(records) && records[i+1].received.Equal(r.received) {
			continue
		}
		if err := noteTimes(ctx, tx, "07", kiosk.Stream{Epoch: epoch}, &batch, 0, sqldb.Millis(r.received)); err != nil {
			return err
		}
		batch = heard{}
	}
	return nil
}

// judge12 holds one answer against the truth.
func judge12(t *testing.T, p *kiosktest.Proof, r *truth, got kiosk.Instant) {
	t.Helper()
	p.Count(string(got.Confidence), 1)
	at := fmt.Sprintf("boot %d, %s since boot, truly %s, received %s", r.stamp.Boot.Count, r.stamp.Since, r.when, r.received)
	if r.when.Before(got.Lo) || r.when.After(got.Hi) || got.Best.Before(got.Lo) || got.Best.After(got.Hi) {
		p.Count("outside", 1)
		t.Errorf("%s: %s, from %s to %s, best %s", at, got.Confidence, got.Lo, got.Hi, got.Best)
	}
	if len(r.life.words) == 0 {
		if got.Confidence == kiosk.TimeExact {
			t.Errorf("%s: exact, though nobody told the time in that boot", at)
		}
		return
	}
	if got.Confidence != kiosk.TimeExact {
		t.Errorf("%s: %s, though the time was told in that boot", at, got.Confidence)
	}
	nearest := time.Duration(math.MaxInt64)
	for _, w := range r.life.words {
		nearest = min(nearest, (r.stamp.Since - w).Abs())
	}
	if off, most := got.Best.Sub(r.when).Abs(), time.Second+time.Millisecond+kiosk.AnchorSlack+kiosk.Drift(nearest); off > most {
		t.Errorf("%s: off by %s, at most %s", at, off, most)
	}
}
