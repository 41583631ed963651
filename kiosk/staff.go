package kiosk

import (
	"context"
	"strings"
	"time"
)

// Staff sign in at the booth with a PIN. Whoever stands before the screen may try,
// so wrong ones are counted in the book: neither a restart nor a power cut gives
// new tries. After five, nothing is let through for five minutes, and every
// further wrong one doubles the pause, up to an hour. Time is counted since the
// machine's boot, since the wall clock may be moved; a pause that a reboot cuts
// short is waited for anew, because nobody knows how long the power was off.

// What a PIN may be, in digits.
const (
	MinPIN = 6
	MaxPIN = 12
)

const (
	freeTries    = 5
	firstPause   = 5 * time.Minute
	longestPause = time.Hour
)

// Tries are the wrong PINs since the last right one.
type Tries struct {
	Wrong int
	Boot  uint64        // the boot in which the last one was
	Until time.Duration // since that boot: no PIN is looked at before
	Pause time.Duration // how long that was from the last wrong one; 0 = not at all
}

// StaffBook keeps count of wrong PINs.
type StaffBook interface {
	// Tries returns the wrong PINs since the last right one.
	Tries(ctx context.Context) (Tries, error)
	// NoteTries stores their count with its record.
	NoteTries(ctx context.Context, t Tries, record Draft) error
}

// wait returns how long no PIN is looked at.
func (t Tries) wait(boot uint64, since time.Duration) time.Duration {
	if t.Boot == boot {
		return max(0, t.Until-since)
	}
	return max(0, t.Pause-since)
}

// fail counts one more wrong PIN.
func (t Tries) fail(boot uint64, since time.Duration) Tries {
	next := Tries{Wrong: t.Wrong + 1, Boot: boot}
	if over := next.Wrong - freeTries; over >= 0 {
		next.Pause = min(firstPause<<min(over, 10), longestPause)
		next.Until = since + next.Pause
	}
	return next
}

// CheckPIN says what is wrong with a PIN that someone wants to set. The error is
// that of SetPIN.
func CheckPIN(pin string) error {
	if len(pin) < MinPIN || len(pin) > MaxPIN || strings.Trim(pin, "0123456789") != "" {
		return Errorf(CodeInvalid, "error.pin_short", "a PIN has %d to %d digits", MinPIN, MaxPIN)
	}
	step := int(pin[1]) - int(pin[0])
	for i := 2; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return nil
		}
	}
	if step >= -1 && step <= 1 { // 000000, 123456, 654321
		return Errorf(CodeInvalid, "error.pin_simple", "a PIN of one digit, or of digits in their order, is guessed at once")
	}
	return nil
}

// SignIn checks the staff's PIN. The error has CodeDenied (it is wrong; key
// error.pin), CodeUnavailable (too many were wrong; key error.pin_wait, with a
// method RetryAfter) or CodeNotFound (no PIN is set). One PIN is looked at at a
// time: hashing takes memory that a small machine has not got twice.
func (b *Booth) SignIn(ctx context.Context, pin string) error {
	b.signIn.Lock()
	defer b.signIn.Unlock()
	set := b.Settings()
	if !set.PIN {
		return Errorf(CodeNotFound, "error.pin_none", "no PIN is set on this booth")
	}
	tries, err := b.book.Tries(ctx)
	if err != nil {
		return err
	}
	boot, now := b.book.Boot().Count, b.clock.Read()
	if wait := tries.wait(boot, now.Since); wait > 0 {
		return locked(wait)
	}
	if len(pin) <= MaxPIN && PasswordMatches(set.pin, pin) {
		d, err := b.draft(KindStaffSignedIn, now, struct{}{})
		if err != nil {
			return err
		}
		return b.book.NoteTries(ctx, Tries{}, d)
	}
	return b.refuse(ctx, tries.fail(boot, now.Since), now)
}

// refuse notes a wrong PIN before anything is said about it.
func (b *Booth) refuse(ctx context.Context, t Tries, now Reading) error {
	kind := KindStaffRefused
	if t.Pause > 0 {
		kind = KindStaffLocked
	}
	d, err := b.draft(kind, now, struct {
		Tries   int `json:"tries"`
		Minutes int `json:"minutes,omitempty"`
	}{t.Wrong, int(t.Pause.Minutes())})
	if err != nil {
		return err
	}
	if err := b.book.NoteTries(ctx, t, d); err != nil {
		return err
	}
	if t.Pause > 0 {
		b.log.WarnContext(ctx, "staff locked out", "tries", t.Wrong, "minutes", int(t.Pause.Minutes()))
		return locked(t.Pause)
	}
	return Errorf(CodeDenied, "error.pin", "wrong PIN")
}

// lockedOut is how long no PIN is looked at.
type lockedOut time.Duration

func locked(wait time.Duration) error {
	return &Error{Code: CodeUnavailable, Key: "error.pin_wait", Err: lockedOut(wait)}
}

// Error tells how long to wait.
func (l lockedOut) Error() string {
	return "too many wrong PINs: wait " + time.Duration(l).Round(time.Second).String()
}

// RetryAfter tells the screen how long.
func (l lockedOut) RetryAfter() time.Duration { return time.Duration(l) }
