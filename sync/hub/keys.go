package hub

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"redstation/kiosk"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// Keys are the hub's Ed25519 key, which signs every answer, and the city's secret
// key, which opens what residents said. Whoever loses the second loses every
// sealed field; the directory belongs into the backup.
type Keys struct {
	sign ed25519.PrivateKey
	city *kiosk.CitySecret
}

const (
	cityKeyID = 1
	labelHub  = "redstation-hub-key-1"
	labelCity = "redstation-city-key-1"
)

// LoadKeys reads hub.key and city-1.key in dir. Where both are missing it makes
// them; where one is, it fails: a new one would lock the city out of what it has.
func LoadKeys(dir string) (*Keys, error) {
	hubPath, cityPath := filepath.Join(dir, "hub.key"), filepath.Join(dir, "city-1.key")
	if exists(hubPath) && !exists(cityPath) {
		return nil, fmt.Errorf("%s is missing beside %s: restore it from the backup", cityPath, hubPath)
	}
	// The city's key is made first: a power cut in between leaves a key that has
	// sealed nothing, and the next start goes on from there.
	secret, err := keyfile.LoadOrMake(cityPath, labelCity, func() ([]byte, error) {
		k, err := kiosk.NewCitySecret(cityKeyID)
		if err != nil {
			return nil, err
		}
		return k.Bytes()
	})
	if err != nil {
		return nil, err
	}
	city, err := kiosk.ParseCitySecret(cityKeyID, secret)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", cityPath, err)
	}
	seed, err := keyfile.LoadOrMake(hubPath, labelHub, func() ([]byte, error) {
		b := make([]byte, ed25519.SeedSize)
		rand.Read(b)
		return b, nil
	})
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("key %s has %d bytes, want %d", hubPath, len(seed), ed25519.SeedSize)
	}
	return &Keys{sign: ed25519.NewKeyFromSeed(seed), city: city}, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Public returns the key that booths verify answers with.
func (k *Keys) Public() ed25519.PublicKey { return k.sign.Public().(ed25519.PublicKey) }

// Fingerprint returns the SHA-256 of the hub's public key in hex.
func (k *Keys) Fingerprint() string {
	f := wire.Fingerprint(k.Public())
	return hex.EncodeToString(f[:])
}

// derive returns a secret for one purpose, the same in every process of the hub.
func (k *Keys) derive(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.sign.Seed(), nil, "redstation/hub/"+purpose+"/1", sha256.Size)
	if err != nil {
		panic(err) // constant lengths
	}
	return b
}
