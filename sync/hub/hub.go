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
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
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
}

// Hub is the city's end of the sync. It is safe for concurrent use. Every method
// works without Run, so that a command line can use it beside a running hub.
type Hub struct {
	db        *sqldb.DB
	keys      *Keys
	clock     kiosk.Clock
	log       *slog.Logger
	version   string
	codec     *wire.Codec
	challenge *wire.Challenger
	group     *group
	news      *news
	erased    eraseList
	board     *board        // who waits for which feed
	noted     *throttle     // how often a failed attempt of a booth is written down
	enrols    *throttle     // wrong enrolment codes by source
	signIns   *throttle     // wrong passwords by name
	sources   *throttle     // wrong passwords by address
	hashing   gate          // password hashes at once: each takes 19 MiB
	never     func() string // a password hash that nothing matches
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
	h := &Hub{db: db, keys: keys, clock: o.Clock, log: o.Log, version: o.Version,
		codec: wire.NewCodec(codecs), challenge: wire.NewChallenger(keys.derive("challenge")),
		group: newGroup(db), news: newNews(), board: newBoard(db), erased: eraseList(o.Erased),
		noted:   newThrottle(0, 10*time.Second, 10*time.Second),
		enrols:  newThrottle(10, time.Second, time.Minute),
		signIns: newThrottle(4, time.Second, 15*time.Minute), sources: newThrottle(20, time.Second, 15*time.Minute),
		hashing: newGate(2)}
	h.never = sync.OnceValue(func() string { return kiosk.HashPassword(randomSecret()) })
	if err := h.claim(ctx); err != nil {
		return nil, err
	}
	if err := h.eraseAgain(ctx); err != nil {
		return nil, err
	}
	return h, nil
}

// claim ties the store to the hub's key.
func (h *Hub) claim(ctx context.Context) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		have, err := tx.Meta(ctx, "hub_key")
		if errors.Is(err, sqldb.ErrNoRow) {
			return tx.SetMeta(ctx, "hub_key", h.keys.Fingerprint())
		}
		if err != nil {
			return fmt.Errorf("read the hub's key of the database: %w", err)
		}
		if have != h.keys.Fingerprint() {
			return kiosk.Errorf(kiosk.CodeConflict, "error.hub_key",
				"this database belongs to the hub key with fingerprint %s, not to %s: put the right hub.key back", have, h.keys.Fingerprint())
		}
		return nil
	})
}

// Run keeps house until ctx ends: it tries quarantined records again and forgets
// ended sessions. It returns an error when the store broke; the process must then
// end and be started again.
func (h *Hub) Run(ctx context.Context) error {
	if n, err := h.Reconsider(ctx); err != nil {
		h.log.ErrorContext(ctx, "quarantine not reconsidered", "error", err)
	} else if n > 0 {
		h.log.InfoContext(ctx, "records released from quarantine", "records", n)
	}
	t := time.NewTicker(10 * time.Minute)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.db.Gone():
			return h.db.Broken()
		case <-t.C:
			if err := h.expireSessions(ctx); err != nil && ctx.Err() == nil {
				h.log.ErrorContext(ctx, "sessions not expired", "error", err)
			}
			h.tidyFeeds(ctx)
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
