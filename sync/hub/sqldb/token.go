package sqldb

import (
	"context"
	"fmt"
	"strings"
)

// Token is an API token. Times are ms, 0 = never.
type Token struct {
	Name    string
	Scope   string
	Hash    []byte // SHA-256 of the secret
	Created int64
	Used    int64
	Revoked int64
	Booths  []string // none = all
	Kinds   []string // none = all
	Expires int64
}

const tokenColumns = `SELECT name, scope, hash, created, used, revoked, booths, kinds, expires FROM token`

func scanToken(row scanner) (Token, error) {
	var t Token
	var booths, kinds string
	err := row.Scan(&t.Name, &t.Scope, &t.Hash, &t.Created, &t.Used, &t.Revoked, &booths, &kinds, &t.Expires)
	t.Booths, t.Kinds = list(booths), list(kinds)
	return t, found(err)
}

// list reads a list of words as it is stored: with a space between; none is nil.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, " ")
}

// Token returns the token of that name, or ErrNoRow.
func (tx *Tx) Token(ctx context.Context, name string) (Token, error) {
	return scanToken(tx.tx.QueryRowContext(ctx, tokenColumns+` WHERE name = $1`, name))
}

// TokenByHash returns the token with that hash, or ErrNoRow.
func (tx *Tx) TokenByHash(ctx context.Context, hash []byte) (Token, error) {
	return scanToken(tx.tx.QueryRowContext(ctx, tokenColumns+` WHERE hash = $1`, hash))
}

// Tokens returns all tokens by name.
func (tx *Tx) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := tx.tx.QueryContext(ctx, tokenColumns+` ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Token
	for rows.Next() {
		t, err := scanToken(rows)
		if err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// SaveToken adds a token or stores it in place of the one of that name.
func (tx *Tx) SaveToken(ctx context.Context, t Token) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO token (name, scope, hash, created, used, revoked, booths, kinds, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET scope = excluded.scope, hash = excluded.hash, created = excluded.created, used = excluded.used,
	revoked = excluded.revoked, booths = excluded.booths, kinds = excluded.kinds, expires = excluded.expires`,
		t.Name, t.Scope, t.Hash, t.Created, t.Used, t.Revoked, strings.Join(t.Booths, " "), strings.Join(t.Kinds, " "), t.Expires)
	if err != nil {
		return fmt.Errorf("save token: %w", err)
	}
	return nil
}
