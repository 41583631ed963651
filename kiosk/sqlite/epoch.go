package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"redstation/kiosk"
)

// rolledBack is the reason for an epoch that follows on lost records: numbers then
// leap, because some may have been handed out that this book does not know.
const (
	rolledBack = "rolled_back"
	leap       = 1000
)

// begin loads the writer's state, counts the boot, and settles what happened while
// the program did not run: a first start, a roll-back, a long gap.
func (w *writer) begin(ctx context.Context, bootID kiosk.ID) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	last, err := w.lastWall(ctx)
	if err != nil {
		return err
	}
	o := &op{run: func(w *writer) error {
		if err := w.countBoot(ctx, bootID); err != nil {
			return err
		}
		return w.resume(ctx, last)
	}}
	if err := w.transact([]*op{o}); err != nil {
		return err
	}
	return o.err
}

// resume brings the epoch and the service day to where they may go on.
func (w *writer) resume(ctx context.Context, last time.Time) error {
	known := w.db.witness.known
	switch {
	case w.state.n == 0:
		return w.beginEpoch(ctx, kiosk.UnenrolledBooth, "created")
	case known.rolledBack(&w.state):
		if known.Day.Peak >= w.state.day.Peak && known.Day.Date != "" {
			w.state.day = kiosk.ServiceDay{} // whatever it was: the witness knows better
			if err := w.setDay(ctx, known.Day); err != nil {
				return err
			}
		}
		w.db.requests.Store(max(w.db.requests.Load(), known.Requests))
		return w.beginEpoch(ctx, w.state.booth, rolledBack)
	}
	day := w.state.day.Resume(last, w.db.clock.Read().Wall)
	if day == w.state.day {
		return nil
	}
	if err := w.setDay(ctx, day); err != nil {
		return err
	}
	return w.note(ctx, kiosk.KindDayResumed, map[string]any{"day": day.Date, "series": day.Series})
}

// load reads the state that the last run left.
func (w *writer) load(ctx context.Context) error {
	s := &w.state
	var epoch []byte
	err := w.conn.QueryRowContext(ctx, `SELECT n, epoch, booth FROM epoch ORDER BY n DESC LIMIT 1`).Scan(&s.n, &epoch, &s.booth)
	if errors.Is(err, sql.ErrNoRows) {
		w.saved = w.state
		return nil
	}
	if err != nil {
		return fmt.Errorf("read epoch: %w", err)
	}
	s.epoch = kiosk.ID(epoch)
	for lane := range s.lanes {
		var size uint64
		if err := w.conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM record WHERE epoch = $1 AND lane = $2`, s.n, lane).Scan(&size); err != nil {
			return fmt.Errorf("read head: %w", err)
		}
		if s.lanes[lane], err = loadEdge(ctx, w.conn, s.n, kiosk.Lane(lane), size); err != nil {
			return err
		}
	}
	err = w.conn.QueryRowContext(ctx, `SELECT date, peak, series FROM service_day`).Scan(&s.day.Date, &s.day.Peak, &s.day.Series)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read service day: %w", err)
	}
	var requests int64
	if err := w.conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) FROM request`).Scan(&requests); err != nil {
		return fmt.Errorf("read last request: %w", err)
	}
	w.db.requests.Store(requests)
	if s.streams, err = w.loadStreams(ctx, s.booth); err != nil {
		return err
	}
	w.saved = w.state
	return nil
}

// lastWall returns the wall clock of the last record of the log lane.
func (w *writer) lastWall(ctx context.Context) (time.Time, error) {
	var b []byte
	err := w.conn.QueryRowContext(ctx, `SELECT header FROM record WHERE epoch = $1 AND lane = 0 ORDER BY seq DESC LIMIT 1`, w.state.n).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read last record: %w", err)
	}
	h, err := kiosk.DecodeHeader(b)
	return h.Wall(), err
}

// countBoot adds a boot where the kernel's id is not that of the last one.
func (w *writer) countBoot(ctx context.Context, id kiosk.ID) error {
	var last []byte
	var count uint64
	err := w.conn.QueryRowContext(ctx, `SELECT count, id FROM boot ORDER BY count DESC LIMIT 1`).Scan(&count, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read boot: %w", err)
	}
	if id.IsZero() {
		id = kiosk.RandomID()
	}
	if count == 0 || kiosk.ID(last) != id {
		count++
		if err := w.exec(ctx, `INSERT INTO boot (count, id) VALUES ($1, $2)`, count, id[:]); err != nil {
			return fmt.Errorf("count boot: %w", err)
		}
	}
	w.db.boot = kiosk.Boot{Count: count, ID: id}
	return nil
}

// beginEpoch starts new streams; what the old ones hold is still sent. The service
// day and the request numbers go on where nothing can have been issued before.
func (w *writer) beginEpoch(ctx context.Context, booth, why string) error {
	old := w.state
	w.state.n, w.state.epoch, w.state.booth = old.n+1, kiosk.RandomID(), booth
	w.state.lanes = [2]edge{}
	if err := w.exec(ctx, `INSERT INTO epoch (n, epoch, booth, why) VALUES ($1, $2, $3, $4)`,
		w.state.n, w.state.epoch[:], booth, why); err != nil {
		return fmt.Errorf("begin epoch: %w", err)
	}
	w.state.streams = old.streamsNow()
	if booth != old.booth { // the other booth's streams stay where they are
		var err error
		if w.state.streams, err = w.loadStreams(ctx, booth); err != nil {
			return err
		}
	}
	for _, lane := range kiosk.Lanes() {
		if err := w.exec(ctx, `INSERT INTO stream (epoch, lane, acked) VALUES ($1, $2, 0)`, w.state.n, lane); err != nil {
			return fmt.Errorf("begin stream: %w", err)
		}
		head := kiosk.Head{Stream: kiosk.Stream{Epoch: w.state.epoch, Lane: lane}}
		w.state.streams = append(w.state.streams, stream{n: w.state.n, head: head})
	}
	if why == rolledBack {
		w.db.requests.Store((w.db.requests.Load()/leap + 1) * leap)
		if err := w.setDay(ctx, w.state.day.NewSeries()); err != nil {
			return err
		}
	}
	facts := map[string]any{"why": why}
	if old.n > 0 {
		facts["before"] = old.epoch
		facts["log"], facts["urgent"] = old.lanes[kiosk.LaneLog].size, old.lanes[kiosk.LaneUrgent].size
	}
	return w.note(ctx, kiosk.KindEpochBegun, facts)
}

// note appends a record of the book's own.
func (w *writer) note(ctx context.Context, kind kiosk.Kind, facts any) error {
	j, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("facts of %s: %w", kind, err)
	}
	r := w.db.clock.Read()
	return w.append(ctx, kiosk.Draft{ID: kiosk.NewID(), Kind: kind, Schema: 1, Facts: j,
		Stamp: kiosk.Stamp{Boot: w.db.boot, Since: r.Since, Wall: r.Wall, State: r.State}})
}

// BeginEpoch starts new streams because the hub holds more than this book: it was
// rolled back.
func (d *DB) BeginEpoch(ctx context.Context, why string) error {
	d.log.WarnContext(ctx, "new epoch begun", "why", why)
	return d.do(ctx, func(w *writer) error { return w.beginEpoch(context.Background(), w.state.booth, rolledBack) })
}

// Enrol stores what ties the booth to its city, and begins its streams there: a new
// epoch each time, so that nothing is sent under a name that was used before. What a
// booth of the same id has not sent yet is still sent.
func (d *DB) Enrol(ctx context.Context, e kiosk.Enrolment) error {
	j, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode enrolment: %w", err)
	}
	before, enrolled, err := d.Enrolment(ctx)
	if err != nil {
		return err
	}
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if enrolled && !bytes.Equal(before.HubKey, e.HubKey) {
			if err := w.forget(ctx, e.Booth); err != nil {
				return err
			}
		}
		if err := w.exec(ctx, `INSERT INTO meta (key, value) VALUES ('enrolment', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, j); err != nil {
			return fmt.Errorf("store enrolment: %w", err)
		}
		if err := w.beginEpoch(ctx, e.Booth, "enrolled"); err != nil {
			return err
		}
		return w.note(ctx, kiosk.KindBoothEnrolled, map[string]any{"city_key": e.CityKeyID})
	})
}

// forget takes back what another hub has acknowledged of a booth's streams: the new
// one has none of it.
func (w *writer) forget(ctx context.Context, booth string) error {
	if err := w.exec(ctx, `UPDATE stream SET acked = 0, note = NULL WHERE epoch IN (SELECT n FROM epoch WHERE booth = $1)`, booth); err != nil {
		return fmt.Errorf("forget acknowledgements: %w", err)
	}
	if booth != w.state.booth {
		return nil // beginEpoch reads them anew
	}
	w.state.streams = slices.Clone(w.state.streams)
	for i := range w.state.streams {
		w.state.streams[i].head.Acked = 0
	}
	return nil
}

// Enrolment returns what Enrol stored, or false.
func (d *DB) Enrolment(ctx context.Context) (kiosk.Enrolment, bool, error) {
	var j []byte
	err := d.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'enrolment'`).Scan(&j)
	if errors.Is(err, sql.ErrNoRows) {
		return kiosk.Enrolment{}, false, nil
	}
	var e kiosk.Enrolment
	if err == nil {
		err = json.Unmarshal(j, &e)
	}
	if err != nil {
		return kiosk.Enrolment{}, false, fmt.Errorf("read enrolment: %w", err)
	}
	return e, true, nil
}
