// Package hubtest is what the tests of both ends of the sync stand on: a hub over
// a real store on a loopback address, a book in memory that behaves as a booth's
// book does, and the conformance suite that every engine of the store must pass.
package hubtest

import (
	"context"
	"crypto/ed25519"
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

// City is a hub that listens on a loopback address.
type City struct {
	*hub.Hub
	URL    string
	DB     *sqldb.DB
	Dir    string
	Clock  *Clock
	server *httptest.Server
	busy   sync.WaitGroup // requests that are being served
	t      testing.TB
}

// New starts a hub in a fresh directory.
func New(t testing.TB) *City {
	t.Helper()
	c := &City{Dir: t.TempDir(), Clock: NewClock(), t: t}
	c.open()
	c.server = httptest.NewServer(c.handler())
	c.URL = c.server.URL
	t.Cleanup(func() {
		c.Stop()
		c.DB.Close() //nolint:errcheck // nothing more is asked of it
	})
	return c
}

func (c *City) open() {
	c.t.Helper()
	keys, err := hub.LoadKeys(c.Dir)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.DB, err = sqldb.Open(context.Background(), "", sqldb.Opts{Dir: c.Dir, Log: Quiet()}); err != nil {
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
	line, err := c.CreateEnrolment(context.Background(), id, "Booth "+id, c.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	e, err := agent.Enrol(context.Background(), line, key, agent.Opts{Log: Quiet()})
	if err != nil {
		c.t.Fatal(err)
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

// Backup copies the store.
func (c *City) Backup() []byte {
	c.t.Helper()
	if err := c.DB.Close(); err != nil { // which brings everything into the one file
		c.t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(c.Dir, "hub.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.open()
	return b
}

// Restore puts a backup back. The hub must be stopped.
func (c *City) Restore(backup []byte) {
	c.t.Helper()
	if err := c.DB.Close(); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "hub.db"), backup, 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.open()
}
