package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

// Backup writes the store in dsn, as it is at this moment, into a new file that only
// its owner can read: one file, whole by itself, with no erased bytes in its free
// pages (VACUUM INTO). The hub may go on writing meanwhile. The file has its name only
// once it is on the disk. Only SQLite stores can be backed up so.
func Backup(ctx context.Context, dsn, dir, to string) error {
	path, err := pathOf(dsn, dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("database %s is not there: start the hub once", path)
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("file %s is there already: name a new one", to)
	}
	part := to + ".part"
	if err := writeBackup(ctx, path, part); err != nil {
		return errors.Join(fmt.Errorf("write backup %s: %w", to, err), removeIfThere(part))
	}
	if err := os.Rename(part, to); err != nil {
		return fmt.Errorf("write backup %s: %w", to, err)
	}
	return syncFile(filepath.Dir(to))
}

func writeBackup(ctx context.Context, path, part string) (err error) {
	if err := removeIfThere(part); err != nil {
		return err
	}
	if err := createPrivate(part); err != nil { // an empty file is taken as it is
		return err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, part); err != nil {
		return err
	}
	return syncFile(part)
}

// CheckBackup reads a whole backup, and says whether it is sound and of a version that
// this program can open. It returns the fingerprint of the hub key that it belongs to.
func CheckBackup(ctx context.Context, path string) (hubKey string, err error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("backup %s is not there: name the file", path)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil || verdict != "ok" {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.backup", "backup %s is damaged or no database: take an older one", path)
	}
	steps, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return "", err
	}
	known, err := migrate.Steps(steps)
	if err != nil {
		return "", err
	}
	var have int
	if err := db.QueryRowContext(ctx, `SELECT MAX(number) FROM migration`).Scan(&have); err != nil {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.backup", "%s is no backup of a hub", path)
	}
	if have > len(known) {
		return "", fmt.Errorf("backup %s: %w", path, migrate.ErrNewer)
	}
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'hub_key'`).Scan(&hubKey); err != nil {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.backup", "%s is no backup of a hub", path)
	}
	return hubKey, nil
}

// Restore puts a backup in the place of the store in dsn, which nobody may have open.
// What was there stays beside it, under the names that are returned: with the log of
// the newer file, the older one would be read wrong.
func Restore(ctx context.Context, dsn, dir, from, suffix string) (aside []string, err error) {
	path, err := pathOf(dsn, dir)
	if err != nil {
		return nil, err
	}
	part := path + ".part"
	if err := copyPrivate(ctx, from, part); err != nil {
		return nil, errors.Join(fmt.Errorf("copy backup %s: %w", from, err), removeIfThere(part))
	}
	for _, end := range []string{"-wal", "-shm", ""} { // the log first: it must never lie beside another file
		switch err := os.Rename(path+end, path+suffix+end); {
		case err == nil:
			aside = append(aside, path+suffix+end)
		case !errors.Is(err, fs.ErrNotExist):
			return aside, fmt.Errorf("set the old database aside: %w", err)
		}
	}
	if err := os.Rename(part, path); err != nil {
		return aside, fmt.Errorf("put the backup in place: %w", err)
	}
	return aside, syncFile(filepath.Dir(path))
}

func copyPrivate(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return out.Sync()
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFile brings a file, or the names in a folder, to the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
