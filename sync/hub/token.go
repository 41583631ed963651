package hub

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// Token is an API token, without its secret.
type Token struct {
	Name     string
	Created  time.Time
	LastUsed time.Time // to the minute; zero if never
	Revoked  bool
}

const (
	scopePull   = "pull"
	tokenPrefix = "rs_pull_" // so that a scanner of leaked secrets can know it
)

// CreateToken makes a token for pulling and returns its secret, which is stored
// nowhere. The error has CodeInvalid (bad name) or CodeConflict (name in use).
func (h *Hub) CreateToken(ctx context.Context, name string) (string, error) {
	if name = strings.TrimSpace(name); name == "" || len(name) > 64 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.name", "name of a token: want 1 to 64 printable characters")
	}
	secret := tokenPrefix + randomSecret()
	hash := sha256.Sum256([]byte(secret))
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		if old, err := tx.Token(ctx, name); err == nil && old.Revoked == 0 {
			return kiosk.Errorf(kiosk.CodeConflict, "error.name", "there is a token %q: revoke it or choose another name", name)
		} else if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		return errors.Join(tx.SaveToken(ctx, sqldb.Token{Name: name, Scope: scopePull, Hash: hash[:], Created: sqldb.Millis(now)}),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "token_created", Object: "token " + name}))
	})
	if err != nil {
		return "", err
	}
	return secret, nil
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
		out[i] = Token{Name: t.Name, Created: sqldb.Time(t.Created), LastUsed: sqldb.Time(t.Used), Revoked: t.Revoked != 0}
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

// randomSecret returns 256 random bits in base64url.
func randomSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
