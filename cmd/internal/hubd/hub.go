// Package hubd assembles a hub: it opens the store, loads the hub's keys, joins the
// booths' wire protocol and the city's console under one address, runs the hub's
// house-keeping and closes everything in reverse. It is one of the few places where
// the wings meet.
package hubd

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/sqldb"
	"redstation/web"
	"redstation/web/city"
)

// Config says which hub to assemble. Data is required; Addr too, but not for Tend, which
// uses neither it nor what the console shows.
type Config struct {
	Data      string // folder of the store and the keys; made where missing
	Addr      string // HOST:PORT of the booths and the console
	DB        string // DSN of the store; "" = hub.db in Data
	URL       string // where booths reach the hub; "" = guessed from Addr
	TLS       TLSFiles
	Proxies   []string // addresses and networks of servers in front whose word on their clients counts
	Metrics   string   // HOST:PORT of the hub's figures, for whoever reaches it; "" = nowhere
	Version   daemon.Version
	Zone      *time.Location   // the city's, for times on the console; nil = UTC
	Catalogue *kiosk.Catalogue // puts services into words on the console; nil = their ids are shown
	Backup    BackupOpts
	Log       *slog.Logger // nil = none
}

// Hub is an assembled hub.
type Hub struct {
	*hub.Hub
	log      *slog.Logger
	url      string
	release  func() error
	listener net.Listener
	crowd    *crowd
	tls      *certificate   // nil: none of its own
	proxies  []netip.Prefix // that are trusted
	metrics  net.Listener   // nil = figures are only told to a token
	store    *sqldb.DB
	handler  http.Handler

	dir, dsn string // of the store
	backup   BackupOpts
}

// Open assembles a hub that serves. The errors are one line each that says what to do.
func Open(ctx context.Context, c Config) (*Hub, error) {
	h := &Hub{log: logger(c), dir: c.Data, dsn: c.DB, backup: BackupOpts{Dir: c.Backup.Dir,
		Every: cmp.Or(c.Backup.Every, 24*time.Hour), Keep: cmp.Or(c.Backup.Keep, 14)}}
	if h.backup.Dir != "" {
		if err := onlySQLite(c.DB); err != nil {
			return nil, err
		}
	}
	if err := h.open(ctx, c); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context, c Config) error {
	var err error
	if h.tls, err = openTLS(c.TLS, h.log); err != nil {
		return err
	}
	if h.proxies, err = parseProxies(c.Proxies); err != nil {
		return err
	}
	if h.listener, err = daemon.Listen(c.Addr); err != nil {
		return err
	}
	h.crowd = newCrowd(h.listener)
	h.listener = h.crowd
	if h.tls != nil {
		h.listener = tls.NewListener(h.listener, h.tls.server())
	}
	if err := h.listenMetrics(c.Metrics); err != nil {
		return err
	}
	if h.release, err = daemon.Claim(c.Data); err != nil {
		return err
	}
	if err := h.openStore(ctx, c); err != nil {
		return err
	}
	if h.url = strings.TrimRight(c.URL, "/"); h.url == "" {
		h.url = guessURL(h.scheme(), h.listener.Addr())
	}
	if err := os.WriteFile(filepath.Join(c.Data, urlName), []byte(h.url+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the hub's address: %w", err)
	}
	// Booths and pullers speak with the hub, people with the console: one address.
	machines := forMachines(h.Handler(), h.log)
	h.handler, err = city.New(city.Deps{Accounts: h.Hub, Stations: h.Hub, Log: h.Hub, Audit: h.Hub, Ledger: h.Hub, Cases: h.Hub, Loans: h.Hub},
		city.Opts{Zone: c.Zone, Catalogue: c.Catalogue, Log: h.log,
			Mounts: map[string]http.Handler{"/v1": machines, "/api/v1": machines}})
	h.handler = h.crowd.thin(behindProxies(h.proxies, h.handler))
	return err
}

// Tend opens the hub in c.Data without serving, beside a hub that may be running
// there: for enrolling booths, making tokens, keeping accounts.
func Tend(ctx context.Context, c Config) (*Hub, error) {
	h := &Hub{log: logger(c), url: strings.TrimRight(c.URL, "/")}
	if info, err := os.Stat(c.Data); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("data folder %s is not there: start the hub once (redstation hub --data %s --addr HOST:PORT)", c.Data, c.Data)
	}
	if h.url == "" {
		text, err := os.ReadFile(filepath.Join(c.Data, urlName))
		if err == nil {
			h.url = strings.TrimSpace(string(text))
		}
	}
	if err := h.openStore(ctx, c); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Hub) openStore(ctx context.Context, c Config) error {
	keys, err := hub.LoadKeys(c.Data)
	if err != nil {
		return err
	}
	if h.store, err = sqldb.Open(ctx, c.DB, sqldb.Opts{Dir: c.Data, Log: h.log}); err != nil {
		return err
	}
	h.Hub, err = hub.New(ctx, h.store, keys, hub.Opts{Log: h.log, Erased: filepath.Join(c.Data, "erased"), Version: c.Version.Name, ClientCert: c.TLS.ClientCA != ""})
	return err
}

// urlName is the file that tells Tend where booths reach the hub.
const urlName = "url"

// scheme is how this process itself is spoken with.
func (h *Hub) scheme() string {
	if h.tls != nil {
		return "https"
	}
	return "http"
}

// guessURL returns the address that booths most likely reach a listener at.
func guessURL(scheme string, a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return scheme + "://" + a.String()
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s://%s:%d", scheme, host, t.Port)
}

// URL returns where booths reach the hub, "" where it is not known.
func (h *Hub) URL() string { return h.url }

// Run serves until ctx ends and everything that runs has ended.
func (h *Hub) Run(ctx context.Context, n *daemon.Notifier) error {
	h.log.InfoContext(ctx, "hub opened", slog.String("url", h.url))
	if h.tls == nil && len(h.proxies) == 0 && openLine(h.listener.Addr()) {
		h.log.WarnContext(ctx, "hub speaks without TLS on a network: give --tls-cert and --tls-key, or --trusted-proxy for a server in front that speaks HTTPS")
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	n.Ready()
	context.AfterFunc(ctx, n.Stopping)
	return daemon.Together(ctx,
		func(ctx context.Context) error { return web.Serve(ctx, h.listener, h.handler) },
		func(ctx context.Context) error { return n.Run(ctx, h.health) },
		h.SendWebhooks,
		h.keepHouse,
		h.runBackups,
		h.serveMetrics,
	)
}

// keepHouse runs the hub's house-keeping. It ends with an error when the store broke.
func (h *Hub) keepHouse(ctx context.Context) error {
	if err := h.Hub.Run(ctx); err != nil {
		return fmt.Errorf("%w: %w", daemon.ErrStorage, err)
	}
	return nil
}

// health is what the watchdog asks: does the store answer, and does a booth or a
// browser that connects now get an answer?
func (h *Hub) health(ctx context.Context) error {
	if _, err := h.Stations(ctx); err != nil {
		return fmt.Errorf("the store does not answer: %w", err)
	}
	if _, err := daemon.Probe(ctx, h.scheme()+strings.TrimPrefix(daemon.Near(h.listener.Addr()), "http")+"/healthz"); err != nil {
		return fmt.Errorf("the listener does not answer: %w", err)
	}
	return nil
}

// Close releases everything that Open took, in reverse.
func (h *Hub) Close() error {
	var errs []error
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	for _, l := range [...]net.Listener{h.listener, h.metrics} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if h.release != nil {
		errs = append(errs, h.release())
	}
	return errors.Join(errs...)
}

func logger(c Config) *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
