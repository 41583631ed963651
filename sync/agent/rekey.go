package agent

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"redstation/kiosk"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// The booth's own key changes in three steps, and a power cut between any two of them
// does no harm. The new key is made beside the old one, on the disk. The hub is given
// it, with a word that both keys signed. Once the hub has said that it has it, the new
// key takes the old one's place. Until then the booth signs with the old one; should
// the hub not take that any more, its answer was lost, and the booth asks with the new.

const boothLabel = "redstation-booth-key-1"

func keyPath(dir string) string { return filepath.Join(dir, "booth.key") }

// NewKey makes the key that is to follow on booth.key in dir, unless one waits there
// already. The agent introduces it to the hub with its next contact.
func NewKey(dir string) error {
	_, err := signingKey(keyfile.Next(keyPath(dir)))
	return err
}

// NextKey returns the key that waits to follow on booth.key in dir.
func NextKey(dir string) (ed25519.PrivateKey, error) { return signingKey(keyfile.Next(keyPath(dir))) }

// signingKey loads the Ed25519 key at path, and makes one where there is none.
func signingKey(path string) (ed25519.PrivateKey, error) {
	seed, err := keyfile.LoadOrMake(path, boothLabel, func() ([]byte, error) {
		b := make([]byte, ed25519.SeedSize)
		rand.Read(b)
		return b, nil
	})
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("key %s has %d bytes, want %d", path, len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// rekey introduces the key that waits to the hub and puts it in force. Without one it
// tells the hub once more how the booth came to its present key: a hub that was
// restored from a backup may know an older one.
func (c *caller) rekey(ctx context.Context) error {
	c.ties.turn.Lock()
	defer c.ties.turn.Unlock()
	return c.rekeyNow(ctx)
}

func (c *caller) rekeyNow(ctx context.Context) error {
	t := c.ties
	e, key := t.now()
	chain, next := e.KeyChain, key
	waits := t.dir != "" && keyfile.Exists(keyfile.Next(keyPath(t.dir)))
	if waits {
		var err error
		if next, err = signingKey(keyfile.Next(keyPath(t.dir))); err != nil {
			return err
		}
		rotation := wire.NewRotation(wire.WhoBooth(c.keyID), key, next)
		word, err := wire.Marshal(&rotation)
		if err != nil {
			return err
		}
		chain = append(slices.Clone(chain), word)
	}
	if len(chain) == 0 {
		return nil
	}
	a, err := c.introduce(ctx, chain, key, next)
	if err != nil {
		return err
	}
	if !bytes.Equal(a.Key, next.Public().(ed25519.PublicKey)) {
		return kiosk.Errorf(kiosk.CodeDenied, "error.wire", "hub %s took another key than it was given", c.base)
	}
	if !waits {
		return nil
	}
	if err := t.change(ctx, func(e *kiosk.Enrolment) { e.KeyChain, e.KeyAt = chain, time.UnixMilli(a.HubTimeMS).UTC() }); err != nil {
		return err
	}
	if err := keyfile.Promote(keyPath(t.dir)); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.key = next
	return nil
}

// introduce tells the hub a chain of keys, signed with the old key, and where the hub
// does not take that one, with the new.
func (c *caller) introduce(ctx context.Context, words [][]byte, key, next ed25519.PrivateKey) (a wire.RekeyAnswer, err error) {
	in := wire.Rekey{Chain: make([]wire.Rotation, len(words))}
	for i, w := range words {
		if err := wire.Unmarshal(w, &in.Chain[i]); err != nil {
			return a, err
		}
	}
	raw, err := wire.Marshal(&in)
	if err != nil {
		return a, err
	}
	body := wire.NewCodec(1).Compress(nil, raw)
	r, err := c.ask(ctx, key, wire.PathRekey, wire.TypeMessage, body)
	if err == nil && r.problem.Trouble == wire.TroubleSignature {
		r, err = c.ask(ctx, next, wire.PathRekey, wire.TypeMessage, body)
	}
	switch {
	case err != nil:
		return a, err
	case r.problem.Trouble != "":
		return a, kiosk.Errorf(kiosk.CodeDenied, "error.hub_key", "hub %s does not take the booth's new key: %s %s", c.base, r.problem.Trouble, r.problem.Detail)
	}
	return a, wire.Unmarshal(r.body, &a)
}

// moved reports whether the booth signs with another key than key by now: because it
// was being changed, or because the hub had the next one already.
func (c *caller) moved(ctx context.Context, key ed25519.PrivateKey) bool {
	t := c.ties
	if t == nil {
		return false
	}
	t.turn.Lock() // waits for a change that is under way
	defer t.turn.Unlock()
	e, now := t.now()
	if !now.Equal(key) {
		return true
	}
	if len(e.KeyChain) == 0 && (t.dir == "" || !keyfile.Exists(keyfile.Next(keyPath(t.dir)))) {
		return false
	}
	return c.rekeyNow(ctx) == nil
}

// heed does what a verified answer to a hello asks for in the matter of keys. Trouble
// with them is logged and ends nothing: the next hello brings it up again.
func (a *Agent) heed(ctx context.Context, signer ed25519.PublicKey, h *wire.HelloAnswer) {
	t := a.hub.ties
	news, err := t.learn(ctx, signer, h)
	if err == nil && news {
		a.opts.Log.InfoContext(ctx, "keys of the hub learned", "city_key", h.CityKeyID)
	}
	due := false
	if err == nil {
		due, err = t.due(time.UnixMilli(h.HubTimeMS))
	}
	if err == nil && due {
		if err = a.hub.rekey(ctx); err == nil {
			a.opts.Log.InfoContext(ctx, "key of the booth changed")
		}
	}
	a.changed(ctx, "keys", troubleOf(err), err)
}

// troubleOf names how something ended, for changed.
func troubleOf(err error) string {
	if err != nil {
		return "failed"
	}
	return "up"
}
