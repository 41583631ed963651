package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

//go:embed feeds/*.sql
var feedSteps embed.FS

// FeedName is the file of the city's feeds in the data folder.
const FeedName = "feed.db"

// FeedDB holds what the booth has of the city's feeds. It lies in a file of its own,
// because it is worth nothing: whatever is wrong with it, the file is thrown away
// and fetched again, and the book beside it is never touched. So its commits need
// not be on the disk when they return (synchronous=NORMAL): after a power cut it may
// be a little older, with cursors that say so. One exception is an erasure, which is
// brought to the disk and out of the journal before it counts as done.
type FeedDB struct {
	db  *sql.DB
	log *slog.Logger

	mu    sync.Mutex // one change at a time; guards what follows
	lease kiosk.Lease
	noted time.Time // the contact that was written down last
}

const feedPragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
	"&_pragma=secure_delete(1)&_pragma=trusted_schema(0)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-2000)" +
	"&_pragma=wal_autocheckpoint(1000)&_pragma=journal_size_limit(8388608)&_pragma=cell_size_check(1)&_txlock=immediate&_dqs=0"

// OpenFeeds opens the feeds in dir, which belong to owner: a name that changes with
// the booth's id and its hub. Feeds of another owner, of a newer program, or in a
// file that is damaged are thrown away.
func OpenFeeds(ctx context.Context, dir, owner string, log *slog.Logger) (*FeedDB, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	path := filepath.Join(dir, FeedName)
	f := &FeedDB{log: log}
	err := f.open(ctx, path, owner)
	if err == nil {
		return f, nil
	}
	log.WarnContext(ctx, "feeds thrown away and fetched anew", "err", err)
	if err := errors.Join(f.Close(), removeDatabase(path)); err != nil {
		return nil, fmt.Errorf("throw feeds away: %w", err)
	}
	f = &FeedDB{log: log}
	if err := f.open(ctx, path, owner); err != nil {
		return nil, fmt.Errorf("open feeds %s: %w", path, errors.Join(err, f.Close()))
	}
	return f, nil
}

func removeDatabase(path string) error {
	var errs []error
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

var errOtherOwner = errors.New("they belong to another booth or hub")

func (f *FeedDB) open(ctx context.Context, path, owner string) error {
	var err error
	escaped := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
	if f.db, err = sql.Open("sqlite", "file:"+escaped+"?mode=rwc&"+feedPragmas); err != nil {
		return err
	}
	f.db.SetMaxOpenConns(1)
	if err := f.db.PingContext(ctx); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	steps, err := fs.Sub(feedSteps, "feeds")
	if err != nil {
		return err
	}
	if err := migrate.Apply(ctx, f.db, steps, f.log); err != nil {
		return err
	}
	var verdict string
	if err := f.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil || verdict != "ok" {
		return errors.Join(fmt.Errorf("the file is damaged: %s", verdict), err)
	}
	if _, err := f.db.ExecContext(ctx, `INSERT INTO lease (only, owner, boot, since_ns, used_ns, contact_ms, floor_ms)
VALUES (1, $1, $2, 0, 0, 0, 0) ON CONFLICT DO NOTHING`, owner, make([]byte, 16)); err != nil {
		return err
	}
	have := ""
	if have, f.lease, err = f.readLease(ctx); err == nil && have != owner {
		err = errOtherOwner
	}
	return err
}

// Close closes the file.
func (f *FeedDB) Close() error {
	if f.db == nil {
		return nil
	}
	return f.db.Close()
}

// Cursors returns how far each feed has been carried out. A feed that is missing is
// at 0.
func (f *FeedDB) Cursors(ctx context.Context) (map[kiosk.Feed]uint64, error) {
	rows, err := f.db.QueryContext(ctx, `SELECT feed, ver FROM cursor`)
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", err)
	}
	defer rows.Close()
	out := map[kiosk.Feed]uint64{}
	for rows.Next() {
		var feed kiosk.Feed
		var ver uint64
		if err := rows.Scan(&feed, &ver); err != nil {
			return nil, fmt.Errorf("read cursors: %w", err)
		}
		out[feed] = ver
	}
	return out, rows.Err()
}

// Apply takes in the items that follow on version after, and moves the cursor to the
// last of them, in one transaction. Where the cursor is not at after, somebody else
// was here: nothing is changed, and the error has CodeConflict.
func (f *FeedDB) Apply(ctx context.Context, feed kiosk.Feed, after uint64, items []kiosk.Item) error {
	if len(items) == 0 {
		return nil
	}
	return f.change(ctx, items, func(tx *sql.Tx) error {
		var at uint64
		err := tx.QueryRowContext(ctx, `SELECT ver FROM cursor WHERE feed = $1`, feed).Scan(&at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if at != after {
			return kiosk.Errorf(kiosk.CodeConflict, "error.internal", "feed %s is at %d, not at %d", feed, at, after)
		}
		if err := putItems(ctx, tx, feed, items); err != nil {
			return err
		}
		return setCursor(ctx, tx, feed, items[len(items)-1].Ver)
	})
}

// Replace makes items all that the feed has in a bucket.
func (f *FeedDB) Replace(ctx context.Context, feed kiosk.Feed, bucket int, items []kiosk.Item) error {
	return f.change(ctx, items, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM item WHERE feed = $1 AND bucket = $2`, feed, bucket); err != nil {
			return err
		}
		if err := putItems(ctx, tx, feed, items); err != nil {
			return err
		}
		return nil
	})
}

// Settle moves the cursor, also backwards, after all buckets were compared. What was
// erased may have gone with them without a tombstone, so the journal is emptied.
func (f *FeedDB) Settle(ctx context.Context, feed kiosk.Feed, ver uint64) error {
	if err := f.change(ctx, nil, func(tx *sql.Tx) error { return setCursor(ctx, tx, feed, ver) }); err != nil {
		return err
	}
	return scrubFile(ctx, f.db, "item")
}

// change commits one change. Where an item was erased, nothing of it is in the file
// or its journal afterwards, durably.
func (f *FeedDB) change(ctx context.Context, items []kiosk.Item, run func(*sql.Tx) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("change feeds: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if err := run(tx); err != nil {
		return fmt.Errorf("change feeds: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("change feeds: %w", err)
	}
	for i := range items {
		if items[i].Op == kiosk.ItemErase {
			return scrubFile(ctx, f.db, "item")
		}
	}
	return nil
}

func putItems(ctx context.Context, tx *sql.Tx, feed kiosk.Feed, items []kiosk.Item) error {
	put, err := tx.PrepareContext(ctx, `INSERT INTO item (feed, bucket, type, id, ver, op, min_version, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (feed, bucket, type, id) DO UPDATE SET ver = excluded.ver, op = excluded.op, min_version = excluded.min_version,
	body = excluded.body WHERE excluded.ver > item.ver`)
	if err != nil {
		return err
	}
	defer put.Close() //nolint:errcheck // the transaction says whether all went well
	for i := range items {
		i := &items[i]
		if _, err := put.ExecContext(ctx, feed, i.Bucket(), i.Type, i.ID, int64(i.Ver), i.Op, int64(i.MinVersion), i.Body); err != nil {
			return err
		}
	}
	return nil
}

func setCursor(ctx context.Context, tx *sql.Tx, feed kiosk.Feed, ver uint64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cursor (feed, ver) VALUES ($1, $2)
ON CONFLICT (feed) DO UPDATE SET ver = excluded.ver`, feed, int64(ver))
	return err
}
