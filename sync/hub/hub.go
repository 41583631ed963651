// Package hub holds the city's rules of the sync: what is accepted from booths,
// how a booth is enrolled, who may read what, and what is written down about it.
//
// Accepting and understanding are two things. A record that a booth signed, that
// comes in its order and fits the stream's Merkle tree is always stored, durably,
// before it is acknowledged. What it means is looked at in the same transaction,
// but a record that means nothing to this program goes into quarantine with a
// reason and holds nothing up. Nothing that is stored is ever changed by what a
// booth sends later.
package hub

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Opts are the choices of a hub; the zero value works.
type Opts struct {
	Clock   kiosk.Clock  // nil = the system's clock
	Log     *slog.Logger // nil = slog.Default
	Erased  string       // file that names the records that were erased, apart from the database; "" = none
	Version string       // of the program: a quarantined record is tried again by another version
	// ClientCert refuses booths that come without a verified TLS certificate.
	ClientCert bool
	// Rules are the deadlines of cases; the zero value is kiosk.UsualRules.
	Rules kiosk.CaseRules
}

// Hub is the city's end of the sync. It is safe for concurrent use. Every method
// works without Run, so that a command line can use it beside a running hub.
type Hub struct {
	db      *sqldb.DB
	keys    *Keys
	clock   kiosk.Clock
	log     *slog.Logger
	version string
	certs   bool // booths must show a certificate
	codec   *wire.Codec
	group   *group
	news    *news
	rules   kiosk.CaseRules
	sealing sealing
	pulls   *pulls
	poster  *poster
	metrics *metrics
	erased  eraseList
	board   *board    // who waits for which feed
	roll    roll      // whose key is known
	noted   *throttle // how often a failed attempt of a booth is written down
	tally   tally     // how attempts ended, since that was stored last
	enrols  *throttle // wrong enrolment codes by source
	signIns *throttle // wrong passwords by name
	sources *throttle // wrong passwords by address
	hashing gate      // password hashes at once: each takes 19 MiB
	// keysTold is when the keys of all signers were last compared with what booths know.
	keysTold atomic.Pointer[time.Time]
	never    func() string // a password hash that nothing matches
}

// codecs is how many bodies are unpacked at once, each in up to 4 MiB.
const codecs = 8

// New makes a hub over an open store. It fails where the store belongs to a hub
// with another key: its booths would not know this one.
func New(ctx context.Context, db *sqldb.DB, keys *Keys, o Opts) (*Hub, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Version == "" {
		o.Version = buildVersion()
	}
	h := &Hub{db: db, keys: keys, clock: o.Clock, log: o.Log, version: o.Version, certs: o.ClientCert,
		codec: wire.NewCodec(codecs),
		group: newGroup(db), pulls: newPulls(), poster: newPoster(postTime), metrics: newMetrics(o.Version), board: newBoard(db), erased: eraseList(o.Erased),
		noted:   newThrottle(0, 10*time.Second, 10*time.Second),
		enrols:  newThrottle(10, time.Second, time.Minute),
		signIns: newThrottle(4, time.Second, 15*time.Minute), sources: newThrottle(20, time.Second, 15*time.Minute),
		hashing: newGate(2)}
	if h.rules = o.Rules; h.rules == (kiosk.CaseRules{}) {
		h.rules = kiosk.UsualRules()
	}
	h.news = newNews(h.lastPos)
	h.group.sizes = h.metrics.commits
	h.metrics.registry.MustRegister(newCensus(h))
	h.never = sync.OnceValue(func() string { return kiosk.HashPassword(randomSecret()) })
	if err := h.claim(ctx); err != nil {
		return nil, err
	}
	if err := h.eraseAgain(ctx); err != nil {
		return nil, err
	}
	return h, nil
}

// claim ties the store to the hub's keys: its booths know the one that signs, or one
// that led to it, and nothing may have been sealed to a city key that is lost.
func (h *Hub) claim(ctx context.Context) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		r := h.keys.now.Load()
		have, err := tx.Meta(ctx, "hub_key")
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return fmt.Errorf("read the hub's key of the database: %w", err)
		}
		if err == nil && !r.ledFrom(have) {
			return kiosk.Errorf(kiosk.CodeConflict, "error.hub_key",
				"this database belongs to the hub key with fingerprint %s, not to %s: put the right hub.key back", have, h.keys.Fingerprint())
		}
		city, err := tx.Meta(ctx, "city_key")
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return fmt.Errorf("read the city's key of the database: %w", err)
		}
		if id, _ := strconv.ParseUint(city, 10, 32); uint32(id) > r.city.ID {
			return kiosk.Errorf(kiosk.CodeConflict, "error.city_key",
				"booths seal to city key %d, and %s is missing: restore it from the backup", id, cityName(uint32(id)))
		}
		return errors.Join(tx.SetMeta(ctx, "hub_key", h.keys.Fingerprint()),
			tx.SetMeta(ctx, "city_key", strconv.FormatUint(uint64(r.city.ID), 10)))
	})
}

// ledFrom reports whether the key with that fingerprint signs, or led to the one that does.
func (r *ring) ledFrom(print string) bool {
	if print == fingerprint(r.public()) {
		return true
	}
	for i := range r.chain {
		if from := ed25519.PublicKey(r.chain[i].From); fingerprint(from) == print {
			return wire.Follow(wire.WhoHub, r.chain[i:], from, r.public()) == nil
		}
	}
	return false
}

// Run keeps house until ctx ends: it tries quarantined records again, takes up new
// keys and forgets ended sessions. It returns an error when the store broke; the process must then
// end and be started again.
func (h *Hub) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var side sync.WaitGroup
	defer side.Wait()
	defer cancel()
	side.Go(func() { h.keepOrder(ctx) })
	side.Go(func() { h.watchKeys(ctx) })
	side.Go(func() { h.keepTallies(ctx) })
	side.Go(func() { h.keepPapers(ctx) })
	side.Go(func() { h.keepLoans(ctx) })
	side.Go(func() { h.keepConsents(ctx) })
	h.reconsider(ctx)
	h.remakeTimes(ctx)
	t := time.NewTicker(10 * time.Minute)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.db.Gone():
			return h.db.Broken()
		case <-t.C:
			h.keepHouse(ctx)
		}
	}
}

// now is the hub's wall clock, in UTC.
func (h *Hub) now() time.Time { return h.clock.Read().Wall.UTC() }

type systemClock struct{}

func (systemClock) Read() kiosk.Reading {
	return kiosk.Reading{Wall: time.Now(), State: kiosk.ClockNTP}
}

func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

type actorKey struct{}

// As returns a context whose deeds are audited under the name who. Without it the
// audit log says "local": somebody at the command line of the hub's machine.
func As(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, actorKey{}, who)
}

func actor(ctx context.Context) string {
	if who, ok := ctx.Value(actorKey{}).(string); ok {
		return who
	}
	return "local"
}
