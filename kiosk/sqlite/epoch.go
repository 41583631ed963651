package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

// rolledBack is the reason for an epoch that follows on lost records: numbers then
// leap, because some may have been handed out that this book does not know.
const (
	rolledBack = "rolled_back"
	fromDamage = "salvaged"
	leap       = 1000
)

// begin loads the writer's state, counts the boot, and settles what happened while
// the program did not run: a first start, a roll-back, a long gap.
func (w *writer) begin(ctx context.Context, bootID kiosk.ID) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	if !w.salvaged {
		if err := w.checkTails(ctx); err != nil {
			return err
		}
	}
	last, any, err := w.lastHeader(ctx)
	if err != nil {
		return err
	}
	o := &op{run: func(w *writer) error {
		if err := w.countBoot(ctx, bootID); err != nil {
			return err
		}
		if any && last.BootID != w.db.boot.ID {
			if err := w.closeBoot(ctx, last); err != nil {
				return err
			}
		}
		var wall time.Time
		if any {
			wall = last.Wall()
		}
		return w.resume(ctx, wall)
	}}
	if err := w.transact([]*op{o}); err != nil {
		return err
	}
	if o.err != nil {
		return o.err
	}
	w.saveKeep(ctx)
	if err := w.db.sweepAside(ctx, keptAside); err != nil {
		return err
	}
	if !w.db.sums.known() {
		_, err := w.checkpoint(ctx)
		return err
	}
	return nil
}

// resume brings the epoch and the service day to where they may go on.
func (w *writer) resume(ctx context.Context, last time.Time) error {
	known := w.db.witness.known
	switch {
	case w.state.n == 0 && !w.salvaged:
		return w.beginEpoch(ctx, kiosk.UnenrolledBooth, "created")
	case w.salvaged, known.rolledBack(&w.state), w.state.behind():
		if known != nil && known.Day.Peak >= w.state.day.Peak && known.Day.Date != "" {
			w.state.day = kiosk.ServiceDay{} // whatever it was: the witness knows better
			if err := w.setDay(ctx, known.Day); err != nil {
				return err
			}
		}
		if known != nil {
			w.db.requests.Store(max(w.db.requests.Load(), known.Requests))
		}
		if w.salvaged {
			return w.beginSalvaged(ctx)
		}
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
	err := w.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM damaged WHERE epoch IS NULL)`).Scan(&w.salvaged)
	if err != nil {
		return fmt.Errorf("read damaged: %w", err)
	}
	err = w.conn.QueryRowContext(ctx, `SELECT n, epoch, booth FROM epoch ORDER BY n DESC LIMIT 1`).Scan(&s.n, &epoch, &s.booth)
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
			if !w.salvaged { // its epoch is over: nothing is appended there
				return &damaged{why: "the tree of the " + kiosk.Lane(lane).String() + " lane", err: err}
			}
			s.lanes[lane] = edge{size: size}
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
	if known := w.db.witness.known; known != nil {
		if err := w.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM epoch WHERE epoch = $1)`, known.Epoch[:]).Scan(&s.heard); err != nil {
			return fmt.Errorf("look for the witness's epoch: %w", err)
		}
	}
	if s.streams, err = w.loadStreams(ctx, s.booth); err != nil {
		return err
	}
	w.saved = w.state
	return nil
}

// lastHeader returns the header of the last record of the log lane, false where
// there is none.
func (w *writer) lastHeader(ctx context.Context) (kiosk.Header, bool, error) {
	var b []byte
	err := w.conn.QueryRowContext(ctx, `SELECT header FROM record WHERE epoch = $1 AND lane = 0 ORDER BY seq DESC LIMIT 1`, w.state.n).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return kiosk.Header{}, false, nil
	}
	if err != nil {
		return kiosk.Header{}, false, fmt.Errorf("read last record: %w", err)
	}
	h, err := kiosk.DecodeHeader(b)
	return h, err == nil, err
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
	if why == rolledBack || why == fromDamage {
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
