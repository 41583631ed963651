package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// chainOf makes n keys and the rotations from each to the next.
func chainOf(who string, n int) (keys []ed25519.PublicKey, chain []wire.Rotation) {
	var last ed25519.PrivateKey
	for i := range n {
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, ed25519.SeedSize))
		if i > 0 {
			chain = append(chain, wire.NewRotation(who, last, key))
		}
		keys, last = append(keys, key.Public().(ed25519.PublicKey)), key
	}
	return keys, chain
}

func TestAChainLeadsFromAnyKeyToEachLaterOne(t *testing.T) {
	keys, chain := chainOf(wire.WhoHub, 4)
	for i := range keys {
		for j := range keys {
			if err := wire.Follow(wire.WhoHub, chain, keys[i], keys[j]); (err == nil) != (i <= j) {
				t.Errorf("from key %d to key %d: %v", i, j, err)
			}
		}
	}
	if err := wire.Follow(wire.WhoHub, nil, keys[0], keys[0]); err != nil {
		t.Errorf("no step at all: %v", err)
	}
}

func TestAChainThatWasTamperedWithLeadsNowhere(t *testing.T) {
	keys, good := chainOf(wire.WhoHub, 3)
	_, foreign := chainOf(wire.WhoBooth("07"), 3)
	for name, change := range map[string]func(c []wire.Rotation) []wire.Rotation{
		"another one's chain":    func([]wire.Rotation) []wire.Rotation { return foreign },
		"a link that is missing": func(c []wire.Rotation) []wire.Rotation { return c[1:] },
		"the wrong order":        func(c []wire.Rotation) []wire.Rotation { return []wire.Rotation{c[1], c[0]} },
		"no word of the old key": func(c []wire.Rotation) []wire.Rotation { c[0].Sig = c[0].Proof; return c },
		"no word of the new key": func(c []wire.Rotation) []wire.Rotation { c[1].Proof = c[1].Sig; return c },
		"another new key":        func(c []wire.Rotation) []wire.Rotation { c[0].To = keys[2]; return c },
		"a key that is cut":      func(c []wire.Rotation) []wire.Rotation { c[0].To = c[0].To[:31]; return c },
	} {
		c := append([]wire.Rotation(nil), good...)
		if err := wire.Follow(wire.WhoHub, change(c), keys[0], keys[2]); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
}
