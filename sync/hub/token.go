package hub

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// Token is an API token, without its secret.
type Token struct {
	Name string
	Grant
	Created  time.Time
	LastUsed time.Time // to the minute; zero if never
	Revoked  bool
}

// Scope is what a token is good for.
type Scope string

// The scopes.
const (
	ScopePull    Scope = "pull"    // reads records
	ScopeMetrics Scope = "metrics" // reads the hub's own figures, no records
	ScopeCases   Scope = "cases"   // reads cases and does to them what the city can
)

// Grant is what a token may do. Zero fields do not limit.
type Grant struct {
	Scope   Scope        // "" = ScopePull
	Booths  []string     // only their records
	Kinds   []kiosk.Kind // only records of these kinds
	Expires time.Time
}

const (
	tokenPrefix = "rs_" // and the scope, so that a scanner of leaked secrets can know it
	maxGrant    = 100   // booths, and kinds, of a grant
)

// CreateToken makes a token that may pull everything. It is CreateGrant otherwise.
func (h *Hub) CreateToken(ctx context.Context, name string) (string, error) {
	return h.CreateGrant(ctx, name, Grant{})
}

// CreateGrant makes a token and returns its secret, which is stored nowhere. The
// error has CodeInvalid (bad name or grant) or CodeConflict (name in use).
func (h *Hub) CreateGrant(ctx context.Context, name string, g Grant) (string, error) {
	if name = strings.TrimSpace(name); name == "" || len(name) > 64 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.name", "name of a token: want 1 to 64 printable characters")
	}
	if g.Scope == "" {
		g.Scope = ScopePull
	}
	secret := tokenPrefix + string(g.Scope) + "_" + randomSecret()
	hash := sha256.Sum256([]byte(secret))
	t := sqldb.Token{Name: name, Scope: string(g.Scope), Hash: hash[:], Expires: sqldb.Millis(g.Expires), Booths: sorted(g.Booths), Kinds: sorted(g.Kinds)}
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		if err := g.check(ctx, tx, now); err != nil {
			return err
		}
		if old, err := tx.Token(ctx, name); err == nil && old.Revoked == 0 {
			return kiosk.Errorf(kiosk.CodeConflict, "error.name", "there is a token %q: revoke it or choose another name", name)
		} else if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		t.Created = sqldb.Millis(now)
		return errors.Join(tx.SaveToken(ctx, t),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "token_created", Object: "token " + name}))
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// sorted returns the words of a list, each once; nil where there is none.
func sorted[T ~string](list []T) (words []string) {
	for _, v := range list {
		words = append(words, string(v))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// check holds a grant against what there is: a booth or a kind with a typo would
// make a token that reads nothing, and nobody would know why.
func (g *Grant) check(ctx context.Context, tx *sqldb.Tx, now time.Time) error {
	if g.Scope != ScopePull && g.Scope != ScopeMetrics && g.Scope != ScopeCases {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.token", "scope %q: want %q, %q or %q", g.Scope, ScopePull, ScopeMetrics, ScopeCases)
	}
	if g.Scope == ScopeCases && len(g.Kinds) > 0 {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.token", "scope %q has no kinds: leave them out", g.Scope)
	}
	if g.Scope == ScopeMetrics && len(g.Booths)+len(g.Kinds) > 0 {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.token", "scope %q has no booths and no kinds: leave them out", g.Scope)
	}
	if len(g.Booths) > maxGrant || len(g.Kinds) > maxGrant {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.token", "at most %d booths and %d kinds: make several tokens", maxGrant, maxGrant)
	}
	if !g.Expires.IsZero() && !g.Expires.After(now) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.token", "the token would have expired already: give a time to come")
	}
	for _, id := range g.Booths {
		if _, err := tx.Booth(ctx, id); errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.booth", "there is no booth %q: invite it first (redstation hub enrol)", id)
		} else if err != nil {
			return err
		}
	}
	return checkKinds(ctx, tx, g.Kinds)
}

// checkKinds refuses a kind that neither this program nor the log knows.
func checkKinds(ctx context.Context, tx *sqldb.Tx, kinds []kiosk.Kind) error {
	if len(kinds) == 0 {
		return nil
	}
	have, err := tx.Kinds(ctx)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if !knownKinds[k] && !slices.Contains(have, k) {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.kind", "there is no kind %q: want one like %q", k, kiosk.KindRequestFiled)
		}
	}
	return nil
}

// ListTokens returns all tokens by name.
func (h *Hub) ListTokens(ctx context.Context) ([]Token, error) {
	var rows []sqldb.Token
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		rows, err = tx.Tokens(ctx)
		return err
	})
	out := make([]Token, len(rows))
	for i, t := range rows {
		g := Grant{Scope(t.Scope), t.Booths, kindsOf(t.Kinds), sqldb.Time(t.Expires)}
		out[i] = Token{Name: t.Name, Grant: g, Created: sqldb.Time(t.Created), LastUsed: sqldb.Time(t.Used), Revoked: t.Revoked != 0}
	}
	return out, err
}

// RevokeToken ends a token. The error has CodeNotFound.
func (h *Hub) RevokeToken(ctx context.Context, name string) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		t, err := tx.Token(ctx, name)
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.token", "there is no token %q", name)
		}
		if err != nil {
			return err
		}
		t.Revoked = sqldb.Millis(now)
		return errors.Join(tx.SaveToken(ctx, t),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "token_revoked", Object: "token " + name}))
	})
}

// bearer lets a good bearer token of the scope through and notes now and then that
// it is used. The error is a refusal.
func (h *Hub) bearer(ctx context.Context, header string, scope Scope) (t sqldb.Token, err error) {
	secret, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || len(secret) > 128 {
		return t, badToken("a bearer token is missing: make one with \"redstation hub token\" and send it as Authorization: Bearer TOKEN")
	}
	hash := sha256.Sum256([]byte(secret))
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		t, err = tx.TokenByHash(ctx, hash[:])
		return err
	})
	now := h.now()
	switch {
	case errors.Is(err, sqldb.ErrNoRow) || (err == nil && t.Revoked != 0):
		return t, badToken("the token is not valid: make one with \"redstation hub token\" and give it as a bearer token")
	case err != nil:
		return t, err
	case t.Expires != 0 && !now.Before(sqldb.Time(t.Expires)):
		return t, badToken(fmt.Sprintf("the token expired at %s: make another one with \"redstation hub token\"", sqldb.Time(t.Expires).Format(time.RFC3339)))
	case t.Scope != string(scope):
		return t, &refusal{http.StatusForbidden, kiosk.CodeDenied, fmt.Sprintf("the token is for %q, this address wants one for %q", t.Scope, scope), 0}
	}
	return t, h.noteUse(ctx, t, now)
}

func badToken(detail string) error {
	return &refusal{http.StatusUnauthorized, kiosk.CodeDenied, detail, 0}
}

func (h *Hub) noteUse(ctx context.Context, t sqldb.Token, now time.Time) error {
	if now.Sub(sqldb.Time(t.Used)) < time.Minute {
		return nil
	}
	return h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		t, err := tx.Token(ctx, t.Name) // it may have been revoked in the meantime
		if err != nil {
			return err
		}
		t.Used = sqldb.Millis(now)
		return tx.SaveToken(ctx, t)
	})
}

// randomSecret returns 256 random bits in base64url.
func randomSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
