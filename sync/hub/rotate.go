package hub

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// keysEvery is how often a running hub looks whether its keys have changed.
const keysEvery = 2 * time.Second

// KeyInfo says what one key is for, without its secret.
type KeyInfo struct {
	File        string
	Use         string // "signs", "announced", "sealed to", "opens"
	Fingerprint string // SHA-256 of the public half, in hex
	Made        time.Time
}

// What a key is for.
const (
	UseSigns     = "signs"     // every answer of the hub
	UseAnnounced = "announced" // signs once the hub is switched to it
	UseSealedTo  = "sealed to" // booths seal to it
	UseOpens     = "opens"     // only what was sealed before
)

// KeyList lists the keys in the hub's folder, the signing ones first.
func (h *Hub) KeyList() ([]KeyInfo, error) {
	if err := h.keys.Reload(); err != nil {
		return nil, err
	}
	r := h.keys.now.Load()
	out := []KeyInfo{{File: hubName, Use: UseSigns, Fingerprint: fingerprint(r.public())}}
	if r.next != nil {
		out = append(out, KeyInfo{File: keyfile.Next(hubName), Use: UseAnnounced, Fingerprint: fingerprint(r.next.Public().(ed25519.PublicKey))})
	}
	for _, id := range slices.Sorted(maps.Keys(r.cities)) {
		use := UseOpens
		if id == r.city.ID {
			use = UseSealedTo
		}
		out = append(out, KeyInfo{File: cityName(id), Use: use, Fingerprint: fingerprint(r.cities[id].Public().Bytes())})
	}
	for i := range out {
		info, err := os.Stat(filepath.Join(h.keys.dir, out[i].File))
		if err != nil {
			return nil, fmt.Errorf("list keys: %w", err)
		}
		out[i].Made = info.ModTime()
	}
	return out, nil
}

// RotateCityKey makes the next key of the city and returns its number. Running hubs
// tell it to their booths with the next hello, and what residents say is sealed to
// it from then on; the older keys stay for what was sealed before. The deed is
// written down first.
func (h *Hub) RotateCityKey(ctx context.Context) (uint32, error) {
	if err := h.keys.Reload(); err != nil {
		return 0, err
	}
	id := h.keys.now.Load().city.ID + 1
	if err := h.Audit(ctx, kiosk.AuditLine{Who: actor(ctx), Deed: "city_key_rotated", Object: cityName(id)}); err != nil {
		return 0, err
	}
	if err := makeCityKey(h.keys.dir, id); err != nil {
		return 0, err
	}
	if err := h.keys.Reload(); err != nil {
		return 0, err
	}
	return id, h.claim(ctx)
}

// AnnounceHubKey makes the key that is to sign the hub's answers next and lets the
// present one vouch for it. Booths learn of it with their next hello and believe both
// until the switch. A key that is announced already is not announced again: fresh is
// false then.
func (h *Hub) AnnounceHubKey(ctx context.Context) (info KeyInfo, fresh bool, err error) {
	if err := h.keys.Reload(); err != nil {
		return KeyInfo{}, false, err
	}
	path := filepath.Join(h.keys.dir, hubName)
	r := h.keys.now.Load()
	if fresh = r.next == nil; fresh {
		if r.announced() != nil {
			return KeyInfo{}, false, fmt.Errorf("%s was announced to the booths and is missing: restore it from the backup", keyfile.Next(path))
		}
		if err := h.Audit(ctx, kiosk.AuditLine{Who: actor(ctx), Deed: "hub_key_announced", Object: keyfile.Next(hubName)}); err != nil {
			return KeyInfo{}, false, err
		}
		// The secret is on the disk before anybody is told of it.
		next, err := signingKey(keyfile.Next(path))
		if err != nil {
			return KeyInfo{}, false, err
		}
		if err := storeChain(filepath.Join(h.keys.dir, chainName), append(slices.Clone(r.chain), wire.NewRotation(wire.WhoHub, r.sign, next))); err != nil {
			return KeyInfo{}, false, err
		}
	}
	list, err := h.KeyList()
	if err != nil {
		return KeyInfo{}, false, err
	}
	return list[1], fresh, nil
}

// SwitchHubKey puts the announced key in force; the old secret is gone then. Booths
// that were not there meanwhile follow the chain. Enrolment strings that were not
// used yet are worth nothing any more. The error has CodeConflict where no key was
// announced.
func (h *Hub) SwitchHubKey(ctx context.Context) error {
	if err := h.keys.Reload(); err != nil {
		return err
	}
	if h.keys.now.Load().next == nil {
		return kiosk.Errorf(kiosk.CodeConflict, "error.hub_key", "no key is announced: run redstation hub keys rotate --signing first, and wait until the booths have been in contact")
	}
	if err := h.Audit(ctx, kiosk.AuditLine{Who: actor(ctx), Deed: "hub_key_switched", Object: hubName}); err != nil {
		return err
	}
	if err := keyfile.Promote(filepath.Join(h.keys.dir, hubName)); err != nil {
		return err
	}
	if err := h.keys.Reload(); err != nil {
		return err
	}
	return h.claim(ctx)
}

func storeChain(path string, chain []wire.Rotation) error {
	var text []byte
	for i := range chain {
		b, err := wire.Marshal(&chain[i])
		if err != nil {
			return err
		}
		text = append(base64.RawURLEncoding.AppendEncode(text, b), '\n')
	}
	if err := keyfile.Replace(path, string(text)); err != nil {
		return fmt.Errorf("store chain of keys: %w", err)
	}
	return nil
}

// watchKeys takes up keys that a command line beside the hub has changed.
func (h *Hub) watchKeys(ctx context.Context) {
	failed := false
	every(ctx, keysEvery, func() {
		err := h.keys.Reload()
		if err != nil && !failed {
			h.log.ErrorContext(ctx, "keys not read again, the ones in memory stay", "error", err)
		}
		failed = err != nil
	})
}

// Open opens what was sealed for the record with header h. A key that is not in
// memory may have been made or restored a moment ago. The error has CodeDenied where
// the key is not here, or the bytes are another record's.
func (k *Keys) Open(h *kiosk.Header, sealed []byte) ([]byte, error) {
	id, err := kiosk.SealedKeyID(sealed)
	if err != nil {
		return nil, err
	}
	c := k.now.Load().cities[id]
	if c == nil {
		if err := k.Reload(); err != nil {
			return nil, err
		}
		c = k.now.Load().cities[id]
	}
	if c == nil {
		return nil, kiosk.Errorf(kiosk.CodeDenied, "error.sealed", "it was sealed to city key %d, and %s is not here: restore it from the backup", id, cityName(id))
	}
	return c.Open(h, sealed)
}

// serveKeys answers with the chain that leads to the key that signs the answer.
func (h *Hub) serveKeys(w http.ResponseWriter, r *http.Request) {
	chain := h.keys.now.Load().chain
	if chain == nil {
		chain = []wire.Rotation{}
	}
	h.tellAnybody(w, r, wire.AskKeys, &wire.KeysAnswer{HubTimeMS: sqldb.Millis(h.now()), Chain: chain})
}

// serveTime answers with the time.
func (h *Hub) serveTime(w http.ResponseWriter, r *http.Request) {
	h.tellAnybody(w, r, wire.AskTime, &wire.TimeAnswer{HubTimeMS: sqldb.Millis(h.now())})
}

// tellAnybody answers a question that anybody may ask. The nonce is marked with the
// question, so that nobody can pass this off as another answer.
func (h *Hub) tellAnybody(w http.ResponseWriter, r *http.Request, what string, message any) {
	h.send(w, r, wire.AskedNonce(what, r.URL.Query().Get("nonce")), answer{status: http.StatusOK, message: message, more: what == wire.AskChallenge})
}

// PublicKey returns the key that signs the hub's answers.
func (h *Hub) PublicKey() ed25519.PublicKey { return h.keys.Public() }
