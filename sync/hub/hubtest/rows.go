package hubtest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

func streams(t *testing.T, db *sqldb.DB) {
	key := kiosk.Stream{Epoch: kiosk.ID{9}, Lane: kiosk.LaneUrgent}
	var want sqldb.Stream
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		if err := tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x"}); err != nil {
			return err
		}
		if want, err = tx.LockStream(ctx, "07", key); err != nil {
			return err
		}
		want.Head, want.Edge, want.Frozen, want.ToldLast, want.ToldOldest = 1<<40, []byte("edge"), 1, 1<<41, 3
		return tx.SaveStream(ctx, want)
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		got, err := tx.LockStream(ctx, "07", key)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		return err
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		all, err := tx.Streams(ctx, "07")
		if len(all) != 1 || !reflect.DeepEqual(all[0], want) {
			t.Errorf("streams %+v", all)
		}
		return err
	})
}

func forkOnce(t *testing.T, db *sqldb.DB) {
	s := sqldb.Stream{Booth: "07"}
	a, b := sqldb.Fork{Seq: 1, Leaf: []byte("a"), Raw: []byte("a")}, sqldb.Fork{Seq: 1, Leaf: []byte("b"), Raw: []byte("b")}
	for range 2 {
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.AddForks(ctx, s, 5, []sqldb.Fork{a, b, a}) })
	}
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		n, err := tx.Forks(ctx)
		if n != 2 {
			t.Errorf("%d set aside, want 2", n)
		}
		return err
	})
}

// kept saves a row twice, with a change in between, and reads it again.
func kept[T any](t *testing.T, db *sqldb.DB, name string, first, second T, save func(*sqldb.Tx, context.Context, T) error, read func(context.Context, *sqldb.Tx) (T, error)) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if _, err := read(ctx, tx); !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("%s: before it is saved: %v", name, err)
		}
		return nil
	})
	for _, want := range []T{first, second} {
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return save(tx, ctx, want) })
		view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			got, err := read(ctx, tx)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
			return err
		})
	}
}

func rows(t *testing.T, db *sqldb.DB) {
	kept(t, db, "booth", sqldb.Booth{ID: "07", Name: "松花江路", Created: 1}, sqldb.Booth{ID: "07", Name: "江湾路", Created: 1, Key: []byte("key"), Enrolled: 2, Revoked: 3, Error: "e", ErrorAt: 4},
		(*sqldb.Tx).SaveBooth, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Booth, error) { return tx.Booth(ctx, "07") })
	kept(t, db, "invite", sqldb.Invite{Booth: "07", Code: []byte("a"), Expires: 1}, sqldb.Invite{Booth: "07", Code: []byte("b"), Expires: 2, Tries: 3, Used: 4, Key: []byte("key")},
		(*sqldb.Tx).SaveInvite, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Invite, error) { return tx.Invite(ctx, "07") })
	kept(t, db, "account", sqldb.Account{Name: "wang", Role: "admin", Password: "a", MustChange: true, Created: 1}, sqldb.Account{Name: "wang", Role: "admin", Password: "b", Created: 1, Disabled: 2},
		(*sqldb.Tx).SaveAccount, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Account, error) { return tx.Account(ctx, "wang") })
	kept(t, db, "session", sqldb.Session{Hash: []byte("s"), Account: "wang", Created: 1, Seen: 1}, sqldb.Session{Hash: []byte("s"), Account: "wang", Created: 1, Seen: 2},
		(*sqldb.Tx).SaveSession, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Session, error) { return tx.Session(ctx, []byte("s")) })
	kept(t, db, "token", sqldb.Token{Name: "city", Scope: "pull", Hash: []byte("h"), Created: 1}, sqldb.Token{Name: "city", Scope: "pull", Hash: []byte("i"), Created: 1, Used: 2, Revoked: 3, Booths: []string{"07", "08"}, Kinds: []string{"a.b"}, Expires: 4},
		(*sqldb.Tx).SaveToken, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Token, error) { return tx.Token(ctx, "city") })
	contacts(t, db)
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		s, err := tx.Stations(ctx)
		want := kiosk.Station{ID: "07", Name: "江湾路", EnrolledAt: sqldb.Time(2), Revoked: true, LastContact: sqldb.Time(9000), Version: "1.0", Printer: kiosk.PrinterReady}
		if len(s) != 1 || s[0] != want {
			t.Errorf("stations %+v, want %+v", s, want)
		}
		return err
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.ExpireSessions(ctx, 1, 3) })
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if _, err := tx.Session(ctx, []byte("s")); !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("the session did not expire: %v", err)
		}
		if got := sqldb.Millis(time.Time{}); got != 0 || !sqldb.Time(0).IsZero() {
			t.Errorf("no time is stored as %d", got)
		}
		return nil
	})
}

// contacts notes what booths say, only where their key is the one that they have and
// was not revoked.
func contacts(t *testing.T, db *sqldb.DB) {
	t.Helper()
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		b, err := tx.Booth(ctx, "07")
		if err != nil {
			return err
		}
		for _, try := range []struct {
			revoked int64
			key     string
			want    bool
		}{{0, "key", true}, {0, "another", false}, {3, "key", false}} {
			b.Revoked = try.revoked
			if !try.want {
				b.Error = ""
			}
			if err := tx.SaveBooth(ctx, b); err != nil {
				return err
			}
			at := int64(9000)
			if !try.want {
				at = 9999
			}
			hello, err := tx.NoteHello(ctx, "07", []byte(try.key), "1.0", "ready", at)
			contact, err2 := tx.NoteContact(ctx, "07", []byte(try.key), at)
			if hello != try.want || contact != try.want || err != nil || err2 != nil {
				t.Errorf("with key %q, revoked %d: %v, %v, %v, %v, want %v", try.key, try.revoked, hello, contact, err, err2, try.want)
			}
		}
		return nil
	})
}
