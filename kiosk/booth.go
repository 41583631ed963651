package kiosk

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Deps is what a Booth needs. Book, Clock and Catalogue are required.
type Deps struct {
	Book      Book
	Clock     Clock
	Catalogue *Catalogue
	Zone      *time.Location     // the city's; nil = UTC
	Night     Night              // when nobody should come in; zero = never
	Light     Beacon             // the help light; nil: none
	Buzzer    Beacon             // nil: none
	Preview   Preview            // nil: no pictures of slips
	Shelf     Shelf              // what the city published of papers; nil: nothing
	Log       *slog.Logger       // nil: no log
	Enrolment *Enrolment         // nil: not enrolled, so nothing can be sealed
	Spool     SpoolOpts          // how long slips wait for the printer
	Roll      int                // paper on a new roll, mm; 0 = 80 m
	Settings  map[Setting]string // as the book holds them
	Key       ed25519.PrivateKey // signs what others must be able to check; nil: one that nobody knows
}

// Booth holds the use cases of one booth. Its methods may be called from many
// goroutines.
type Booth struct {
	book      Book
	clock     Clock
	catalogue atomic.Pointer[Catalogue] // what is offered now
	zone      *time.Location
	night     Night
	light     Beacon
	buzzer    Beacon
	preview   Preview
	shelf     Shelf
	log       *slog.Logger
	city      atomic.Pointer[city]
	spool     *spool
	paper     paper
	settings  settings
	times     times
	help      ringing
	board     noticeboard
	signIn    sync.Mutex    // one PIN at a time
	present   chan struct{} // somebody is there
	key       atomic.Pointer[ed25519.PrivateKey]

	assets atomic.Pointer[map[AssetTag]AssetNews] // what the city knows of this booth's things

	mu          sync.Mutex
	status      Status
	health      Health
	watchers    map[chan Status]struct{}
	scanWaiters map[chan Scan]struct{}
}

// city is what enrolment brought.
type city struct {
	name string
	key  *CityKey
	hub  []ed25519.PublicKey // that sign what the hub publishes
}

// New returns a booth over its book. The error has CodeInvalid when the
// enrolment's key is not a key.
func New(d Deps) (*Booth, error) {
	b := &Booth{book: d.Book, clock: d.Clock, zone: d.Zone, night: d.Night,
		light: d.Light, buzzer: d.Buzzer, preview: d.Preview, shelf: d.Shelf, log: d.Log,
		spool: newSpool(d.Spool), present: make(chan struct{}, 1), watchers: map[chan Status]struct{}{}, scanWaiters: map[chan Scan]struct{}{}}
	b.help.wake = make(chan struct{}, 1)
	b.board.wake, b.board.ended = make(chan struct{}, 1), map[string]bool{}
	b.catalogue.Store(d.Catalogue)
	b.status.Printer = PrinterUnknown // until RunPrinter asks it
	b.paper.full = cmp.Or(d.Roll, rollLength)
	if b.light == nil {
		b.light = noBeacon{}
	}
	if b.buzzer == nil {
		b.buzzer = noBeacon{}
	}
	b.settings.now.Store(&d.Settings)
	if d.Key == nil {
		_, d.Key, _ = ed25519.GenerateKey(nil) // crypto/rand never fails
	}
	b.key.Store(&d.Key)
	if b.zone == nil {
		b.zone = time.UTC
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if d.Enrolment != nil {
		if err := b.Enrolled(*d.Enrolment); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Enrolled tells the booth that it belongs to a city now. The error has
// CodeInvalid when the city's key is not a key.
func (b *Booth) Enrolled(e Enrolment) error {
	k, err := NewCityKey(e.CityKeyID, e.CityKey)
	if err != nil {
		return err
	}
	b.city.Store(&city{name: e.Name, key: k, hub: e.hubKeys()})
	return nil
}

// hubKeys are the keys of the hub that the booth believes.
func (e *Enrolment) hubKeys() []ed25519.PublicKey {
	var keys []ed25519.PublicKey
	for _, k := range [][]byte{e.HubKey, e.NextHubKey} {
		if len(k) == ed25519.PublicKeySize {
			keys = append(keys, k)
		}
	}
	return keys
}

// Rekeyed tells the booth that it signs with another key from now on.
func (b *Booth) Rekeyed(key ed25519.PrivateKey) { b.key.Store(&key) }

// ID returns the booth's id.
func (b *Booth) ID() string { return b.book.Booth() }

// Name returns the name that the city gave it, or "".
func (b *Booth) Name() string {
	if c := b.city.Load(); c != nil {
		return c.name
	}
	return ""
}

// Catalogue returns what the booth offers now. It may be another at the next call.
func (b *Booth) Catalogue() *Catalogue { return b.catalogue.Load() }

// Offer lets the booth offer what another catalogue holds, from the next page on.
func (b *Booth) Offer(c *Catalogue) { b.catalogue.Store(c) }

// Zone returns the city's time zone.
func (b *Booth) Zone() *time.Location { return b.zone }

// Now reads the clock.
func (b *Booth) Now() Reading { return b.clock.Read() }

// Offers reports whether a resident can do this here and now: the action is built
// and has what it needs, and where something must be sealed there is a city to
// seal it to.
func (b *Booth) Offers(s *Service, a Action) bool {
	return s.Does(a) && (!a.Files() || b.city.Load() != nil && b.allots(s))
}

// Start notes in the book that the booth runs, and settles what the last run left
// open: its paper may have come.
func (b *Booth) Start(ctx context.Context, version string) error {
	if err := b.note(ctx, KindBoothStarted, struct {
		Version string `json:"version"`
	}{version}); err != nil {
		return err
	}
	if err := b.loadRoll(ctx); err != nil {
		return err
	}
	if err := b.recallTime(ctx); err != nil {
		return err
	}
	if err := b.recallHelp(ctx); err != nil {
		return err
	}
	open, err := b.book.Unsettled(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		if err := b.settle(ctx, s.ID, SlipUnknown, 0); err != nil {
			return err
		}
	}
	return nil
}

// Stop notes in the book that the booth was stopped in order.
func (b *Booth) Stop(ctx context.Context) error { return b.note(ctx, KindBoothStopped, struct{}{}) }

// today is the date in the city's zone.
func (b *Booth) today(r Reading) Today {
	return Today{Date: r.Wall.In(b.zone).Format(time.DateOnly), Trusted: r.State.Trusted()}
}

// draft begins a record of this moment.
func (b *Booth) draft(kind Kind, r Reading, facts any) (Draft, error) {
	j, err := json.Marshal(facts)
	if err != nil {
		return Draft{}, Errorf(CodeInternal, "error.internal", "facts of %s: %w", kind, err)
	}
	return Draft{ID: NewID(), Kind: kind, Schema: 1, Facts: j,
		Stamp: Stamp{Boot: b.book.Boot(), Since: r.Since, Wall: r.Wall, State: r.State}}, nil
}

// note appends a record that changes no other state.
func (b *Booth) note(ctx context.Context, kind Kind, facts any) error {
	d, err := b.draft(kind, b.clock.Read(), facts)
	if err != nil {
		return err
	}
	return b.book.Append(ctx, d)
}

// service finds a service that offers the action now, or says why not.
func (b *Booth) service(id string, a Action) (*Service, error) {
	return b.serviceFor(context.Background(), id, a)
}

// serviceFor is service for a call that may have a pack of its own.
func (b *Booth) serviceFor(ctx context.Context, id string, a Action) (*Service, error) {
	s, _, ok := b.CatalogueFor(ctx).Service(id)
	if !ok {
		return nil, Errorf(CodeNotFound, "error.service", "service %q is not in the catalogue", id)
	}
	if !b.Offers(s, a) {
		return nil, Errorf(CodeUnavailable, "error.closed", "service %s does not offer %s here now", id, a)
	}
	return s, nil
}
