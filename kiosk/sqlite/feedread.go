package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

const itemQuery = `SELECT type, id, ver, op, min_version, body FROM item WHERE feed = $1`

// walk reads items of a feed, one at a time.
func (f *FeedDB) walk(ctx context.Context, feed kiosk.Feed, query string, args []any, each func(*kiosk.Item) error) error {
	rows, err := f.db.QueryContext(ctx, query, append([]any{feed}, args...)...)
	if err != nil {
		return fmt.Errorf("read feed %s: %w", feed, err)
	}
	defer rows.Close()
	for rows.Next() {
		i := kiosk.Item{Feed: feed}
		if err := rows.Scan(&i.Type, &i.ID, &i.Ver, &i.Op, &i.MinVersion, &i.Body); err != nil {
			return fmt.Errorf("read feed %s: %w", feed, err)
		}
		if err := each(&i); err != nil {
			return err
		}
	}
	return rows.Err()
}

// all reads items of a feed.
func (f *FeedDB) all(ctx context.Context, feed kiosk.Feed, query string, args ...any) (items []kiosk.Item, err error) {
	err = f.walk(ctx, feed, query, args, func(i *kiosk.Item) error {
		items = append(items, *i)
		return nil
	})
	return items, err
}

// Items returns what a feed holds of a type and this program understands, in order
// of the versions. What an older program had to pass over is there once a newer one
// reads. The error has CodeUnavailable where the lease of personal data is over.
func (f *FeedDB) Items(ctx context.Context, feed kiosk.Feed, typ string) ([]kiosk.Item, error) {
	if l := f.Lease(); feed.Personal() && l.Over() {
		return nil, kiosk.Errorf(kiosk.CodeUnavailable, "error.offline", "feed %s: no contact with the city for too long", feed)
	}
	return f.all(ctx, feed, itemQuery+` AND type = $2 AND op = $3 AND min_version <= $4 ORDER BY ver`,
		typ, kiosk.ItemPut, kiosk.FeedFormat)
}

// Item returns what a feed holds under a name, also that it holds it no more; found is
// false where it never did, or this program does not understand it. The error has
// CodeUnavailable where the lease of personal data is over.
func (f *FeedDB) Item(ctx context.Context, feed kiosk.Feed, typ, id string) (item kiosk.Item, found bool, err error) {
	if l := f.Lease(); feed.Personal() && l.Over() {
		return item, false, kiosk.Errorf(kiosk.CodeUnavailable, "error.offline", "feed %s: no contact with the city for too long", feed)
	}
	name := kiosk.Item{Type: typ, ID: id}
	err = f.walk(ctx, feed, itemQuery+` AND bucket = $2 AND type = $3 AND id = $4 AND min_version <= $5`,
		[]any{name.Bucket(), typ, id, kiosk.FeedFormat}, func(i *kiosk.Item) error {
			item, found = *i, true
			return nil
		})
	return item, found, err
}

// Erased returns the names under which items of a type were erased. There is no
// lease on those.
func (f *FeedDB) Erased(ctx context.Context, feed kiosk.Feed, typ string) ([]string, error) {
	items, err := f.all(ctx, feed, itemQuery+` AND type = $2 AND op = $3 ORDER BY ver`, typ, kiosk.ItemErase)
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	return ids, err
}

// Sums computes the checksums of a feed from what is stored.
func (f *FeedDB) Sums(ctx context.Context, feed kiosk.Feed) (kiosk.Sums, error) {
	var sums kiosk.Sums
	err := f.walk(ctx, feed, itemQuery, nil, func(i *kiosk.Item) error {
		d, err := i.Digest()
		sums[i.Bucket()].Add(d)
		return err
	})
	return sums, err
}

// Lease returns how long there has been no contact, as it was counted last.
func (f *FeedDB) Lease() kiosk.Lease {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lease
}

// touchEvery is how often a contact is written down: more would wear the card.
const touchEvery = 10 * time.Minute

// Touch begins the lease anew after a contact.
func (f *FeedDB) Touch(ctx context.Context, boot kiosk.ID, since time.Duration, hub time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lease.Touch(boot, since, hub)
	if hub.Sub(f.noted).Abs() < touchEvery {
		return nil
	}
	f.noted = hub
	return f.saveLease(ctx)
}

// Count counts the time without contact. Where the lease is over it removes what is
// personal, for good, and reports true.
func (f *FeedDB) Count(ctx context.Context, boot kiosk.ID, r kiosk.Reading) (purged bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lease.Count(boot, r)
	if err := f.saveLease(ctx); err != nil || !f.lease.Over() {
		return false, err
	}
	return f.purge(ctx)
}

// purge removes all personal items but the erasures, which hold nothing, and lets
// their feeds be fetched from the beginning.
func (f *FeedDB) purge(ctx context.Context) (bool, error) {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("purge feeds: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	res, err := tx.ExecContext(ctx, `DELETE FROM item WHERE feed <> $1 AND op <> $2`, kiosk.FeedCity, kiosk.ItemErase)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM cursor WHERE feed <> $1`, kiosk.FeedCity)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return false, fmt.Errorf("purge feeds: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	f.log.WarnContext(ctx, "personal data purged after too long without contact", "items", n)
	return true, scrubFile(ctx, f.db, "item")
}

// Shrink gives back the room that feeds took and do not need any more: what was deleted
// or superseded leaves free pages behind, and the log stays as long as it was once.
// Nothing that the booth has of the city is lost by it. It takes, for a moment, as much
// room again as is then left; where there is none, the file stays as it was.
func (f *FeedDB) Shrink(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var free, busy, frames, moved int
	if err := f.db.QueryRowContext(ctx, `PRAGMA freelist_count`).Scan(&free); err != nil {
		return fmt.Errorf("shrink feeds: %w", err)
	}
	var errs []error
	if free > 0 {
		_, err := f.db.ExecContext(ctx, `VACUUM`)
		errs = append(errs, err)
	}
	errs = append(errs, f.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("shrink feeds: %w", err)
	}
	return nil
}

func (f *FeedDB) saveLease(ctx context.Context) error {
	l := &f.lease
	var contact int64
	if !l.Contact.IsZero() {
		contact = l.Contact.UnixMilli()
	}
	_, err := f.db.ExecContext(ctx, `UPDATE lease SET boot = $1, since_ns = $2, used_ns = $3, contact_ms = $4, floor_ms = $5`,
		l.Boot[:], int64(l.Since), int64(l.Used), contact, l.Floor.UnixMilli())
	if err != nil {
		return fmt.Errorf("note the lease: %w", err)
	}
	return nil
}

func (f *FeedDB) readLease(ctx context.Context) (owner string, l kiosk.Lease, err error) {
	var boot []byte
	var since, used, contact, floor int64
	err = f.db.QueryRowContext(ctx, `SELECT owner, boot, since_ns, used_ns, contact_ms, floor_ms FROM lease`).
		Scan(&owner, &boot, &since, &used, &contact, &floor)
	if err != nil {
		return "", l, fmt.Errorf("read the lease: %w", err)
	}
	l = kiosk.Lease{Boot: kiosk.ID(boot), Since: time.Duration(since), Used: time.Duration(used), Floor: time.UnixMilli(floor)}
	if contact != 0 {
		l.Contact = time.UnixMilli(contact)
	}
	return owner, l, nil
}
