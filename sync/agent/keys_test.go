package agent_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/keyfile"
	"redstation/sync/wire"
)

// ring is what a booth keeps of its keys: what Renew stored, as its book would.
type ring struct {
	told atomic.Pointer[kiosk.Enrolment]
}

func keep(b *hubtest.Booth) *ring {
	r := &ring{}
	r.told.Store(&b.Enrolment)
	return r
}

func (r *ring) opts(dir string) agent.Opts {
	return agent.Opts{Hello: 5 * time.Millisecond, Keys: agent.KeyOpts{Dir: dir,
		Renew: func(_ context.Context, _, e kiosk.Enrolment) error { r.told.Store(&e); return nil }}}
}

func (r *ring) now() kiosk.Enrolment { return *r.told.Load() }

// inContact runs the agent from what it kept until something is true.
func (r *ring) inContact(t *testing.T, b *hubtest.Booth, dir, what string, ok func() bool) {
	t.Helper()
	b.Enrolment = r.now()
	stop := run(t, b, r.opts(dir))
	defer stop()
	eventually(t, what, ok)
}

func announce(t *testing.T, c *hubtest.City) {
	t.Helper()
	if _, fresh, err := c.AnnounceHubKey(t.Context()); err != nil || !fresh {
		t.Fatalf("announced: %t, %v", fresh, err)
	}
}

func switchKey(t *testing.T, c *hubtest.City) {
	t.Helper()
	if err := c.SwitchHubKey(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestANewCityKeyReachesTheBooth(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	r := keep(b)
	first := b.CityKey
	if id, err := c.RotateCityKey(t.Context()); err != nil || id != 2 {
		t.Fatalf("rotated to %d, %v", id, err)
	}
	r.inContact(t, b, "", "the new key", func() bool { return r.now().CityKeyID == 2 })
	if e := r.now(); bytes.Equal(e.CityKey, first) || e.Booth != "07" || !bytes.Equal(e.HubKey, b.HubKey) {
		t.Errorf("the booth knows %+v", e)
	}
	if e := c.Enrol("08"); e.CityKeyID != 2 {
		t.Errorf("a new booth seals to key %d", e.CityKeyID)
	}
}

func TestTheHubsKeyIsChangedWithAnOverlap(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	r := keep(b)
	announce(t, c)
	r.inContact(t, b, "", "the announced key", func() bool { return r.now().NextHubKey != nil })
	next := r.now().NextHubKey
	if !bytes.Equal(r.now().HubKey, b.HubKey) {
		t.Error("the old key was given up before the switch")
	}
	switchKey(t, c)
	if !bytes.Equal(c.PublicKey(), next) {
		t.Fatal("the hub signs with another key than it announced")
	}
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, "", "the switch", func() bool { return b.Book.Behind() == 0 && r.now().NextHubKey == nil })
	if !bytes.Equal(r.now().HubKey, next) {
		t.Error("the booth still believes the old key")
	}
}

func TestABoothThatMissedTwoRotationsFollows(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	r := keep(b)
	late, err := c.CreateEnrolment(t.Context(), "08", "Booth 08", c.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		announce(t, c)
		switchKey(t, c)
		if _, err := c.RotateCityKey(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, "", "everything acknowledged", func() bool { return b.Book.Behind() == 0 && r.now().CityKeyID == 3 })
	if e := r.now(); !bytes.Equal(e.HubKey, c.PublicKey()) || e.NextHubKey != nil {
		t.Errorf("the booth believes %x, %x", e.HubKey, e.NextHubKey)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	_, err = agent.Enrol(t.Context(), late, key, agent.Opts{Log: hubtest.Quiet()})
	if kiosk.CodeOf(err) != kiosk.CodeDenied { // it follows to the hub, whose codes are new
		t.Errorf("a string from before: %v", err)
	}
}

func TestAHubWithoutTheChainIsNotBelieved(t *testing.T) {
	c, other := hubtest.New(t), hubtest.New(t)
	b := c.Enrol("07")
	announce(t, other)
	switchKey(t, other)
	r := keep(b)
	b.Hub = other.URL
	b.Book.Write(t, kiosk.LaneLog, 1)
	var known atomic.Bool
	o := r.opts("")
	o.OnUplink = func(u kiosk.Uplink) { known.Store(u.Known && !u.Up) }
	stop := run(t, b, o)
	defer stop()
	eventually(t, "the line is down", known.Load)
	if e := r.now(); !bytes.Equal(e.HubKey, b.HubKey) || b.Book.Behind() != 1 {
		t.Errorf("the booth believes %x", e.HubKey)
	}
}

// boothDir makes a booth whose key is a file.
func boothDir(t *testing.T, c *hubtest.City, id string) (*hubtest.Booth, string) {
	t.Helper()
	dir := t.TempDir()
	key, err := agent.LoadKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	line, err := c.CreateEnrolment(t.Context(), id, "Booth "+id, c.URL)
	if err != nil {
		t.Fatal(err)
	}
	e, err := agent.Enrol(t.Context(), line, key, agent.Opts{Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return &hubtest.Booth{Enrolment: e, Key: key, Book: hubtest.NewBook(id)}, dir
}

func waits(dir string) bool {
	return keyfile.Exists(keyfile.Next(filepath.Join(dir, "booth.key")))
}

func TestTheBoothsKeyIsChanged(t *testing.T) {
	c := hubtest.New(t)
	b, dir := boothDir(t, c, "07")
	r := keep(b)
	old := b.Key
	for range 2 {
		if err := agent.NewKey(dir); err != nil {
			t.Fatal(err)
		}
		b.Book.Write(t, kiosk.LaneLog, 10)
		r.inContact(t, b, dir, "the new key in force", func() bool { return !waits(dir) && b.Book.Behind() == 0 })
		key, err := agent.LoadKey(dir)
		if err != nil || key.Equal(old) {
			t.Fatalf("the key is the old one: %v", err)
		}
		b.Key, old = key, b.Key
	}
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, dir, "with the new key", drained(b))
	stale := *b
	stale.Key = old
	stale.Book = b.Book.Copy()
	stale.Book.Write(t, kiosk.LaneLog, 1)
	var refused atomic.Bool
	stop := run(t, &stale, agent.Opts{Hello: 5 * time.Millisecond, OnUplink: func(u kiosk.Uplink) { refused.Store(u.Known && !u.Up) }})
	eventually(t, "the old key is refused", refused.Load)
	stop()
	if n := whole(t, c); n != 30 {
		t.Errorf("the hub has %d records, want 30: the old key was taken", n)
	}
}

// What the city cosigned before stays provable from the booth's own files.
func TestAnExportShowsCheckpointsThatAnOlderKeySigned(t *testing.T) {
	c := hubtest.New(t)
	b, dir := boothDir(t, c, "07")
	r := keep(b)
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, dir, "acknowledged", drained(b))
	for range 2 {
		if err := agent.NewKey(dir); err != nil {
			t.Fatal(err)
		}
		r.inContact(t, b, dir, "the new key in force", func() bool { return !waits(dir) })
		key, err := agent.LoadKey(dir)
		if err != nil {
			t.Fatal(err)
		}
		b.Key = key
	}
	b.Book.Write(t, kiosk.LaneUrgent, 1)
	r.inContact(t, b, dir, "acknowledged with the new key", drained(b))
	stick := t.TempDir()
	if _, err := agent.Export(t.Context(), b.Book, r.now(), b.Key, stick, func(agent.Exported) {}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(stick, agent.NotesName))
	if err != nil {
		t.Fatal(err)
	}
	notes := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	keys := map[string]bool{}
	for _, line := range notes {
		var row wire.NoteRow
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if _, err := wire.OpenCheckpoint([]byte(row.Note), row.Keys...); err != nil {
			t.Error(err)
		}
		keys[row.Keys[0]] = true
	}
	if len(notes) != 2 || len(keys) != 2 {
		t.Errorf("%d checkpoints of %d keys, want that of each lane with its own", len(notes), len(keys))
	}
}

// A power cut after the hub had the new key and before the booth knew: the booth
// comes back with both keys, and signs with the one that the hub does not take.
func TestAKeyChangeSurvivesAPowerCut(t *testing.T) {
	c := hubtest.New(t)
	b, dir := boothDir(t, c, "07")
	before, err := os.ReadFile(filepath.Join(dir, "booth.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.NewKey(dir); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "booth-next.key"))
	if err != nil {
		t.Fatal(err)
	}
	r := keep(b)
	r.inContact(t, b, dir, "the new key in force", func() bool { return !waits(dir) })
	r = keep(b) // what was learned is lost, too
	for name, text := range map[string][]byte{"booth.key": before, "booth-next.key": after} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, dir, "the new key in force again", func() bool { return !waits(dir) && b.Book.Behind() == 0 })
	if text, err := os.ReadFile(filepath.Join(dir, "booth.key")); err != nil || !bytes.Equal(text, after) {
		t.Errorf("the key in force is another one: %v", err)
	}
}

// A hub that comes back from a backup knows the booth's key before last.
func TestARestoredHubLearnsTheBoothsKey(t *testing.T) {
	c := hubtest.New(t)
	b, dir := boothDir(t, c, "07")
	r := keep(b)
	c.Stop()
	backup := c.Backup()
	c.Start()
	for range 2 {
		if err := agent.NewKey(dir); err != nil {
			t.Fatal(err)
		}
		r.inContact(t, b, dir, "the new key in force", func() bool { return !waits(dir) })
		b.Key, _ = agent.LoadKey(dir)
	}
	c.Stop()
	c.Restore(backup)
	c.Start()
	b.Book.Write(t, kiosk.LaneLog, 10)
	r.inContact(t, b, dir, "everything acknowledged", drained(b))
}

func TestABoothsKeyIsChangedOnceAYear(t *testing.T) {
	c := hubtest.New(t)
	b, dir := boothDir(t, c, "07")
	r := keep(b)
	c.Clock.Add(366 * 24 * time.Hour)
	o := r.opts(dir)
	o.Keys.Life = 365 * 24 * time.Hour
	stop := run(t, b, o)
	defer stop()
	eventually(t, "a new key", func() bool { return r.now().KeyAt.Equal(c.Clock.Read().Wall) && !waits(dir) })
	chain := len(r.now().KeyChain)
	c.Clock.Add(24 * time.Hour)
	b.Book.Write(t, kiosk.LaneLog, 10)
	eventually(t, "everything acknowledged", drained(b))
	if n := len(r.now().KeyChain); chain != 1 || n != 1 {
		t.Errorf("%d, then %d changes, want 1", chain, n)
	}
}
