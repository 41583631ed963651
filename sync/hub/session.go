package hub

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// The life of a session.
const (
	sessionLife = 12 * time.Hour
	sessionIdle = time.Hour
)

// SignIn checks name and password and returns the secret of a new session. source
// is the caller's address: too many failures from one address, or under one name,
// make it wait longer and longer. The error has CodeDenied (wrong name or
// password, without saying which) or CodeUnavailable (wait; key "error.sign_in_wait").
func (h *Hub) SignIn(ctx context.Context, name, password, source string) (string, kiosk.Account, error) {
	a, err := h.authenticate(ctx, name, password, "source "+source)
	if err != nil {
		if kiosk.CodeOf(err) == kiosk.CodeDenied && validName.MatchString(name) {
			auditErr := h.Audit(ctx, kiosk.AuditLine{Who: name, Deed: "sign_in_failed", Object: "address " + source})
			return "", kiosk.Account{}, errors.Join(err, auditErr)
		}
		return "", kiosk.Account{}, err
	}
	secret := randomSecret()
	hash := sha256.Sum256([]byte(secret))
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		return errors.Join(
			tx.SaveSession(ctx, sqldb.Session{Hash: hash[:], Account: a.Name, Created: sqldb.Millis(now), Seen: sqldb.Millis(now)}),
			tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: a.Name, Deed: "signed_in", Object: "address " + source}))
	})
	if err != nil {
		return "", kiosk.Account{}, err
	}
	return secret, account(a), nil
}

// authenticate checks a password. It takes as long for a name that is not there.
func (h *Hub) authenticate(ctx context.Context, name, password, source string) (sqldb.Account, error) {
	now := h.now()
	byName := "name " + name[:min(len(name), 64)]
	if wait := max(h.signIns.wait(byName, now), h.sources.wait(source, now)); wait > 0 {
		return sqldb.Account{}, &kiosk.Error{Code: kiosk.CodeUnavailable, Key: "error.sign_in_wait", Err: tooSoon(wait)}
	}
	var a sqldb.Account
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		a, err = tx.Account(ctx, name)
		return err
	})
	if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
		return sqldb.Account{}, err
	}
	known := err == nil && a.Disabled == 0
	if err := h.hashing.enter(ctx); err != nil {
		return sqldb.Account{}, err
	}
	hash := a.Password
	if !known {
		hash = h.never()
	}
	good := len(password) <= 4*maxPassword && kiosk.PasswordMatches(hash, password)
	h.hashing.leave()
	if !known || !good {
		h.signIns.fail(byName, now)
		h.sources.fail(source, now)
		return sqldb.Account{}, kiosk.Errorf(kiosk.CodeDenied, "error.sign_in", "wrong name or password")
	}
	h.signIns.forgive(byName)
	return a, nil
}

// Session returns whose session it is and keeps it awake. The error has CodeDenied
// where it has ended: 12 hours after sign-in, or after an hour without use.
func (h *Hub) Session(ctx context.Context, token string) (kiosk.Account, error) {
	hash := sha256.Sum256([]byte(token))
	var s sqldb.Session
	var a sqldb.Account
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if s, err = tx.Session(ctx, hash[:]); err != nil {
			return err
		}
		a, err = tx.Account(ctx, s.Account)
		return err
	})
	now := h.now()
	ended := now.Sub(sqldb.Time(s.Created)) > sessionLife || now.Sub(sqldb.Time(s.Seen)) > sessionIdle || a.Disabled != 0
	if errors.Is(err, sqldb.ErrNoRow) || (err == nil && ended) {
		return kiosk.Account{}, kiosk.Errorf(kiosk.CodeDenied, "error.session", "the session has ended")
	}
	if err != nil {
		return kiosk.Account{}, err
	}
	if now.Sub(sqldb.Time(s.Seen)) > time.Minute {
		err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
			if _, err := tx.Session(ctx, s.Hash); err != nil { // signed out in the meantime
				return nil
			}
			s.Seen = sqldb.Millis(now)
			return tx.SaveSession(ctx, s)
		})
	}
	return account(a), err
}

// SignOut ends a session; one that has ended already is no error.
func (h *Hub) SignOut(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		s, err := tx.Session(ctx, hash[:])
		if errors.Is(err, sqldb.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(tx.EndSession(ctx, hash[:]),
			tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: s.Account, Deed: "signed_out"}))
	})
}

// expireSessions forgets the sessions that have ended.
func (h *Hub) expireSessions(ctx context.Context) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		now := h.now()
		return tx.ExpireSessions(ctx, sqldb.Millis(now.Add(-sessionLife)), sqldb.Millis(now.Add(-sessionIdle)))
	})
}

// tooSoon is how long someone who failed too often must wait.
type tooSoon time.Duration

func (t tooSoon) Error() string {
	return "too many wrong passwords: wait " + time.Duration(t).Round(time.Second).String()
}

// RetryAfter tells the console's page how long.
func (t tooSoon) RetryAfter() time.Duration { return time.Duration(t) }
