// Package hub holds the city's rules of the sync: what is accepted from booths,
// how booths are enrolled, who may read, and what is audited.
package hub

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"redstation/kiosk"
)

var errSkeleton = errors.New("hub: signatures only")

// Opts are the choices of a hub; the zero value works.
type Opts struct {
	Clock kiosk.Clock  // nil = the system's
	Log   *slog.Logger // nil = slog.Default
}

// Store is what sqldb.Open returns.
type Store interface{ Close() error }

// Keys are the hub's signing key and the city's sealing keys.
type Keys struct{}

// LoadKeys reads the keys in dir and makes those that are missing.
func LoadKeys(dir string) (*Keys, error) { return nil, errSkeleton }

// Fingerprint returns the SHA-256 of the hub's public key in hex.
func (k *Keys) Fingerprint() string { return "" }

// Hub is the city's end.
type Hub struct{}

// New makes a hub over a store.
func New(store Store, keys *Keys, o Opts) (*Hub, error) { return nil, errSkeleton }

// Handler serves the booths (/v1/...) and the pullers (/api/v1/records).
func (h *Hub) Handler() http.Handler { return nil }

// Run does the house-keeping until ctx ends: expired sessions and codes, quarantine.
func (h *Hub) Run(ctx context.Context) error { return nil }

// As returns a context whose deeds are audited under the name who ("local" without it).
func As(ctx context.Context, who string) context.Context { return ctx }

// CreateEnrolment makes the booth if it is new and returns its enrolment string.
func (h *Hub) CreateEnrolment(ctx context.Context, booth, name, hubURL string) (string, error) {
	return "", errSkeleton
}

// RevokeBooth refuses the booth's key from now on.
func (h *Hub) RevokeBooth(ctx context.Context, booth string) error { return errSkeleton }

// Token is an API token for pulling, without its secret.
type Token struct {
	Name     string
	Created  time.Time
	LastUsed time.Time // zero if never
	Revoked  bool
}

// CreateToken returns the secret of a new token.
func (h *Hub) CreateToken(ctx context.Context, name string) (string, error) { return "", errSkeleton }

// ListTokens returns all tokens by name.
func (h *Hub) ListTokens(ctx context.Context) ([]Token, error) { return nil, errSkeleton }

// RevokeToken ends a token.
func (h *Hub) RevokeToken(ctx context.Context, name string) error { return errSkeleton }

// AddAccount makes an account and returns its one-time password.
func (h *Hub) AddAccount(ctx context.Context, name string) (string, error) { return "", errSkeleton }

// ResetAccount gives a new one-time password, enables the account and ends its sessions.
func (h *Hub) ResetAccount(ctx context.Context, name string) (string, error) { return "", errSkeleton }

// DisableAccount ends the account's sessions and lets nobody in under its name.
func (h *Hub) DisableAccount(ctx context.Context, name string) error { return errSkeleton }

// Accounts lists the accounts by name.
func (h *Hub) Accounts(ctx context.Context) ([]kiosk.Account, error) { return nil, errSkeleton }

// SignIn returns the secret of a new session. source is the caller's address.
func (h *Hub) SignIn(ctx context.Context, name, password, source string) (string, kiosk.Account, error) {
	return "", kiosk.Account{}, errSkeleton
}

// Session returns whose session it is. The error has CodeDenied where it has ended.
func (h *Hub) Session(ctx context.Context, token string) (kiosk.Account, error) {
	return kiosk.Account{}, errSkeleton
}

// SignOut ends a session.
func (h *Hub) SignOut(ctx context.Context, token string) error { return errSkeleton }

// ChangePassword sets a new password and ends all sessions of the account: sign in again.
func (h *Hub) ChangePassword(ctx context.Context, name, old, password string) error {
	return errSkeleton
}

// Stations lists the booths, worst first.
func (h *Hub) Stations(ctx context.Context) ([]kiosk.Station, error) { return nil, errSkeleton }

// Kinds lists the kinds of record that the log holds.
func (h *Hub) Kinds(ctx context.Context) ([]kiosk.Kind, error) { return nil, errSkeleton }

// Log returns a page of the log.
func (h *Hub) Log(ctx context.Context, q kiosk.LogQuery) ([]kiosk.Entry, error) {
	return nil, errSkeleton
}

// Export walks over everything that the query matches, from q.After, oldest first.
func (h *Hub) Export(ctx context.Context, q kiosk.LogQuery) iter.Seq2[kiosk.Entry, error] {
	return func(func(kiosk.Entry, error) bool) {}
}

// Entry returns one record in full.
func (h *Hub) Entry(ctx context.Context, pos int64) (kiosk.Entry, error) {
	return kiosk.Entry{}, errSkeleton
}

// OpenSealed returns the JSON that was sealed in a record; the audit line is written with it.
func (h *Hub) OpenSealed(ctx context.Context, who string, pos int64, reason string) ([]byte, error) {
	return nil, errSkeleton
}

// Audit appends a line to the audit log; a zero At becomes now.
func (h *Hub) Audit(ctx context.Context, line kiosk.AuditLine) error { return errSkeleton }

// AuditTrail returns lines newest first, and the cursor for the next page (0 = no more).
func (h *Hub) AuditTrail(ctx context.Context, before int64, limit int) ([]kiosk.AuditLine, int64, error) {
	return nil, 0, errSkeleton
}
