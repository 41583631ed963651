package hubtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// Store is the conformance suite of the hub's store: every engine must pass it.
// open returns an empty store.
func Store(t *testing.T, open func(t *testing.T) *sqldb.DB) {
	tests := map[string]func(*testing.T, *sqldb.DB){
		"an update that fails leaves nothing":              failedUpdate,
		"positions have no gap and streams keep order":     positions,
		"what is stored comes back for any range of a seq": ranges,
		"the log agrees with a plain filter":               logAgrees,
		"a stream is made once and keeps what is saved":    streams,
		"a fork is set aside once":                         forkOnce,
		"checkpoints are kept, the last of each stream":    checkpoints,
		"what was set aside is listed by stream":           forkedStreams,
		"rows that are saved are read again":               rows,
		"of failed attempts the newest are kept":           attempts,
		"a booth's keys are remembered":                    boothKeys,
		"items of a feed are kept, superseded and erased":  feedItems,
		"versions of a feed have no gap for any reader":    feedOrder,
		"erasures and how far they have got are kept":      reaches,
		"a record is emptied where it stands":              emptied,
		"readers see whole transactions":                   wholeTransactions,
		"boots are known as far as their records tell":     boots,
		"the anchors around a moment are found":            anchors,
		"webhooks keep their deliveries and attempts":      webhooks,
		"an update is as if it were alone":                 aloneUpdates,
		"what one booth sends is as if it were alone":      aloneBooths,
		"what is put off fails its transaction":            lateFailures,
		"questions see what was put off":                   lateOrder,
		"what cannot be a text does no harm":               oddTexts,
		"the last paper of a request is kept":              capsules,
		"a record is emptied by its position":              retired,
		"loans and returns are kept apart until they meet": loans,
		"the ledger of consents is kept":                   consents,
		"cases are found and keep what happened to them":   cases,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func update(t testing.TB, db *sqldb.DB, f func(context.Context, *sqldb.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), func(tx *sqldb.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *sqldb.DB, f func(context.Context, *sqldb.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), func(tx *sqldb.Tx) error { return f(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func failedUpdate(t *testing.T, db *sqldb.DB) {
	stop := errors.New("stop")
	err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
		return errors.Join(tx.SaveBooth(t.Context(), sqldb.Booth{ID: "07", Name: "x"}), stop)
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if _, err := tx.Booth(ctx, "07"); !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("the booth is there: %v", err)
		}
		return nil
	})
}

// laid is what a test put into the log.
type laid struct {
	pos      int64
	booth    string
	lane     kiosk.Lane
	kind     string
	received int64
	raw      []byte
}

// fill stores batches of many sizes in the streams of three booths.
func fill(t *testing.T, db *sqldb.DB) (log []laid, streams map[string]sqldb.Stream) {
	t.Helper()
	streams = map[string]sqldb.Stream{}
	heads := map[int64]uint64{}
	sizes := []int{1, 2, 9, 10, 11, 99, 100, 101, 1, 1, 230, 3}
	for i, size := range sizes {
		booth, lane := fmt.Sprintf("0%d", i%3+1), kiosk.Lane(i%4/3)
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			if err := tx.SaveBooth(ctx, sqldb.Booth{ID: booth, Name: "Booth " + booth}); err != nil {
				return err
			}
			s, err := tx.LockStream(ctx, booth, kiosk.Stream{Epoch: kiosk.ID{1}, Lane: lane})
			if err != nil {
				return err
			}
			streams[booth+lane.String()] = s
			b := &sqldb.Batch{Booth: booth, Lane: lane, Stream: s.ID, First: heads[s.ID] + 1, Received: int64(1000 * (i/2 + 1)), Root: make([]byte, 32)}
			for n := range size {
				b.Records = append(b.Records, sqldb.Record{Kind: []string{"a.b", "c.d", ""}[n%3], Raw: fmt.Appendf(nil, "%s %d %d", booth, lane, b.First+uint64(n))})
			}
			if _, err := tx.AppendBatch(ctx, b); err != nil {
				return err
			}
			for _, r := range b.Records {
				log = append(log, laid{int64(len(log) + 1), booth, lane, r.Kind, b.Received, r.Raw})
			}
			heads[s.ID] += uint64(size)
			return nil
		})
	}
	seal(t, db)
	return log, streams
}

// seal lets everything that is committed be read.
func seal(t testing.TB, db *sqldb.DB) {
	t.Helper()
	if _, err := db.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func positions(t *testing.T, db *sqldb.DB) {
	log, _ := fill(t, db)
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		last, err := tx.LastPos(ctx)
		if last != int64(len(log)) {
			t.Errorf("the last position is %d, want %d", last, len(log))
		}
		return err
	})
	for i, l := range log {
		if i%50 == 0 {
			view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				r, err := tx.Row(ctx, l.pos)
				if err == nil && (!bytes.Equal(r.Raw, l.raw) || r.Kind != l.kind || r.Received != l.received) {
					t.Errorf("row %d: %+v, want %+v", l.pos, r, l)
				}
				return err
			})
		}
	}
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if _, err := tx.Row(ctx, int64(len(log)+1)); !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("the row behind the last: %v", err)
		}
		return nil
	})
}

func ranges(t *testing.T, db *sqldb.DB) {
	log, streams := fill(t, db)
	for name, s := range streams {
		var all [][]byte
		for _, l := range log {
			if l.booth+l.lane.String() == name {
				all = append(all, l.raw)
			}
		}
		for _, r := range [][2]int{{1, 1}, {1, len(all)}, {2, 3}, {len(all), len(all)}, {len(all) / 2, len(all)}, {5, 12}} {
			lo, hi := max(r[0], 1), min(r[1], len(all))
			if lo > hi {
				continue
			}
			view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				got, err := tx.Stored(ctx, s, uint64(lo), uint64(hi))
				if !slices.EqualFunc(got, all[lo-1:hi], bytes.Equal) {
					t.Errorf("stream %s, %d to %d: %d records", name, lo, hi, len(got))
				}
				return err
			})
		}
	}
}

func logAgrees(t *testing.T, db *sqldb.DB) {
	log, _ := fill(t, db)
	urgent := kiosk.LaneUrgent
	for _, booth := range []string{"", "02", "99"} {
		for _, kind := range []kiosk.Kind{"", "c.d", "no.such"} {
			for _, lane := range []*kiosk.Lane{nil, &urgent} {
				for _, span := range [][2]int64{{0, 0}, {2000, 0}, {0, 4000}, {2000, 4000}, {2001, 2002}} {
					for _, backward := range []bool{false, true} {
						q := kiosk.LogQuery{Booth: booth, Kind: kind, Lane: lane, Since: sqldb.Time(span[0]), Until: sqldb.Time(span[1]), Backward: backward, Limit: 37}
						q.After, q.Before = 5, 400
						logAgreesOn(t, db, log, q)
					}
				}
			}
		}
	}
}

func logAgreesOn(t *testing.T, db *sqldb.DB, log []laid, q kiosk.LogQuery) {
	t.Helper()
	var want, got []int64
	for _, l := range log {
		if (q.Booth == "" || q.Booth == l.booth) && (q.Kind == "" || string(q.Kind) == l.kind) && (q.Lane == nil || *q.Lane == l.lane) &&
			(q.Since.IsZero() || l.received >= sqldb.Millis(q.Since)) && (q.Until.IsZero() || l.received < sqldb.Millis(q.Until)) &&
			l.pos > q.After && l.pos < q.Before {
			want = append(want, l.pos)
		}
	}
	if q.Backward {
		slices.Reverse(want)
	}
	want = want[:min(len(want), q.Limit)]
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		rows, err := tx.Log(ctx, q)
		for _, r := range rows {
			got = append(got, r.Pos)
		}
		return err
	})
	if !slices.Equal(got, want) {
		t.Errorf("%+v:\n got %v\nwant %v", q, got, want)
	}
}

func wholeTransactions(t *testing.T, db *sqldb.DB) {
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
					last, err := tx.LastPos(ctx)
					if last%50 != 0 {
						t.Errorf("a reader sees %d records", last)
					}
					return err
				})
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			seal(t, db)
		}
	})
	for i := range 20 {
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			if err := tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x"}); err != nil {
				return err
			}
			s, err := tx.LockStream(ctx, "07", kiosk.Stream{})
			if err != nil {
				return err
			}
			_, err = tx.AppendBatch(ctx, &sqldb.Batch{Booth: "07", Stream: s.ID, First: uint64(50*i + 1), Root: make([]byte, 32),
				Records: slices.Repeat([]sqldb.Record{{Kind: "a.b", Raw: []byte("x")}}, 50)})
			return err
		})
	}
	close(stop)
	wg.Wait()
}
