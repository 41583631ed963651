// Package agent is the booth's end of the sync: it carries the booth's book to
// the city's hub whenever the line is up, and tells the screens how the line is.
//
// What to do next is decided by a state machine without clock, network or book
// (core): it is told what happened and when, and says what to do. Around it, Run
// is a loop that does so: it pushes one batch of each lane at a time, says hello
// now and then, and moves the book's queue forward when the hub has acknowledged,
// and only then. The hub is the authority on what it has: it may ask for records
// again, also for those that it acknowledged once and lost to a restored backup.
package agent

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// Book is what the agent reads from the booth's book, and the two things that it
// may write: how far the city has it, and that it was found rolled back.
type Book interface {
	// Heads returns the streams of the enrolled booth, oldest epoch first; the
	// last epoch is the one that new records belong to.
	Heads(ctx context.Context) ([]kiosk.Head, error)
	// Records returns records with seq > after in order: at most max, and of at
	// most maxBytes together, but at least one if there is any.
	Records(ctx context.Context, s kiosk.Stream, after uint64, max, maxBytes int) ([]kiosk.Record, error)
	// Root returns the Merkle root (RFC 6962) of the first size headers.
	Root(ctx context.Context, s kiosk.Stream, size uint64) ([32]byte, error)
	// Acknowledge notes durably that the city has everything up to upTo, and keeps the
	// cosigned checkpoint of it, if there is one. It only moves forwards.
	Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64, note []byte) error
	// BeginEpoch begins a new epoch because the city knows more of the current one than the book does.
	BeginEpoch(ctx context.Context, why string) error
}

// Opts are the choices of an agent; the zero value works.
type Opts struct {
	Log        *slog.Logger                            // nil = slog.Default
	Client     *http.Client                            // nil = one with sane timeouts
	Codec      *wire.Codec                             // nil = one of its own; thousands of agents in one process share one
	Now        func() time.Time                        // the time that TLS certificates are checked at, until the hub has said it; nil = time.Now. Unused with Client
	Line       Line                                    // who is believed on the line, beside the hub's own key. Unused with Client
	Keys       KeyOpts                                 // how keys change
	Ties       *Ties                                   // nil = of the enrolment, the key and Keys; to be shared by all who speak with the hub
	Version    string                                  // of the booth's program, told to the hub
	Hardware   string                                  // what the booth is, told at enrolment; a hint
	Appended   <-chan struct{}                         // wakes the agent after commits; nil = only the timer does
	Printer    func() kiosk.PrinterState               // told to the hub; nil = unknown
	Feeds      func() []wire.FeedAt                    // how far the city's feeds have been carried out, told to the hub; nil = nothing is told
	OnUplink   func(kiosk.Uplink)                      // called from Run on every change
	OnTime     func(hub time.Time, trip time.Duration) // called from Run with the hub's time of a verified answer, whose request left trip ago
	Hello      time.Duration                           // between hellos; 0 = 30 s
	MinBackoff time.Duration                           // after the first failure; 0 = 1 s
	MaxBackoff time.Duration                           // 0 = 5 min
	Spread     time.Duration                           // the first contact comes at a random moment within it; urgent records do not wait

	time *hubTime
}

// Line is what TLS asks of both ends; the zero value believes the system's authorities
// and shows no certificate.
type Line struct {
	Roots       *x509.CertPool   // authorities of the hub's certificate; nil = the system's
	Certificate *tls.Certificate // shown to the hub; nil = none
}

// KeyOpts say how keys change; with the zero value what is learned is forgotten when
// the agent ends, and the booth keeps its own key.
type KeyOpts struct {
	Dir  string        // where booth.key is (LoadKey); "" = the booth's own key never changes
	Life time.Duration // the booth's own key is changed when it is older; 0 = only when NewKey has been called
	// Renew stores what was learned of the hub's keys, in place of what was known
	// before; it may be called from other goroutines than Run's.
	Renew func(ctx context.Context, old, new kiosk.Enrolment) error
}

func (o Opts) withDefaults() Opts {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Client == nil {
		if o.Now == nil {
			o.Now = time.Now
		}
		o.time = &hubTime{now: o.Now}
		o.Client = newClient(o.time.read, o.Line)
	}
	if o.Codec == nil {
		o.Codec = wire.NewCodec(2)
	}
	if o.Printer == nil {
		o.Printer = func() kiosk.PrinterState { return kiosk.PrinterUnknown }
	}
	if o.Feeds == nil {
		o.Feeds = func() []wire.FeedAt { return nil }
	}
	if o.OnUplink == nil {
		o.OnUplink = func(kiosk.Uplink) {}
	}
	if o.OnTime == nil {
		o.OnTime = func(time.Time, time.Duration) {}
	}
	if o.Hello <= 0 {
		o.Hello = 30 * time.Second
	}
	if o.MinBackoff <= 0 {
		o.MinBackoff = time.Second
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = 5 * time.Minute
	}
	o.MaxBackoff = max(o.MaxBackoff, o.MinBackoff)
	return o
}

// Agent pushes one booth's book to one hub.
type Agent struct {
	book  Book
	opts  Opts
	booth string
	hub   *caller
	codec *wire.Codec
	core  core
	ahead [2]ahead // by lane: the next batch, made while the last one was on its way
	last  lastState
}

// New makes the agent of an enrolled booth. The error has CodeInvalid where the
// enrolment does not hold what it must.
func New(book Book, e kiosk.Enrolment, key ed25519.PrivateKey, o Opts) (*Agent, error) {
	hub, err := newCaller(e, key, o.Ties, o.Keys)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	hub.client, hub.time = o.Client, o.time
	return &Agent{book: book, opts: o, booth: e.Booth, hub: hub, codec: o.Codec, last: lastState{state: map[string]string{}},
		core: core{hello: o.Hello, minBackoff: o.MinBackoff, maxBackoff: o.MaxBackoff, spread: o.Spread,
			jitter: func(d time.Duration) time.Duration { return rand.N(d + 1) }}}, nil
}

// newClient makes an HTTP client for lines of all sorts: how long anything may take is
// each request's own limit. It follows no redirect: the hub never sends one.
func newClient(now func() time.Time, line Line) *http.Client {
	t := &tls.Config{MinVersion: tls.VersionTLS12, Time: now, RootCAs: line.Roots}
	if line.Certificate != nil {
		t.Certificates = []tls.Certificate{*line.Certificate}
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig:     t,
			IdleConnTimeout:     90 * time.Second,
			MaxIdleConnsPerHost: 3, // a lane each, and the hello
			ForceAttemptHTTP2:   true,
		},
	}
}
