package main

import (
	"context"
	"fmt"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

// backupFlags are those of a hub that backs itself up.
type backupFlags struct {
	BackupDir   string        `placeholder:"DIR" help:"Back the store up into this folder, best on another disk, while the hub runs (default: not)."`
	BackupEvery time.Duration `default:"24h" placeholder:"TIME" help:"A backup is due when the newest is so old (default: ${default})."`
	BackupKeep  int           `default:"14" placeholder:"N" help:"Keep the newest N backups (default: ${default})."`
}

func (b *backupFlags) opts() (hubd.BackupOpts, error) {
	if b.BackupEvery < time.Minute {
		return hubd.BackupOpts{}, usageError{fmt.Errorf("--backup-every %s: give a minute or more", b.BackupEvery)}
	}
	if b.BackupKeep < 1 {
		return hubd.BackupOpts{}, usageError{fmt.Errorf("--backup-keep %d: give 1 or more", b.BackupKeep)}
	}
	return hubd.BackupOpts{Dir: b.BackupDir, Every: b.BackupEvery, Keep: b.BackupKeep}, nil
}

type hubBackupCmd struct {
	To string `required:"" placeholder:"FILE" help:"The file to write; it must not be there yet."`
}

// Help says what is in a backup and what is not.
func (hubBackupCmd) Help() string {
	return `Writes the store as it is now into one file that only its owner can read, also while the hub runs. The keys are not in
it: keep them apart, or whoever finds the one has the other.

  redstation hub --data /var/lib/redstation-hub backup --to /mnt/other/hub.db

A running hub does this by itself with --backup-dir. A hub on PostgreSQL is backed up with pg_dump.`
}

// Run writes the backup.
func (b *hubBackupCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	if err := hubd.Backup(ctx, h.config(c, out, v), b.To); err != nil {
		return err
	}
	fmt.Fprintf(out.Err, "%s holds the hub's store as it is now. The keys are not in it: back them up apart.\n", b.To)
	return nil
}

type hubRestoreCmd struct {
	From string `required:"" placeholder:"FILE" help:"The backup."`
}

// Help says how to restore, and what comes back by itself.
func (hubRestoreCmd) Help() string {
	return `Puts a backup in the place of the hub's store. The hub must be stopped; what was there stays beside it under another
name. The keys must be those that the backup belongs to.

  systemctl stop redstation-hub
  redstation hub --data /var/lib/redstation-hub restore --from /mnt/other/hub.db
  systemctl start redstation-hub

What booths sent since the backup comes back by itself: a hub says how much it has, and the booths send the rest again,
as far as they still keep it. What was done at the hub itself since then (accounts, tokens, enrolments) is gone.`
}

// Run restores.
func (r *hubRestoreCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	aside, err := hubd.Restore(ctx, h.config(c, out, v), r.From, time.Now())
	if err != nil {
		return err
	}
	for _, name := range aside {
		fmt.Fprintf(out.Err, "What was there is now %s.\n", name)
	}
	fmt.Fprintf(out.Err, "%s is in place. Start the hub: the booths send again what came after it.\n", r.From)
	return nil
}
