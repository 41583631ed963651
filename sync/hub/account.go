package hub

import (
	"context"
	"errors"
	"regexp"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// RoleAdmin may do everything at the console.
const RoleAdmin = "admin"

// validName is what an account may be called.
var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// The length of a password in characters. There are no other rules: length is
// what counts.
const (
	minPassword = 10
	maxPassword = 128
)

// AddAccount makes an account and returns its one-time password, which must be
// changed at the first sign-in. The error has CodeInvalid (bad name) or
// CodeConflict (name in use).
func (h *Hub) AddAccount(ctx context.Context, name string) (string, error) {
	if !validName.MatchString(name) {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.name", "account %q: want 1 to 32 of a-z, 0-9, dot, dash and underscore", name)
	}
	password := oneTimePassword()
	hash := kiosk.HashPassword(password)
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		if _, err := tx.Account(ctx, name); err == nil {
			return kiosk.Errorf(kiosk.CodeConflict, "error.name", "there is an account %q: reset it for a new password", name)
		} else if !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		return errors.Join(
			tx.SaveAccount(ctx, sqldb.Account{Name: name, Role: RoleAdmin, Password: hash, MustChange: true, Created: sqldb.Millis(now)}),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: actor(ctx), Deed: "account_added", Object: "account " + name}))
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

// ResetAccount gives the account a new one-time password, enables it and ends its
// sessions. The error has CodeNotFound.
func (h *Hub) ResetAccount(ctx context.Context, name string) (string, error) {
	password := oneTimePassword()
	hash := kiosk.HashPassword(password)
	err := h.changeAccount(ctx, name, "account_reset", func(a *sqldb.Account) {
		a.Password, a.MustChange, a.Disabled = hash, true, 0
	})
	if err != nil {
		return "", err
	}
	h.signIns.forgive("name " + name)
	return password, nil
}

// DisableAccount ends the account's sessions and lets nobody in under its name.
// The error has CodeNotFound.
func (h *Hub) DisableAccount(ctx context.Context, name string) error {
	return h.changeAccount(ctx, name, "account_disabled", func(a *sqldb.Account) { a.Disabled = sqldb.Millis(h.now()) })
}

// changeAccount changes an account and ends its sessions, so that nobody goes on
// with what was true before.
func (h *Hub) changeAccount(ctx context.Context, name, deed string, change func(*sqldb.Account)) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		a, err := tx.Account(ctx, name)
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.account", "there is no account %q", name)
		}
		if err != nil {
			return err
		}
		change(&a)
		return errors.Join(tx.SaveAccount(ctx, a), tx.EndSessions(ctx, name),
			tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: deed, Object: "account " + name}))
	})
}

// Accounts lists the accounts by name.
func (h *Hub) Accounts(ctx context.Context) ([]kiosk.Account, error) {
	var rows []sqldb.Account
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		rows, err = tx.Accounts(ctx)
		return err
	})
	out := make([]kiosk.Account, len(rows))
	for i, a := range rows {
		out[i] = account(a)
	}
	return out, err
}

func account(a sqldb.Account) kiosk.Account {
	return kiosk.Account{Name: a.Name, Role: a.Role, Disabled: a.Disabled != 0, MustChange: a.MustChange, CreatedAt: sqldb.Time(a.Created)}
}

// ChangePassword sets a new password and ends all sessions of the account: sign in
// again with the new one. The error has CodeInvalid with the key
// "error.password_short", "error.password_long" or "error.password_same" (Field
// "new"), CodeDenied where the old one is wrong, CodeUnavailable after too many
// wrong ones.
func (h *Hub) ChangePassword(ctx context.Context, name, old, password string) error {
	invalid := func(key string) error { return &kiosk.Error{Code: kiosk.CodeInvalid, Key: key, Field: "new"} }
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return invalid("error.password_short")
	case n > maxPassword:
		return invalid("error.password_long")
	case password == old || password == name:
		return invalid("error.password_same")
	}
	if _, err := h.authenticate(ctx, name, old, "change"); err != nil {
		return err
	}
	hash, err := h.hash(ctx, password)
	if err != nil {
		return err
	}
	return h.changeAccount(As(ctx, name), name, "password_changed", func(a *sqldb.Account) {
		a.Password, a.MustChange = hash, false
	})
}

// hash hashes a password when there is room for it.
func (h *Hub) hash(ctx context.Context, password string) (string, error) {
	if err := h.hashing.enter(ctx); err != nil {
		return "", err
	}
	defer h.hashing.leave()
	return kiosk.HashPassword(password), nil
}
