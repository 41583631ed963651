package hub

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"redstation/kiosk"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// Keys are the hub's Ed25519 key, which signs every answer, and the city's secret
// keys, which open what residents said. They are files of one directory:
//
//	hub.key        signs
//	hub-next.key   follows on it; booths have been told, and it signs nothing yet
//	hub.chain      not secret: how each signing key was handed on to the next
//	city-N.key     the city's key N; booths seal to the one with the largest N
//
// Whoever loses a city key loses every field that was sealed to it: the directory
// belongs into the backup. Keys is safe for concurrent use, and every process that
// has loaded the directory takes up what another one changed in it.
type Keys struct {
	dir string
	now atomic.Pointer[ring] // replaced, never changed
}

// ring is what the directory held at one moment.
type ring struct {
	sign      ed25519.PrivateKey
	next      ed25519.PrivateKey // nil: none is announced
	chain     []wire.Rotation    // oldest first
	cities    map[uint32]*kiosk.CitySecret
	city      *kiosk.CitySecret // that booths seal to
	challenge *wire.Challenger
}

const (
	hubName   = "hub.key"
	chainName = "hub.chain"
	labelHub  = "redstation-hub-key-1"
)

// cityName returns the name of the file of the city's key id.
func cityName(id uint32) string { return "city-" + strconv.FormatUint(uint64(id), 10) + ".key" }

// cityLabel returns what the file of the city's key id begins with.
func cityLabel(id uint32) string {
	return "redstation-city-key-" + strconv.FormatUint(uint64(id), 10)
}

// LoadKeys reads the keys in dir. Where there are none it makes the hub's key and
// city key 1; where some are missing it fails: a new one would lock the city out of
// what it has.
func LoadKeys(dir string) (*Keys, error) {
	hubPath := filepath.Join(dir, hubName)
	ids, err := cityIDs(dir)
	if err != nil {
		return nil, err
	}
	if keyfile.Exists(hubPath) && len(ids) == 0 {
		return nil, fmt.Errorf("%s is missing beside %s: restore it from the backup", filepath.Join(dir, cityName(1)), hubPath)
	}
	if !keyfile.Exists(hubPath) && (keyfile.Exists(filepath.Join(dir, chainName)) || len(ids) > 1) {
		return nil, fmt.Errorf("%s is missing beside the city's keys: restore it from the backup", hubPath)
	}
	// The city's key is made first: a power cut in between leaves a key that has
	// sealed nothing, and the next start goes on from there.
	if len(ids) == 0 {
		if err := makeCityKey(dir, 1); err != nil {
			return nil, err
		}
	}
	if _, err := signingKey(hubPath); err != nil {
		return nil, err
	}
	k := &Keys{dir: dir}
	return k, k.Reload()
}

// Reload takes up what has changed in the directory. Where it cannot be read, the
// keys stay as they were.
func (k *Keys) Reload() error {
	r := &ring{cities: map[uint32]*kiosk.CitySecret{}}
	ids, err := cityIDs(k.dir)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.addCity(k.dir, id); err != nil {
			return err
		}
	}
	if r.city == nil {
		return fmt.Errorf("no city key in %s: restore it from the backup", k.dir)
	}
	path := filepath.Join(k.dir, hubName)
	if r.sign, err = loadSigningKey(path); err != nil {
		return err
	}
	if r.chain, err = loadChain(filepath.Join(k.dir, chainName)); err != nil {
		return err
	}
	if next := keyfile.Next(path); r.announced() != nil && keyfile.Exists(next) {
		if r.next, err = loadSigningKey(next); err != nil {
			return err
		}
	}
	r.challenge = wire.NewChallenger(r.derive("challenge"))
	k.now.Store(r)
	return nil
}

func (r *ring) addCity(dir string, id uint32) error {
	path := filepath.Join(dir, cityName(id))
	secret, err := keyfile.Load(path, cityLabel(id))
	if err != nil {
		return err
	}
	c, err := kiosk.ParseCitySecret(id, secret)
	if err != nil {
		return fmt.Errorf("key %s: %w", path, err)
	}
	r.cities[id] = c
	if r.city == nil || id > r.city.ID {
		r.city = c
	}
	return nil
}

// announced returns the last rotation of the chain where its new key is not in force.
func (r *ring) announced() *wire.Rotation {
	if n := len(r.chain); n > 0 && r.public().Equal(ed25519.PublicKey(r.chain[n-1].From)) {
		return &r.chain[n-1]
	}
	return nil
}

func (r *ring) public() ed25519.PublicKey { return r.sign.Public().(ed25519.PublicKey) }

// cityIDs lists the city's keys that are in dir, in no order.
func cityIDs(dir string) ([]uint32, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "city-*.key"))
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var ids []uint32
	for _, p := range paths {
		number := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), "city-"), ".key")
		id, err := strconv.ParseUint(number, 10, 32)
		if err != nil || filepath.Base(p) != cityName(uint32(id)) {
			return nil, fmt.Errorf("%s is not the name of a city key: move it out of the folder of the keys", p)
		}
		ids = append(ids, uint32(id))
	}
	return ids, nil
}

func makeCityKey(dir string, id uint32) error {
	_, err := keyfile.LoadOrMake(filepath.Join(dir, cityName(id)), cityLabel(id), func() ([]byte, error) {
		k, err := kiosk.NewCitySecret(id)
		if err != nil {
			return nil, err
		}
		return k.Bytes()
	})
	return err
}

// signingKey loads the Ed25519 key at path, and makes one where there is none.
func signingKey(path string) (ed25519.PrivateKey, error) {
	_, err := keyfile.LoadOrMake(path, labelHub, func() ([]byte, error) {
		b := make([]byte, ed25519.SeedSize)
		rand.Read(b)
		return b, nil
	})
	if err != nil {
		return nil, err
	}
	return loadSigningKey(path)
}

func loadSigningKey(path string) (ed25519.PrivateKey, error) {
	seed, err := keyfile.Load(path, labelHub)
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("key %s has %d bytes, want %d", path, len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// loadChain reads the rotations, one a line in base64url.
func loadChain(path string) ([]wire.Rotation, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read chain of keys: %w", err)
	}
	var chain []wire.Rotation
	for line := range strings.Lines(string(text)) {
		var r wire.Rotation
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(line))
		if err == nil {
			err = wire.Unmarshal(b, &r)
		}
		if err == nil {
			err = r.Verify(wire.WhoHub)
		}
		if err != nil {
			return nil, fmt.Errorf("%s line %d is damaged: restore it from the backup: %w", path, len(chain)+1, err)
		}
		chain = append(chain, r)
	}
	return chain, nil
}

// Public returns the key that signs answers.
func (k *Keys) Public() ed25519.PublicKey { return k.now.Load().public() }

// Fingerprint returns the SHA-256 of the hub's public key in hex.
func (k *Keys) Fingerprint() string { return fingerprint(k.Public()) }

func fingerprint(pub ed25519.PublicKey) string {
	f := wire.Fingerprint(pub)
	return hex.EncodeToString(f[:])
}

// derive returns a secret for one purpose, the same in every process of the hub
// while the same key signs.
func (k *Keys) derive(purpose string) []byte { return k.now.Load().derive(purpose) }

func (r *ring) derive(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, r.sign.Seed(), nil, "redstation/hub/"+purpose+"/1", sha256.Size)
	if err != nil {
		panic(err) // constant lengths
	}
	return b
}
