// Package agent is the booth's end of the sync: it carries the booth's book to
// the city's hub whenever the line is up, and tells the screens how the line is.
package agent

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"redstation/kiosk"
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
	// Acknowledge notes durably that the city has everything up to upTo. It only moves forwards.
	Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64) error
	// BeginEpoch begins a new epoch because the city knows more of the current one than the book does.
	BeginEpoch(ctx context.Context, why string) error
}

// Opts are the choices of an agent; the zero value works.
type Opts struct {
	Log        *slog.Logger                            // nil = slog.Default
	Client     *http.Client                            // nil = one with sane timeouts
	Version    string                                  // of the booth's program, told to the hub
	Appended   <-chan struct{}                         // wakes the agent after commits; nil = only the timer does
	Printer    func() kiosk.PrinterState               // told to the hub; nil = unknown
	OnUplink   func(kiosk.Uplink)                      // called from Run on every change
	OnTime     func(hub time.Time, trip time.Duration) // called with every verified answer's hub time
	Hello      time.Duration                           // between hellos; 0 = 30 s
	MinBackoff time.Duration                           // after the first failure; 0 = 1 s
	MaxBackoff time.Duration                           // 0 = 5 min
	Spread     time.Duration                           // the first contact comes at a random moment within it; urgent records do not wait
}

// Agent pushes one booth's book to one hub.
type Agent struct{}

// New makes the agent of an enrolled booth. The error has CodeInvalid where the
// enrolment does not hold what it must.
func New(book Book, e kiosk.Enrolment, key ed25519.PrivateKey, o Opts) (*Agent, error) {
	return nil, errors.New("agent: signatures only")
}

// Run pushes until ctx ends. It returns an error only when the book fails.
func (a *Agent) Run(ctx context.Context) error { return nil }

// LoadKey returns the booth's signing key in dir/booth.key, and makes it where there is none.
func LoadKey(dir string) (ed25519.PrivateKey, error) {
	return nil, errors.New("agent: signatures only")
}

// Enrol spends the one-time code of an enrolment string: it introduces the booth's
// key to the hub and returns what the book must store (Book.Enrol). The same
// string with the same key may be used again while it has not expired. The errors
// are one clear line each, with CodeInvalid (malformed string), CodeDenied (code
// unknown, spent, expired; wrong fingerprint) or CodeOffline (no answer).
func Enrol(ctx context.Context, invitation string, key ed25519.PrivateKey, o Opts) (kiosk.Enrolment, error) {
	return kiosk.Enrolment{}, errors.New("agent: signatures only")
}
