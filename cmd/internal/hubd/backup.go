package hubd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/sqldb"
)

// BackupOpts says whether and how often a running hub backs its store up.
type BackupOpts struct {
	Dir   string        // "" = never
	Every time.Duration // 0 = a day
	Keep  int           // the newest so many stay; 0 = 14
}

// backupForm is the name of a backup; names in their order are in the order of time.
const backupForm = "hub-20060102T150405Z.db"

// Backup writes the store of a hub, which may be running, into a file.
func Backup(ctx context.Context, c Config, to string) error {
	if err := onlySQLite(c.DB); err != nil {
		return err
	}
	return sqldb.Backup(ctx, c.DB, c.Data, to)
}

// Restore puts a backup in the place of the store of a hub that does not run, and
// returns the names of what was there before.
func Restore(ctx context.Context, c Config, from string, now time.Time) (aside []string, err error) {
	if err := onlySQLite(c.DB); err != nil {
		return nil, err
	}
	key, err := sqldb.CheckBackup(ctx, from)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(c.Data); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("data folder %s is not there: make it, and put the hub's keys into it first", c.Data)
	}
	release, err := daemon.Claim(c.Data)
	if err != nil {
		return nil, err
	}
	defer release() //nolint:errcheck // the lock goes with the process
	keys, err := hub.LoadKeys(c.Data)
	if err != nil {
		return nil, err
	}
	if have := keys.Fingerprint(); have != key {
		return nil, kiosk.Errorf(kiosk.CodeConflict, "error.hub_key",
			"backup %s belongs to the hub key with fingerprint %s, and the key in %s is %s: put the right hub.key there first", from, key, c.Data, have)
	}
	return sqldb.Restore(ctx, c.DB, c.Data, from, ".before-"+now.UTC().Format("20060102T150405Z"))
}

func onlySQLite(dsn string) error {
	if strings.HasPrefix(dsn, "postgres") {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "this hub's data is in PostgreSQL: back it up and restore it with pg_dump and pg_restore, or with your server's own archive")
	}
	return nil
}

// runBackups backs the store up whenever the newest backup is old enough, until ctx
// ends. A backup that fails is told, and tried again after an hour.
func (h *Hub) runBackups(ctx context.Context) error {
	if h.backup.Dir == "" {
		return nil
	}
	for {
		wait, err := h.backUpIfDue(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "backup not written", slog.Any("err", err))
			wait = time.Hour
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// backUpIfDue writes a backup where one is due, and returns how long to wait for the next.
func (h *Hub) backUpIfDue(ctx context.Context, now time.Time) (wait time.Duration, err error) {
	have, err := backups(h.backup.Dir)
	if err != nil {
		return 0, err
	}
	if len(have) > 0 {
		newest, err := time.Parse(backupForm, have[len(have)-1])
		if age := now.Sub(newest); err == nil && age >= 0 && age < h.backup.Every {
			return h.backup.Every - age, nil
		}
	}
	name := now.UTC().Format(backupForm)
	path := filepath.Join(h.backup.Dir, name)
	h.log.InfoContext(ctx, "backup begun", slog.String("file", name))
	if err := sqldb.Backup(ctx, h.dsn, h.dir, path); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("look at backup: %w", err)
	}
	h.log.InfoContext(ctx, "backup written", slog.String("file", name), slog.Int64("bytes", info.Size()),
		slog.String("took", time.Since(now).Round(time.Millisecond).String()))
	have = append(have, name)
	for _, old := range have[:max(0, len(have)-h.backup.Keep)] {
		if err := os.Remove(filepath.Join(h.backup.Dir, old)); err != nil {
			return 0, fmt.Errorf("delete old backup: %w", err)
		}
	}
	return h.backup.Every, nil
}

// backups returns the names of the backups in a folder, oldest first, and makes the
// folder where it is missing.
func backups(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the backups: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of the backups: %w", err)
	}
	var names []string
	for _, f := range files {
		if _, err := time.Parse(backupForm, f.Name()); err == nil {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
