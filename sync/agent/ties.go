package agent

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// Ties are what binds the booth to its hub: which of the hub's keys it believes, what
// the city wants sealed to, and the key that it signs with itself. All of them change
// while the booth runs, for all who speak with the hub together. What is learned from
// the hub is stored before it counts. Ties are safe for concurrent use.
type Ties struct {
	dir   string                                                    // where booth.key is; "" = the booth's key never changes
	life  time.Duration                                             // of a booth's key
	renew func(ctx context.Context, old, new kiosk.Enrolment) error // stores what was learned; nil = it is forgotten at the end

	learning sync.Mutex // one change at a time
	mu       sync.Mutex // guards the two below, briefly
	told     kiosk.Enrolment
	key      ed25519.PrivateKey

	turn sync.Mutex // held while the booth's own key changes
}

// NewTies makes the ties of an enrolled booth that signs with key.
func NewTies(e kiosk.Enrolment, key ed25519.PrivateKey, o KeyOpts) *Ties {
	return &Ties{dir: o.Dir, life: o.Life, renew: o.Renew, told: e, key: key}
}

// now returns what holds at this moment.
func (t *Ties) now() (kiosk.Enrolment, ed25519.PrivateKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.told, t.key
}

// signer returns the key that the booth signs with.
func (t *Ties) signer() ed25519.PrivateKey {
	_, key := t.now()
	return key
}

// trust believes the hub's key and the one that it has announced.
func (t *Ties) trust(pub ed25519.PublicKey) error {
	e, _ := t.now()
	if pub.Equal(ed25519.PublicKey(e.HubKey)) || (e.NextHubKey != nil && pub.Equal(ed25519.PublicKey(e.NextHubKey))) {
		return nil
	}
	return wire.OtherKey()
}

// change stores a change of the enrolment and then lets it count.
func (t *Ties) change(ctx context.Context, change func(*kiosk.Enrolment)) error {
	t.learning.Lock()
	defer t.learning.Unlock()
	old, _ := t.now()
	changed := old
	change(&changed)
	if t.renew != nil {
		if err := t.renew(ctx, old, changed); err != nil {
			return fmt.Errorf("store the hub's keys: %w", err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told = changed
	return nil
}

// adopt believes from now on a key that a chain of rotations led to, and no older one.
func (t *Ties) adopt(ctx context.Context, pub ed25519.PublicKey) error {
	return t.change(ctx, func(e *kiosk.Enrolment) { e.HubKey, e.NextHubKey = bytes.Clone(pub), nil })
}

// learn takes from a verified answer to a hello what it says about keys: one that the
// hub announces, one that has come into force, a newer one of the city. It reports
// whether anything was new. An older key of the city is never taken back.
func (t *Ties) learn(ctx context.Context, signer ed25519.PublicKey, a *wire.HelloAnswer) (bool, error) {
	e, _ := t.now()
	next := e.NextHubKey
	switched := !signer.Equal(ed25519.PublicKey(e.HubKey))
	if switched {
		next = nil
	}
	if r := a.Next; r != nil && signer.Equal(ed25519.PublicKey(r.From)) && r.Verify(wire.WhoHub) == nil {
		next = r.To
	}
	newer := a.CityKeyID > e.CityKeyID
	if newer {
		if _, err := kiosk.NewCityKey(a.CityKeyID, a.CityKey); err != nil {
			return false, err
		}
	}
	if !switched && !newer && bytes.Equal(next, e.NextHubKey) {
		return false, nil
	}
	return true, t.change(ctx, func(e *kiosk.Enrolment) {
		e.HubKey, e.NextHubKey = bytes.Clone(signer), next
		if newer {
			e.CityKeyID, e.CityKey = a.CityKeyID, a.CityKey
		}
	})
}

// due makes the key that is to follow on the booth's own where that one is old, by
// the hub's clock alone, and reports whether one waits to be introduced.
func (t *Ties) due(hub time.Time) (bool, error) {
	if t.dir == "" {
		return false, nil
	}
	e, _ := t.now()
	since := e.At
	if e.KeyAt.After(since) {
		since = e.KeyAt
	}
	if t.life > 0 && hub.Sub(since) > t.life {
		if err := NewKey(t.dir); err != nil {
			return false, err
		}
	}
	return keyfile.Exists(keyfile.Next(keyPath(t.dir))), nil
}
