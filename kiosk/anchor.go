package kiosk

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// An anchor ties a moment of a boot to the true time: at so much time since boot it
// was that time, give or take. Anchors go into the book as records, stamped with the
// moment, so that the city can work out later when everything else was written,
// whatever the wall clock said. The booth itself takes from them how late it is at
// least: see Booth.Floor.
//
// Whoever learns the time offers an anchor; Booth.NoteTime writes those that say
// something new. That the end of a boot is known within minutes, too, needs no
// record of its own: the machine's health is written every five minutes.

// AnchorSource says who told the time. The names stand in records for ever.
type AnchorSource string

// The sources, best first.
const (
	AnchorHub  AnchorSource = "hub"  // a signed answer of the city's hub
	AnchorNTP  AnchorSource = "ntp"  // a time server, by the kernel's word
	AnchorHand AnchorSource = "hand" // somebody at the booth
	AnchorRTC  AnchorSource = "rtc"  // the battery clock, at boot
)

// Proof reports whether the source is believed to keep its uncertainty. A battery
// clock and a person are worth a guess, and are wrong without knowing it.
func (s AnchorSource) Proof() bool { return s == AnchorHub || s == AnchorNTP }

// vouches reports whether the booth may take its floor from the source.
func (s AnchorSource) vouches() bool { return s.Proof() || s == AnchorRTC }

func (s AnchorSource) rank() int {
	switch s {
	case AnchorHub:
		return 4
	case AnchorNTP:
		return 3
	case AnchorHand:
		return 2
	case AnchorRTC:
		return 1
	}
	return 0
}

// What the sources are good for where they do not say it themselves.
const (
	UncNTP  = time.Second     // a clock that is being kept may still be slewed into place
	UncHand = 5 * time.Minute // somebody's watch
	UncRTC  = 5 * time.Minute // a quartz without care for some months
)

// Drift is how far the count of time since boot may be off: 100 parts in a million,
// twice what quartzes of small boards are sold with. AnchorSlack is added once: what
// passes between a look at one clock and a look at the other.
const (
	driftPPM    = 100
	AnchorSlack = 50 * time.Millisecond
)

// Drift returns by how much a span that was counted since boot may be wrong.
func Drift(span time.Duration) time.Duration { return span.Abs() / (1e6 / driftPPM) }

// Anchor says that at Since of boot Boot the time was True, give or take Unc.
type Anchor struct {
	Source AnchorSource // "" = no anchor
	Boot   uint64       // the book's count
	Since  time.Duration
	True   time.Time
	Unc    time.Duration
}

// At returns the time at since of the same boot, and by how much it may be wrong.
func (a Anchor) At(since time.Duration) (t time.Time, unc time.Duration) {
	return a.True.Add(since - a.Since), a.Unc + Drift(since-a.Since) + AnchorSlack
}

// anchorEvery is after how long a source is heard again though it says nothing new:
// until then the drift has come to two seconds.
const anchorEvery = 6 * time.Hour

// worth reports whether the anchor says something that the last one of its boot did
// not: it is the first, from a better source, much better known, or contradicts it.
func (a Anchor) worth(last Anchor) bool {
	if last.Source == "" || last.Boot != a.Boot || a.Source.rank() > last.Source.rank() {
		return true
	}
	if a.Since-last.Since >= anchorEvery {
		return true
	}
	if a.Source != last.Source {
		return false
	}
	then, unc := last.At(a.Since)
	return a.True.Sub(then).Abs() > unc+a.Unc || (last.Unc > time.Second/4 && a.Unc < last.Unc/4)
}

// anchorFacts is what the record says; boot and time since boot stand in its header.
type anchorFacts struct {
	Source AnchorSource `json:"source"`
	TrueMS int64        `json:"true_ms"`
	UncMS  int64        `json:"unc_ms"`
}

// Facts returns what the anchor's record says.
func (a Anchor) Facts() any {
	return anchorFacts{a.Source, a.True.UnixMilli(), int64((a.Unc + time.Millisecond - 1) / time.Millisecond)}
}

// ReadAnchor reads what an anchor's record says, which was written at since of the
// boot with that count. It reports false where that is no anchor.
func ReadAnchor(facts []byte, boot uint64, since time.Duration) (Anchor, bool) {
	var f anchorFacts
	if err := json.Unmarshal(facts, &f); err != nil || f.Source.rank() == 0 || f.UncMS < 0 || f.UncMS > int64(maxUnc/time.Millisecond) ||
		time.UnixMilli(f.TrueMS).UTC().Year() < 1970 || time.UnixMilli(f.TrueMS).UTC().Year() > 9999 {
		return Anchor{}, false
	}
	return Anchor{Source: f.Source, Boot: boot, Since: since, True: time.UnixMilli(f.TrueMS).UTC(), Unc: time.Duration(f.UncMS) * time.Millisecond}, true
}

// maxUnc bounds what an anchor may say of itself, so that no sum runs over.
const maxUnc = 10 * 365 * 24 * time.Hour

// Timekeeping is what the book knows of time from before this start of the program.
type Timekeeping struct {
	Floor  time.Time // how late it was at least when this boot began; zero: nobody ever said
	Anchor Anchor    // the last one of this boot; no Source: none yet
}

// TimeBook keeps what must be known of time when the clock is wrong again.
type TimeBook interface {
	Timekeeping(ctx context.Context) (Timekeeping, error)
	// NoteAnchor stores an anchor of this boot and the floor with the record that says so.
	NoteAnchor(ctx context.Context, a Anchor, floor time.Time, record Draft) error
}

// times is what the booth knows of time beside its clock.
type times struct {
	noting sync.Mutex // one anchor at a time

	mu   sync.Mutex
	kept Timekeeping
	word Anchor // the last one of this boot that vouches for the floor
}

// recallTime takes in what the book knows.
func (b *Booth) recallTime(ctx context.Context) error {
	k, err := b.book.Timekeeping(ctx)
	if err != nil {
		return err
	}
	b.times.mu.Lock()
	defer b.times.mu.Unlock()
	b.times.kept = k
	if k.Anchor.Source.vouches() {
		b.times.word = k.Anchor
	}
	return nil
}

// NoteTime takes somebody's word for the time: at since of this boot it was t, give
// or take unc. It is written into the book where it is worth it, and counts for the
// floor in any case.
func (b *Booth) NoteTime(ctx context.Context, source AnchorSource, since time.Duration, t time.Time, unc time.Duration) error {
	b.times.noting.Lock()
	defer b.times.noting.Unlock()
	a := Anchor{Source: source, Boot: b.book.Boot().Count, Since: since, True: t.UTC(), Unc: unc}
	last, floor := b.times.hear(a)
	if !a.worth(last) {
		return nil
	}
	r := b.clock.Read()
	r.Wall, r.Since = r.Wall.Add(since-r.Since), since
	d, err := b.draft(KindClockAnchored, r, a.Facts())
	if err != nil {
		return err
	}
	if err := b.book.NoteAnchor(ctx, a, floor, d); err != nil {
		return err
	}
	b.times.mu.Lock()
	b.times.kept.Anchor = a
	b.times.mu.Unlock()
	return nil
}

// hear counts an anchor for the floor, and returns the last one that was written and
// the floor as the book is to keep it.
func (t *times) hear(a Anchor) (last Anchor, floor time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.Source.vouches() && a.Source.rank() >= t.word.Source.rank() {
		t.word = a
	}
	if a.Source == AnchorHub && t.kept.Floor.After(a.True.Add(a.Unc)) {
		t.kept.Floor = a.True // what was believed before was wrong
	}
	return t.kept.Anchor, t.floor(a.Since)
}

// floor returns how late it is at least, at since of this boot.
func (t *times) floor(since time.Duration) time.Time {
	if t.word.Source != "" {
		if late, _ := t.word.At(since); late.After(t.kept.Floor) {
			return late.UTC()
		}
	}
	return t.kept.Floor
}

// NoteClock offers what the clock itself says, where something vouches for it.
// Called now and then: it tells when a time server has set the clock.
func (b *Booth) NoteClock(ctx context.Context) error {
	r := b.clock.Read()
	switch r.State {
	case ClockNTP:
		return b.NoteTime(ctx, AnchorNTP, r.Since, r.Wall, UncNTP)
	case ClockRTC:
		return b.NoteTime(ctx, AnchorRTC, r.Since, r.Wall, UncRTC)
	}
	return nil
}

// Floor returns how late it is at least, by the last word of something trusted (the
// hub's signed time, a time server, a battery clock) and the time since; zero where
// nobody ever said. It outlives power cuts, and moves forward only, but for the hub's
// word, which puts a wrong one right. It is known once Start has returned.
func (b *Booth) Floor() time.Time {
	since := b.clock.Read().Since
	b.times.mu.Lock()
	defer b.times.mu.Unlock()
	return b.times.floor(since)
}
