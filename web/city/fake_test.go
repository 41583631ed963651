package city_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"redstation/kiosk"
)

// fake is a hub in memory: accounts, booths, log and audit.
type fake struct {
	mu       sync.Mutex
	now      time.Time
	accounts map[string]*account
	sessions map[string]string // secret -> name
	made     int
	locked   time.Duration // every attempt to sign in is refused for so long
	booths   []kiosk.Station
	log      []kiosk.Entry // by Pos
	sealed   map[int64]string
	lines    []kiosk.AuditLine
	loans    []kiosk.LoanLine
	consents []kiosk.ConsentLine // by Pos
	cases    []kiosk.CaseItem    // the newest first
	queries  []kiosk.LogQuery
	trouble  error // of the log
	breakOff int   // the export fails after so many rows; 0 = never
}

type account struct {
	kiosk.Account
	password string
}

// wait is an error that says how long to wait.
type wait time.Duration

func (w wait) Error() string             { return "too many attempts" }
func (w wait) RetryAfter() time.Duration { return time.Duration(w) }

func denied() error { return &kiosk.Error{Code: kiosk.CodeDenied, Key: "error.denied"} }

func (f *fake) SignIn(_ context.Context, name, password, _ string) (string, kiosk.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.locked > 0 {
		return "", kiosk.Account{}, &kiosk.Error{Code: kiosk.CodeUnavailable, Key: "error.unavailable", Err: wait(f.locked)}
	}
	a, ok := f.accounts[name]
	if !ok || a.Disabled || a.password != password {
		return "", kiosk.Account{}, denied()
	}
	f.made++
	token := fmt.Sprintf("secret-%d", f.made)
	f.sessions[token] = name
	return token, a.Account, nil
}

func (f *fake) Session(_ context.Context, token string) (kiosk.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, ok := f.sessions[token]
	if !ok {
		return kiosk.Account{}, denied()
	}
	return f.accounts[name].Account, nil
}

func (f *fake) SignOut(_ context.Context, token string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sessions, token)
	return nil
}

func (f *fake) ChangePassword(_ context.Context, name, old, password string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.accounts[name]
	switch {
	case a.password != old:
		return denied()
	case password == "kurz kurz kurz":
		return &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.password_short"}
	case password == "password123":
		return &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.password"}
	}
	a.password, a.MustChange = password, false
	for token, who := range f.sessions {
		if who == name {
			delete(f.sessions, token)
		}
	}
	return nil
}

func (f *fake) Stations(context.Context) ([]kiosk.Station, error) { return slices.Clone(f.booths), nil }

func (f *fake) Kinds(context.Context) ([]kiosk.Kind, error) {
	var kinds []kiosk.Kind
	for _, e := range f.log {
		if !slices.Contains(kinds, e.Kind) {
			kinds = append(kinds, e.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds, f.trouble
}

func (f *fake) Log(_ context.Context, q kiosk.LogQuery) ([]kiosk.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, q)
	var out []kiosk.Entry
	for _, e := range f.log {
		if matches(e, q) {
			e.Header = nil
			out = append(out, e)
		}
	}
	if q.Backward {
		slices.Reverse(out)
	}
	return out[:min(len(out), cmp.Or(q.Limit, 50))], f.trouble
}

func matches(e kiosk.Entry, q kiosk.LogQuery) bool {
	return (q.Booth == "" || e.Booth == q.Booth) && (q.Kind == "" || e.Kind == q.Kind) &&
		(q.Lane == nil || e.Lane == *q.Lane) && (q.Since.IsZero() || !e.Received.Before(q.Since)) &&
		(q.Until.IsZero() || e.Received.Before(q.Until)) && e.Pos > q.After && (q.Before == 0 || e.Pos < q.Before)
}

func (f *fake) Export(_ context.Context, q kiosk.LogQuery) iter.Seq2[kiosk.Entry, error] {
	return func(yield func(kiosk.Entry, error) bool) {
		n := 0
		for _, e := range f.log {
			if !matches(e, q) {
				continue
			}
			if n++; f.breakOff > 0 && n > f.breakOff {
				yield(kiosk.Entry{}, fmt.Errorf("disk on fire"))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (f *fake) Entry(_ context.Context, pos int64) (kiosk.Entry, error) {
	for _, e := range f.log {
		if e.Pos == pos {
			return e, nil
		}
	}
	return kiosk.Entry{}, &kiosk.Error{Code: kiosk.CodeNotFound, Key: "error.not_found"}
}

func (f *fake) OpenSealed(ctx context.Context, who string, pos int64, reason string) ([]byte, error) {
	plain, ok := f.sealed[pos]
	if !ok {
		return nil, denied()
	}
	return []byte(plain), f.Audit(ctx, kiosk.AuditLine{Who: who, Deed: "opened_sealed", Object: fmt.Sprintf("record %d", pos), Reason: reason})
}

func (f *fake) Consents(_ context.Context, q kiosk.ConsentQuery) ([]kiosk.ConsentLine, error) {
	var out []kiosk.ConsentLine
	for _, l := range slices.Backward(f.consents) {
		if (q.Booth == "" || l.Booth == q.Booth) && (q.Service == "" || l.Service == q.Service) && (q.Number == "" || l.Number == q.Number) &&
			(q.State == "" || l.State() == q.State) && (q.Before == 0 || l.Pos < q.Before) {
			out = append(out, l)
		}
	}
	return out[:min(len(out), q.Limit)], f.trouble
}

func (f *fake) Audit(_ context.Context, l kiosk.AuditLine) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.At.IsZero() {
		l.At = f.now
	}
	f.lines = append(f.lines, l)
	return nil
}

func (f *fake) AuditTrail(_ context.Context, before int64, limit int) ([]kiosk.AuditLine, int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := len(f.lines)
	if before > 0 {
		end = min(int(before)-1, end)
	}
	begin := max(0, end-limit)
	out := slices.Clone(f.lines[begin:end])
	slices.Reverse(out)
	if begin == 0 {
		return out, 0, nil
	}
	return out, int64(begin) + 1, nil
}
