package hub_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

func pullLimit(n int) wire.PullOpts { return wire.PullOpts{Limit: n} }

func TestFirstSignIn(t *testing.T) {
	c := hubtest.New(t)
	first, err := c.AddAccount(t.Context(), "wang")
	if err != nil {
		t.Fatal(err)
	}
	token, a, err := c.SignIn(t.Context(), "wang", first, "10.0.0.1")
	if err != nil || !a.MustChange || a.Name != "wang" || a.Role != "admin" {
		t.Fatalf("signed in as %+v, %v", a, err)
	}
	for password, key := range map[string]string{"short": "error.password_short", first: "error.password_same", strings.Repeat("x", 129): "error.password_long"} {
		if err := c.ChangePassword(t.Context(), "wang", first, password); kiosk.KeyOf(err) != key {
			t.Errorf("new password of %d: %v, want %s", len(password), err, key)
		}
	}
	if err := c.ChangePassword(t.Context(), "wang", "not it at all", "a better password"); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("with the wrong old one: %v", err)
	}
	if err := c.ChangePassword(t.Context(), "wang", first, "a better password"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Session(t.Context(), token); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("the old session goes on: %v", err)
	}
	if _, _, err := c.SignIn(t.Context(), "wang", first, "10.0.0.1"); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("the one-time password works again: %v", err)
	}
	if _, a, err = c.SignIn(t.Context(), "wang", "a better password", "10.0.0.1"); err != nil || a.MustChange {
		t.Errorf("with the new one: %+v, %v", a, err)
	}
}

func TestSessionsEnd(t *testing.T) {
	c := hubtest.New(t)
	password, err := c.AddAccount(t.Context(), "wang")
	if err != nil {
		t.Fatal(err)
	}
	signIn := func() string {
		t.Helper()
		token, _, err := c.SignIn(t.Context(), "wang", password, "10.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	ended := func(name, token string) {
		t.Helper()
		if _, err := c.Session(t.Context(), token); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended("a session that never was", "x")
	token := signIn()
	for range 12 {
		c.Clock.Add(59 * time.Minute)
		if a, err := c.Session(t.Context(), token); err != nil || a.Name != "wang" {
			t.Fatalf("used every hour: %+v, %v", a, err)
		}
	}
	c.Clock.Add(30 * time.Minute)
	ended("after twelve hours", token)
	token = signIn()
	c.Clock.Add(61 * time.Minute)
	ended("after an hour without use", token)
	token = signIn()
	if err := c.SignOut(t.Context(), token); err != nil {
		t.Error(err)
	}
	ended("signed out", token)
	if err := c.SignOut(t.Context(), token); err != nil {
		t.Errorf("signed out twice: %v", err)
	}
	token = signIn()
	if err := c.DisableAccount(t.Context(), "wang"); err != nil {
		t.Fatal(err)
	}
	ended("disabled", token)
	if _, _, err := c.SignIn(t.Context(), "wang", password, "10.0.0.1"); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("disabled, and signed in: %v", err)
	}
	if password, err = c.ResetAccount(t.Context(), "wang"); err != nil {
		t.Fatal(err)
	}
	signIn()
	accounts, err := c.Accounts(t.Context())
	if err != nil || len(accounts) != 1 || accounts[0].Disabled || !accounts[0].MustChange {
		t.Errorf("accounts %+v, %v", accounts, err)
	}
}

func TestPasswordsCannotBeGuessed(t *testing.T) {
	c := hubtest.New(t)
	password, err := c.AddAccount(t.Context(), "wang")
	if err != nil {
		t.Fatal(err)
	}
	var waits int
	for i := range 12 {
		_, _, err := c.SignIn(t.Context(), "wang", "guess", "10.0.0.9")
		if kiosk.CodeOf(err) == kiosk.CodeUnavailable {
			waits++
			var w interface{ RetryAfter() time.Duration }
			if !errors.As(err, &w) || w.RetryAfter() <= 0 {
				t.Errorf("guess %d: %v does not say how long to wait", i, err)
			}
		} else if kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if waits != 7 {
		t.Errorf("%d of 12 guesses had to wait, want 7", waits)
	}
	if _, _, err := c.SignIn(t.Context(), "wang", password, "10.0.0.1"); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("the right password has not to wait: %v", err)
	}
	c.Clock.Add(2 * time.Second)
	if _, _, err := c.SignIn(t.Context(), "wang", password, "10.0.0.1"); err != nil {
		t.Errorf("after the pause: %v", err)
	}
	for _, name := range []string{"", "Wang", "nobody", strings.Repeat("x", 1000)} {
		if _, _, err := c.SignIn(t.Context(), name, "x", "10.0.0.2"); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("name %.10q: %v", name, err)
		}
	}
	for _, name := range []string{"", "Wang", "-x", "a b", strings.Repeat("x", 33)} {
		if _, err := c.AddAccount(t.Context(), name); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("account %.10q: %v", name, err)
		}
	}
	if _, err := c.AddAccount(t.Context(), "wang"); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("the same name: %v", err)
	}
	if _, err := c.ResetAccount(t.Context(), "nobody"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("nobody: %v", err)
	}
}
