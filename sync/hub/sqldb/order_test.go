package sqldb_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/pgtest"
	"redstation/sync/hub/sqldb"
)

// TestALateCommitIsNotSkipped is the trap of every log that numbers its rows when
// they are written: the one with the smaller number is committed last, when readers
// are past it.
func TestALateCommitIsNotSkipped(t *testing.T) {
	db := openPostgres(t)
	begun, finish, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(finish) })
	defer release()
	for _, id := range []string{"slow", "quick"} {
		if err := addBooth(db, id); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		ended <- db.UpdateBooth(context.Background(), "slow", func(tx *sqldb.Tx) error {
			defer func() { <-finish }()
			defer close(begun)
			return hubtest.AppendNext(context.Background(), tx, "slow", []byte("slow"))
		})
	}()
	<-begun
	err := db.UpdateBooth(t.Context(), "quick", func(tx *sqldb.Tx) error {
		return hubtest.AppendNext(t.Context(), tx, "quick", []byte("quick"))
	})
	if err != nil {
		t.Fatal(err)
	}
	read := func(after int64) (raws string, last int64) {
		t.Helper()
		if _, err := db.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := db.View(t.Context(), func(tx *sqldb.Tx) error {
			rows, err := tx.Log(t.Context(), kiosk.LogQuery{After: after, Limit: 10})
			for _, r := range rows {
				raws, last = raws+string(r.Raw)+" ", r.Pos
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return raws, last
	}
	if got, last := read(0); got != "quick " || last != 1 {
		t.Errorf("while the slow one waits: %q up to %d", got, last)
	}
	release()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got, last := read(1); got != "slow " || last != 2 {
		t.Errorf("behind the cursor of a reader: %q up to %d, want the slow one at 2", got, last)
	}
}

// TestT15PullersSkipNothingThatCommitsLate lets writers on three connections of one
// PostgreSQL commit in any order, with pauses before the commit, three seal and three
// read along: each reader sees every position once, and each stream in its order.
func TestT15PullersSkipNothingThatCommitsLate(t *testing.T) {
	s := pgtest.Need(t)
	dsn := s.Database(t)
	dbs := []*sqldb.DB{openDSN(t, dsn), openDSN(t, dsn), openDSN(t, dsn)}
	p := kiosktest.Prove(t, "T15", "late commits of concurrent writers on PostgreSQL", kiosktest.Runs{Short: 10, Release: 1000})
	var done int64 // positions of earlier runs
	for p.Next() {
		r := &race{t: t, dbs: dbs, seed: p.Seed(), from: done}
		written := r.run()
		done += int64(written)
		p.Count("records", written)
		p.Count("skipped", 0) // any other number has failed the test
	}
}

// race is one run: writers, sealers and readers side by side.
type race struct {
	t    *testing.T
	dbs  []*sqldb.DB
	seed uint64
	from int64
}

const (
	raceWriters = 8
	raceRecords = 1250 // of each writer
)

func (r *race) run() int {
	const total = raceWriters * raceRecords
	ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Minute)
	defer cancel()
	var writers, sealers, readers sync.WaitGroup
	for i := range raceWriters {
		booth := fmt.Sprintf("%d-%d", r.seed, i)
		if err := addBooth(r.dbs[i%3], booth); err != nil {
			r.t.Fatal(err)
		}
		writers.Go(func() { r.write(ctx, r.dbs[i%3], booth, rand.New(rand.NewPCG(r.seed, uint64(i)))) })
	}
	written, stop := make(chan struct{}), make(chan struct{})
	for _, db := range r.dbs {
		sealers.Go(func() { r.seal(ctx, db, stop) })
		readers.Go(func() { r.read(ctx, db, total) })
	}
	go func() { writers.Wait(); close(written) }()
	<-written
	readers.Wait()
	close(stop)
	sealers.Wait()
	return total
}

// write appends batches of many sizes to one stream, and waits in some transactions
// before they are committed.
func (r *race) write(ctx context.Context, db *sqldb.DB, booth string, rnd *rand.Rand) {
	for n := 0; n < raceRecords; {
		size := min(1+rnd.IntN(60), raceRecords-n)
		wait := time.Duration(rnd.IntN(5000)) * time.Microsecond
		err := db.UpdateBooth(ctx, booth, func(tx *sqldb.Tx) error {
			raws := make([][]byte, size)
			for i := range raws {
				raws[i] = fmt.Appendf(nil, "%s %08d", booth, n+i)
			}
			err := hubtest.AppendNext(ctx, tx, booth, raws...)
			time.Sleep(wait) // the delay that is tried, nothing waits for it
			return err
		})
		if err != nil {
			r.t.Error(err)
			return
		}
		n += size
	}
}

func (r *race) seal(ctx context.Context, db *sqldb.DB, stop <-chan struct{}) {
	for {
		if _, err := db.Seal(ctx); err != nil {
			r.t.Error(err)
			return
		}
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// read follows the log with a cursor, as a puller does, until all is read.
func (r *race) read(ctx context.Context, db *sqldb.DB, total int) {
	after, heads := r.from, map[string]int{}
	for n := 0; n < total; {
		var rows []sqldb.Row
		err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
			rows, err = tx.Log(ctx, kiosk.LogQuery{After: after, Limit: 1 + (n*7)%97})
			return err
		})
		if err != nil {
			r.t.Error(err)
			return
		}
		for _, row := range rows {
			booth, seq, _ := bytes.Cut(row.Raw, []byte(" "))
			if want := fmt.Sprintf("%08d", heads[string(booth)]); row.Pos != after+1 || string(seq) != want {
				r.t.Errorf("seed %d: position %d after %d has record %s of %s, want %s", r.seed, row.Pos, after, seq, booth, want)
				return
			}
			heads[string(booth)]++
			after = row.Pos
			n++
		}
	}
}
