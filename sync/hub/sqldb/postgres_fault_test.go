package sqldb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/pgtest"
	"redstation/sync/hub/sqldb"
)

func addBooth(db *sqldb.DB, id string) error {
	return db.Update(context.Background(), func(tx *sqldb.Tx) error {
		return tx.SaveBooth(context.Background(), sqldb.Booth{ID: id, Name: "x"})
	})
}

// TestSeveralMayStartAtOnce lets hubs open one empty database side by side.
func TestSeveralMayStartAtOnce(t *testing.T) {
	dsn := pgtest.Need(t).Database(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			db, err := sqldb.Open(t.Context(), dsn, sqldb.Opts{Log: hubtest.Quiet()})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := addBooth(db, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	db := openDSN(t, dsn)
	err := db.View(t.Context(), func(tx *sqldb.Tx) error {
		s, err := tx.Stations(t.Context())
		if len(s) != 4 {
			t.Errorf("%d booths, want 4", len(s))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAServerThatGoesAwayComesBack stops and kills the server under an open store:
// meanwhile nothing is confirmed, afterwards all goes on and what was confirmed is
// there. The store is not broken by it.
func TestAServerThatGoesAwayComesBack(t *testing.T) {
	pgtest.Need(t) // skips where there is none
	s, err := pgtest.Start(pgtest.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	db := openDSN(t, s.DSN("postgres", "postgres"))
	var confirmed []string
	for i, order := range []string{"stop", "kill"} {
		id := fmt.Sprint("before-", i)
		if err := addBooth(db, id); err != nil {
			t.Fatal(err)
		}
		confirmed = append(confirmed, id)
		s.Order(t, order)
		if err := addBooth(db, fmt.Sprint("lost-", i)); err == nil {
			t.Error("an update was confirmed while no server was there")
		}
		if err := db.View(t.Context(), func(*sqldb.Tx) error { return nil }); err == nil {
			t.Error("a view while no server was there")
		}
		s.Order(t, "start")
		id = fmt.Sprint("after-", i)
		if err := addBooth(db, id); err != nil {
			t.Fatalf("when it is back: %v", err)
		}
		confirmed = append(confirmed, id)
	}
	err = db.View(t.Context(), func(tx *sqldb.Tx) error {
		for _, id := range confirmed {
			if _, err := tx.Booth(t.Context(), id); err != nil {
				t.Errorf("booth %s: %v", id, err)
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Broken()); err != nil {
		t.Error(err)
	}
}

// TestACarelessServerIsTold warns where the server does not write through.
func TestACarelessServerIsTold(t *testing.T) {
	var log bytes.Buffer
	dsn := pgtest.Need(t).Database(t)
	pgtest.Need(t).SQL(t, dsn, `ALTER DATABASE `+pgtest.Name(dsn)+` SET synchronous_commit = off`)
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Opts{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !strings.Contains(log.String(), "fsync=off") {
		t.Errorf("logged: %s", log.String())
	}
}

// TestMonths makes partitions ahead, and loses nothing that fits none.
func TestMonths(t *testing.T) {
	s := pgtest.Need(t)
	dsn := s.Database(t)
	db := openDSN(t, dsn)
	now := time.Date(2031, 11, 30, 23, 0, 0, 0, time.FixedZone("", 8*3600))
	for _, received := range []int64{0, now.AddDate(0, 1, 0).UnixMilli()} {
		hubtest.Append(t, db, fmt.Sprint("b", received), 3, received)
	}
	for range 2 {
		if err := db.MakeMonths(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	hubtest.Append(t, db, "later", 2, now.UnixMilli())
	got := s.SQL(t, dsn, `SELECT tableoid::regclass, count(*) FROM record GROUP BY 1 ORDER BY tableoid::regclass::text`)
	if want := "record_2031_11|2\nrecord_rest|6"; got != want {
		t.Errorf("records lie in\n%s\nwant\n%s", got, want)
	}
	made := s.SQL(t, dsn, `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname LIKE 'record_2031%' AND relkind = 'r' OR relname LIKE 'record_2032%' AND relkind = 'r'`)
	if want := "record_2031_11 record_2032_01 record_2032_02"; made != want { // December has records in the rest
		t.Errorf("made %s, want %s", made, want)
	}
	if _, err := db.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := db.View(t.Context(), func(tx *sqldb.Tx) error {
		last, err := tx.LastPos(t.Context())
		if last != 8 {
			t.Errorf("%d records are read, want 8", last)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
