package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// maxGroup is how many writes may share one commit.
const maxGroup = 256

// op is one write. Its function may run twice: once in a group, and alone after
// the group failed.
type op struct {
	run  func(*writer) error
	err  error
	done chan struct{}
}

// refusal is an error of an op that has written nothing, so that its group goes on.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// writer owns the writing connection. Its state is what the book's tables say at
// the end of the running transaction.
type writer struct {
	db    *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	state state
	saved state // as of the last commit

	commits  int  // since the start
	keepDue  bool // the second copy of the settings is old
	salvaged bool // the book was made of a damaged one, and its epoch has not begun
}

// state is the part of the book that the writer keeps in memory.
type state struct {
	booth string
	epoch kiosk.ID
	n     int64
	lanes [2]edge
	day   kiosk.ServiceDay
	heard bool // of the witness's epoch, at opening

	streams []stream // of this booth; a changed one is a changed copy
}

func newWriter(ctx context.Context, d *DB) (*writer, error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &writer{db: d, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// run takes writes until the book is closed. Those that came while the last
// commit was on its way to the disk share the next one.
func (w *writer) run() {
	defer close(w.db.done)
	defer w.close() //nolint:errcheck // nothing is open that could be lost
	for {
		select {
		case first := <-w.db.ops:
			if err := w.group(first); err != nil {
				w.db.fail(err)
				w.refuse(err)
				return
			}
		case o := <-w.db.tends:
			o.err = o.run(w)
			close(o.done)
			if fatal(o.err) {
				w.db.fail(o.err)
				w.refuse(o.err)
				return
			}
		case <-w.db.stop:
			w.last()
			return
		}
	}
}

// last brings the log into the book before it is closed.
func (w *writer) last() {
	if w.db.broken.Load() {
		return
	}
	whole, err := w.checkpoint(context.Background())
	if w.db.moved = whole; err != nil {
		w.db.log.Error("log not brought into the book", "err", err)
		w.db.fail(err)
	}
}

// refuse answers every write with the error that ended the writer, until Close.
func (w *writer) refuse(err error) {
	for {
		select {
		case o := <-w.db.ops:
			o.err = err
			close(o.done)
		case o := <-w.db.tends:
			o.err = err
			close(o.done)
		case <-w.db.stop:
			return
		}
	}
}

// group commits first and whatever else waits. The error is a commit that failed
// on its way to the disk.
func (w *writer) group(first *op) error {
	group := append(make([]*op, 0, maxGroup), first)
	for len(group) < maxGroup {
		select {
		case o := <-w.db.ops:
			group = append(group, o)
			continue
		default:
		}
		break
	}
	err := w.transact(group)
	if err != nil && len(group) > 1 && !fatal(err) {
		for _, o := range group { // one of them spoiled it: each for itself
			if alone := w.transact([]*op{o}); alone != nil {
				o.err = alone
				if fatal(alone) {
					err = alone
				}
			}
		}
	} else if err != nil {
		for _, o := range group {
			o.err = err
		}
	}
	for _, o := range group {
		if o.err = friendly(o.err); kiosk.KeyOf(o.err) == keyFull {
			w.db.tellFull()
		}
		close(o.done)
	}
	if fatal(err) {
		return err
	}
	if w.keepDue {
		w.keepDue = false
		w.saveKeep(context.Background())
	}
	if err := w.mindLog(context.Background()); fatal(err) {
		return err
	} else if err != nil {
		w.db.log.Warn("checkpoint put off", "err", err) // a full disk: the log goes on
	}
	return nil
}

// transact runs the ops in one transaction. A refusal stays with its op; any
// other error rolls all of them back.
func (w *writer) transact(group []*op) error {
	ctx := context.Background() // a commit is never given up half way
	if err := w.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, o := range group {
		o.err = o.run(w)
		var no refusal
		if o.err != nil && !errors.As(o.err, &no) {
			return w.rollback(ctx, o.err)
		}
	}
	if err := w.exec(ctx, `COMMIT`); err != nil {
		return w.rollback(ctx, fmt.Errorf("commit: %w", err))
	}
	w.publish()
	return nil
}

func (w *writer) rollback(ctx context.Context, err error) error {
	w.state = w.saved
	if again := w.exec(ctx, `ROLLBACK`); again != nil && !fatal(err) {
		w.db.log.Debug("nothing was left to roll back", "err", again) // on a full disk the engine does it by itself
	}
	return err
}

// publish makes the committed state known.
func (w *writer) publish() {
	grew := w.state.lanes[0].size != w.saved.lanes[0].size || w.state.lanes[1].size != w.saved.lanes[1].size || w.state.n != w.saved.n
	w.saved = w.state
	s := &w.saved
	w.db.view.Store(&view{booth: s.booth, epoch: s.epoch, n: s.n, streams: s.streamsNow()})
	w.db.witness.write(s, w.db.requests.Load(), w.db.log)
	if grew {
		select {
		case w.db.appended <- struct{}{}:
		default:
		}
	}
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// stmt returns a prepared statement, preparing it at its first use.
func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

// insert runs an INSERT ... ON CONFLICT DO NOTHING and reports whether it inserted.
func (w *writer) insert(ctx context.Context, query string, args ...any) (bool, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (w *writer) row(ctx context.Context, query string, args ...any) (*sql.Row, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryRowContext(ctx, args...), nil
}

// do hands a write to the writer and waits for its commit. It does not give up
// when ctx ends: the write is under way, and its outcome must be known.
func (d *DB) do(ctx context.Context, run func(*writer) error) error {
	return d.hand(ctx, d.ops, run)
}

// tend hands the writer what is no write of its own and must not share a transaction:
// checks, checkpoints, house-keeping.
func (d *DB) tend(ctx context.Context, run func(*writer) error) error {
	return d.hand(ctx, d.tends, run)
}

func (d *DB) hand(ctx context.Context, to chan<- *op, run func(*writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.broken.Load() {
		return errClosed
	}
	o := &op{run: run, done: make(chan struct{})}
	select {
	case to <- o:
	case <-d.done:
		return errClosed
	case <-d.stop:
		return errClosed
	}
	select {
	case <-o.done:
		return o.err
	case <-d.done:
	}
	select {
	case <-o.done: // it was in the last commit
		return o.err
	default:
		return errClosed
	}
}

var errClosed = kiosk.Errorf(kiosk.CodeUnavailable, "error.closing", "the book is closed")

// fatal reports whether an error says that the disk did not take what was written,
// or does not give back what it took.
func fatal(err error) bool {
	var e *driver.Error
	return broken(err) || errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_IOERR
}

// refusedRow reports whether a row breaks a rule of its table.
func refusedRow(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_CONSTRAINT
}

// keyFull is the sentence that says that the disk is full.
const keyFull = "error.disk_full"

// friendly gives a full disk the code and the words that a screen can show, and
// takes the refusal's wrapper off.
func friendly(err error) error {
	var no refusal
	if errors.As(err, &no) {
		return no.error
	}
	var e *driver.Error
	if errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_FULL {
		return kiosk.Errorf(kiosk.CodeUnavailable, keyFull, "the disk is full: %w", err)
	}
	return err
}
