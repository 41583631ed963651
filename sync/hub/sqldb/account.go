package sqldb

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// Account is an account with its password's hash. Times are ms, 0 = never.
type Account struct {
	Name       string
	Role       string
	Password   string // PHC string
	MustChange bool
	Created    int64
	Disabled   int64
}

const accountColumns = `SELECT name, role, password, must_change, created, disabled FROM account`

func scanAccount(row scanner) (Account, error) {
	var a Account
	var must int64
	err := row.Scan(&a.Name, &a.Role, &a.Password, &must, &a.Created, &a.Disabled)
	a.MustChange = must != 0
	return a, found(err)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Account returns an account, or ErrNoRow.
func (tx *Tx) Account(ctx context.Context, name string) (Account, error) {
	return scanAccount(tx.tx.QueryRowContext(ctx, accountColumns+` WHERE name = $1`, name))
}

// Accounts returns all accounts by name.
func (tx *Tx) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := tx.tx.QueryContext(ctx, accountColumns+` ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Account
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// SaveAccount adds an account or stores what may change of it.
func (tx *Tx) SaveAccount(ctx context.Context, a Account) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO account (name, role, password, must_change, created, disabled)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password,
	must_change = excluded.must_change, disabled = excluded.disabled`,
		a.Name, a.Role, a.Password, int64(btoi(a.MustChange)), a.Created, a.Disabled)
	if err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	return nil
}

// Session is someone signed in. Times are ms.
type Session struct {
	Hash    []byte // SHA-256 of the secret
	Account string
	Created int64
	Seen    int64
}

// Session returns a session, or ErrNoRow.
func (tx *Tx) Session(ctx context.Context, hash []byte) (Session, error) {
	s := Session{Hash: hash}
	err := tx.tx.QueryRowContext(ctx, `SELECT account, created, seen FROM session WHERE hash = $1`, hash).Scan(&s.Account, &s.Created, &s.Seen)
	return s, found(err)
}

// SaveSession adds a session or notes when it was seen last.
func (tx *Tx) SaveSession(ctx context.Context, s Session) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO session (hash, account, created, seen) VALUES ($1, $2, $3, $4)
ON CONFLICT (hash) DO UPDATE SET seen = excluded.seen`, s.Hash, s.Account, s.Created, s.Seen)
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// EndSession removes one session.
func (tx *Tx) EndSession(ctx context.Context, hash []byte) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM session WHERE hash = $1`, hash)
	return err
}

// EndSessions removes all sessions of an account.
func (tx *Tx) EndSessions(ctx context.Context, account string) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM session WHERE account = $1`, account)
	return err
}

// ExpireSessions removes those that began or were seen too long ago.
func (tx *Tx) ExpireSessions(ctx context.Context, createdBefore, seenBefore int64) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM session WHERE created < $1 OR seen < $2`, createdBefore, seenBefore)
	return err
}

// AddAudit appends a line to the audit log.
func (tx *Tx) AddAudit(ctx context.Context, l kiosk.AuditLine) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO audit (at, who, deed, object, reason) VALUES ($1, $2, $3, $4, $5)`,
		Millis(l.At), l.Who, l.Deed, l.Object, l.Reason)
	if err != nil {
		return fmt.Errorf("write audit line: %w", err)
	}
	return nil
}

// Audit returns lines newest first, from below the cursor before (0 = from the
// end), and the cursor for the next page (0 = there is none).
func (tx *Tx) Audit(ctx context.Context, before int64, limit int) (lines []kiosk.AuditLine, next int64, err error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, at, who, deed, object, reason FROM audit
WHERE id < $1 OR $1 = 0 ORDER BY id DESC LIMIT $2`, before, int64(limit))
	if err != nil {
		return nil, 0, fmt.Errorf("read audit log: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	for rows.Next() {
		var l kiosk.AuditLine
		var at int64
		if err := rows.Scan(&next, &at, &l.Who, &l.Deed, &l.Object, &l.Reason); err != nil {
			return nil, 0, fmt.Errorf("read audit log: %w", err)
		}
		l.At = Time(at)
		lines = append(lines, l)
	}
	if len(lines) < limit {
		next = 0
	}
	return lines, next, rows.Err()
}
