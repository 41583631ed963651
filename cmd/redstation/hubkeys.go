package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/hub"
	"redstation/sync/keyfile"
)

type hubKeysCmd struct {
	List    hubKeysListCmd    `cmd:"" help:"List the keys and what each is for."`
	Rotate  hubKeysRotateCmd  `cmd:"" help:"Make the city's next key, or announce the hub's."`
	Switch  hubKeysSwitchCmd  `cmd:"" help:"Sign with the announced key from now on."`
	Backup  hubKeysBackupCmd  `cmd:"" help:"Write all keys into one file, encrypted with a passphrase."`
	Restore hubKeysRestoreCmd `cmd:"" help:"Put the keys of a backup into a folder that has none."`
}

// Help says which keys there are.
func (hubKeysCmd) Help() string {
	return `What residents write is sealed to the city's key: city-1.key, after the first change city-2.key. Booths seal to the
newest, the older ones open what was sealed before and stay. Everything the hub says is signed with hub.key.

  redstation hub keys rotate  --data /srv/hub              a new city key, told to the booths with their next contact
  redstation hub keys rotate  --data /srv/hub --signing    announce the hub's next key
  redstation hub keys switch  --data /srv/hub              sign with it, when most booths have been in contact
  redstation hub keys backup  --data /srv/hub --to keys.age
  redstation hub keys restore --data /srv/new --from keys.age

Whoever loses a city key loses everything that was sealed to it: back the keys up after each change, on two media in
two places, the passphrase apart from both. A running hub takes changes up within two seconds.`
}

type hubKeysListCmd struct{}

// Run prints a table.
func (hubKeysListCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		list, err := hub.KeyList()
		if err != nil {
			return err
		}
		return table(out, "FILE\tUSE\tMADE\tFINGERPRINT", func(line func(...any)) {
			for _, k := range list {
				line(k.File, k.Use, k.Made.UTC().Format(time.DateOnly), k.Fingerprint)
			}
		})
	})
}

type hubKeysRotateCmd struct {
	Signing bool `help:"Announce the next key that the hub signs with, instead of making a city key."`
}

// Run makes a key.
func (r *hubKeysRotateCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if !r.Signing {
			id, err := hub.RotateCityKey(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(out.Err, "city-%d.key is made, and booths seal to it after their next contact. Back the keys up now: redstation hub keys backup\n", id)
			return nil
		}
		key, fresh, err := hub.AnnounceHubKey(ctx)
		if err != nil {
			return err
		}
		if !fresh {
			fmt.Fprintf(out.Err, "A key is announced since %s: switch to it with redstation hub keys switch\n", key.Made.UTC().Format(time.DateOnly))
			return nil
		}
		fmt.Fprintf(out.Err, "%s is announced to the booths with their next contact. Back the keys up now, and once most booths have been in contact: redstation hub keys switch\n", key.File)
		return nil
	})
}

type hubKeysSwitchCmd struct{}

// Run switches to the announced key.
func (hubKeysSwitchCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.SwitchHubKey(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out.Err, "The hub signs with the new key, and the old one is gone. Booths that were away follow by themselves; enrolment strings that nobody has used are to be made anew.")
		return nil
	})
}

// passphraseFlag is how a passphrase comes in: typed, or from a file.
type passphraseFlag struct {
	PassphraseFile string `placeholder:"FILE" help:"Read the passphrase from this file instead of asking for it."`
}

// read returns the passphrase; where it is typed, and new, it is asked for twice.
func (p passphraseFlag) read(out console, fresh bool) (string, error) {
	if p.PassphraseFile != "" {
		return secret("", p.PassphraseFile)
	}
	in := int(os.Stdin.Fd())
	if !term.IsTerminal(in) {
		return "", usageError{errors.New("there is no terminal to type a passphrase at: give --passphrase-file FILE")}
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(out.Err, what)
		b, err := term.ReadPassword(in)
		fmt.Fprintln(out.Err)
		if err != nil {
			return "", fmt.Errorf("read the passphrase: %w", err)
		}
		return string(b), nil
	}
	first, err := ask("Passphrase of the backup: ")
	if err != nil || !fresh {
		return first, err
	}
	again, err := ask("Once more: ")
	if err == nil && again != first {
		err = errors.New("the two passphrases differ: nothing was written")
	}
	return first, err
}

type hubKeysBackupCmd struct {
	To   string `required:"" placeholder:"FILE" help:"The backup; it must not be there yet."`
	Work int    `default:"18" placeholder:"N" help:"How costly each guess at the passphrase is, as a power of two (default: ${default}, about a second and 256 MiB)."`
	passphraseFlag
}

// Run writes the backup.
func (b *hubKeysBackupCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	if keyfile.Exists(b.To) {
		return fmt.Errorf("%s is there already: name a file that is not", b.To)
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		passphrase, err := b.read(out, true)
		if err != nil {
			return err
		}
		var sealed bytes.Buffer
		if err := hub.BackUpKeys(ctx, &sealed, passphrase, b.Work); err != nil {
			return err
		}
		if err := keyfile.Create(b.To, sealed.String()); err != nil {
			return fmt.Errorf("write the backup: %w", err)
		}
		fmt.Fprintf(out.Err, "All keys are in %s. Keep the passphrase apart from it, and try the restore once a year (sync/README.md says how).\n", b.To)
		return nil
	})
}

type hubKeysRestoreCmd struct {
	From string `required:"" placeholder:"FILE" help:"The backup."`
	passphraseFlag
}

// Run restores a backup. It needs no database: that is restored apart.
func (r *hubKeysRestoreCmd) Run(h *hubCmd, out console) error {
	f, err := os.Open(r.From)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	sealed, err := io.ReadAll(io.LimitReader(f, 16<<20))
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	passphrase, err := r.read(out, false)
	if err != nil {
		return err
	}
	names, err := hub.RestoreKeys(h.Data, bytes.NewReader(sealed), passphrase)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintf(out.Err, "Every key of the backup is in %s already.\n", h.Data)
		return nil
	}
	for _, name := range names {
		fmt.Fprintln(out.Out, filepath.Join(h.Data, name))
	}
	fmt.Fprintf(out.Err, "%d files restored. Put hub.db beside them, or start a new hub that has these keys.\n", len(names))
	return nil
}
