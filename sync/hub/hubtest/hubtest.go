// Package hubtest is what the tests of both ends of the sync stand on: a hub over
// a real store on a loopback address, a book in memory that behaves as a booth's
// book does, and the conformance suite that every engine of the store must pass.
package hubtest

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/pgtest"
	"redstation/sync/hub/sqldb"
)

// Clock is a clock that stands where it was set, or runs from there.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a winter morning in 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)} }

// Read implements kiosk.Clock.
func (c *Clock) Read() kiosk.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return kiosk.Reading{Wall: c.now, State: kiosk.ClockNTP}
}

// Add moves the clock.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set sets the clock.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// City is a hub that listens on a loopback address.
type City struct {
	*hub.Hub
	URL    string
	DB     *sqldb.DB
	DSN    string // of the store; "" = hub.db in Dir
	Dir    string
	Clock  *Clock
	server *httptest.Server
	busy   sync.WaitGroup // requests that are being served
	t      testing.TB
}

// EnvEngine names the environment that lets New choose another engine: "postgres".
const EnvEngine = "HUBTEST_ENGINE"

// New starts a hub in a fresh directory, or over a fresh database.
func New(t testing.TB) *City {
	t.Helper()
	return newCity(t, t.TempDir())
}

// NewInMemory starts a hub whose disk is memory where the machine has such a one
// (tmpfs): for proofs of rules that are repeated often, not of what a disk does.
func NewInMemory(t testing.TB) *City {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "hubtest-")
	if err != nil {
		return New(t)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // it lies in memory
	return newCity(t, dir)
}

func newCity(t testing.TB, dir string) *City {
	t.Helper()
	c := &City{Dir: dir, Clock: NewClock(), t: t}
	if os.Getenv(EnvEngine) == "postgres" {
		c.DSN = pgtest.Need(t).Database(t)
	}
	c.open()
	c.server = httptest.NewServer(c.handler())
	c.URL = c.server.URL
	t.Cleanup(c.Close)
	return c
}

// Close ends the hub for good. It may be called again.
func (c *City) Close() {
	c.Stop()
	c.DB.Close() //nolint:errcheck // nothing more is asked of it
}

func (c *City) open() {
	c.t.Helper()
	keys, err := hub.LoadKeys(c.Dir)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.DB, err = sqldb.Open(context.Background(), c.DSN, sqldb.Opts{Dir: c.Dir, Log: Quiet()}); err != nil {
		c.t.Fatal(err)
	}
	if c.Hub, err = hub.New(context.Background(), c.DB, keys, hub.Opts{Clock: c.Clock, Log: Quiet(), Erased: filepath.Join(c.Dir, "erased"), Version: "test"}); err != nil {
		c.t.Fatal(err)
	}
}

// Booth is a booth that was enrolled.
type Booth struct {
	kiosk.Enrolment
	Key  ed25519.PrivateKey
	Book *Book
}

// Enrol adds a booth and enrols it over the wire.
func (c *City) Enrol(id string) *Booth {
	c.t.Helper()
	return EnrolAt(c.t, c.Hub, c.URL, id)
}

// EnrolAt adds a booth to a hub and enrols it over the wire, at the address url.
func EnrolAt(t testing.TB, h *hub.Hub, url, id string) *Booth {
	t.Helper()
	line, err := h.CreateEnrolment(context.Background(), id, "Booth "+id, url)
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := agent.Enrol(context.Background(), line, key, agent.Opts{Log: Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return &Booth{Enrolment: e, Key: key, Book: NewBook(id)}
}

// Entries returns the whole log, oldest first.
func (c *City) Entries() []kiosk.Entry {
	c.t.Helper()
	var out []kiosk.Entry
	for e, err := range c.Export(context.Background(), kiosk.LogQuery{}) {
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// Quiet is a log that nobody reads.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Stop ends the hub as a power cut would for those who talk to it: connections
// break, nothing answers at its address any more.
func (c *City) Stop() {
	c.server.CloseClientConnections()
	c.server.Close()
	c.busy.Wait() // a handler outlives its connection
}

// Handler serves as the hub does, and lets what was accepted be read when a request
// is answered, where the hub itself does that a moment later.
func (c *City) Handler() http.Handler {
	h := c.Hub.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if _, err := c.DB.Seal(context.Background()); err != nil && !errors.Is(err, sqldb.ErrClosed) {
			c.t.Error(err)
		}
	})
}

func (c *City) handler() http.Handler {
	h := c.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.busy.Add(1)
		defer c.busy.Done()
		h.ServeHTTP(w, r)
	})
}

// Start lets the hub listen at its old address again, over the store as it is.
func (c *City) Start() {
	c.t.Helper()
	c.server = httptest.NewUnstartedServer(c.handler())
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.server.Listener.Close() //nolint:errcheck // it was never used
	c.server.Listener = l
	c.server.Start()
}

// Tamper runs statements on the store beside the hub.
func (c *City) Tamper(statements ...string) {
	c.t.Helper()
	driver, dsn := "sqlite", filepath.Join(c.Dir, "hub.db")
	if c.DSN != "" {
		driver, dsn = "pgx", c.DSN
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what it did was told
	for _, s := range statements {
		if _, err := db.ExecContext(c.t.Context(), s); err != nil {
			c.t.Fatalf("%s: %v", s, err)
		}
	}
}

// Backup is a copy of the store.
type Backup struct {
	file []byte
	dsn  string
}

// Backup copies the store.
func (c *City) Backup() Backup {
	c.t.Helper()
	if err := c.DB.Close(); err != nil { // which brings everything into the one file
		c.t.Fatal(err)
	}
	defer c.open()
	if c.DSN != "" {
		return Backup{dsn: pgtest.Need(c.t).Copy(c.t, c.DSN)}
	}
	b, err := os.ReadFile(filepath.Join(c.Dir, "hub.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	return Backup{file: b}
}

// Open opens the backup as the store of a hub whose data folder is dir, until the
// test ends.
func (b Backup) Open(t testing.TB, dir string) *sqldb.DB {
	t.Helper()
	if b.dsn == "" {
		if err := os.WriteFile(filepath.Join(dir, "hub.db"), b.file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqldb.Open(t.Context(), b.dsn, sqldb.Opts{Dir: dir, Log: Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Restore puts a backup back. The hub must be stopped.
func (c *City) Restore(b Backup) {
	c.t.Helper()
	if err := c.DB.Close(); err != nil {
		c.t.Fatal(err)
	}
	if c.DSN != "" {
		c.DSN = pgtest.Need(c.t).Copy(c.t, b.dsn)
	} else if err := os.WriteFile(filepath.Join(c.Dir, "hub.db"), b.file, 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.open()
}
