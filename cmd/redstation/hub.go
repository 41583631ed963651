package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	qrcode "github.com/skip2/go-qrcode"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubCmd struct {
	Data string `required:"" placeholder:"DIR" help:"Folder of the hub's store and keys. Back it up: what residents wrote opens only with the keys in it."`
	DB   string `name:"db" placeholder:"DSN" help:"The store: a path, sqlite:PATH, or postgres://USER@HOST/DATABASE (default: hub.db in the data folder)."`
	URL  string `name:"url" placeholder:"URL" help:"Where booths reach the hub, such as https://hub.example.cn (default: guessed from --addr)."`
	Addr string `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"Listen here for booths and for the console (default: ${default})."`

	Serve    hubServeCmd       `cmd:"" name:"run" default:"withargs" help:"Run the hub (what redstation hub alone means)."`
	Enrol    hubEnrolCmd       `cmd:"" help:"Invite a booth: print its enrolment string, also as a QR."`
	Revoke   hubRevokeCmd      `cmd:"" help:"Refuse a booth's key from now on."`
	Attempts hubAttemptsCmd    `cmd:"" help:"List a booth's requests that failed."`
	Keys     hubKeysCmd        `cmd:"" help:"List, change, back up and restore the keys of hub and city."`
	Token    hubTokenCmd       `cmd:"" help:"Make, list and revoke API tokens."`
	Hook     hubHookCmd        `cmd:"" name:"webhook" help:"Send new records to the city's systems, and see how that goes."`
	Bring    hubImportCmd      `cmd:"" name:"import" help:"Take in the records that redstation booth export wrote to a stick."`
	Forks    hubForksCmd       `cmd:"" help:"List what was set aside because two books wrote one stream."`
	Odd      hubQuarantineCmd  `cmd:"" name:"quarantine" help:"List the records that make no sense to this program, and try them again."`
	Packs    hubPackCmd        `cmd:"" name:"pack" help:"Publish a content pack to all booths."`
	Notice   hubNoticeCmd      `cmd:"" help:"Publish, list and withdraw notices on the booths' screens."`
	Erase    hubEraseCmd       `cmd:"" help:"Erase what a record says, here and at its booth."`
	Gone     hubErasuresCmd    `cmd:"" name:"erasures" help:"List what was erased, and which booths have still to do so."`
	Keep     hubRetentionCmd   `cmd:"" name:"retention" help:"Say for how long the hub keeps what records say."`
	Print    hubFingerprintCmd `cmd:"" name:"fingerprint" help:"Print the fingerprint of the hub's key: whoever verifies an export compares it."`
	Save     hubBackupCmd      `cmd:"" name:"backup" help:"Write a backup of the store, also while the hub runs."`
	Back     hubRestoreCmd     `cmd:"" name:"restore" help:"Put a backup in the place of the store of a hub that is stopped."`
	User     hubUserCmd        `cmd:"" help:"Add, reset or disable an account of the console; prints a one-time password."`
}

// Help says where the data is.
func (hubCmd) Help() string {
	return `The hub keeps everything in the data folder: hub.db, its signing key, and the city's key that opens what residents
wrote. Make the first account before the first sign-in:

  redstation hub --data /var/lib/redstation-hub --addr :8090 --url https://hub.example.cn
  redstation hub user --data /var/lib/redstation-hub add li.na

With --db postgres://hub@db.example.cn/redstation the records are kept in PostgreSQL, and several hubs may serve one
database: each has a data folder with the same keys (copy hub.key and the city's), and a load balancer stands in front.
The user must own the database (createdb -O hub redstation). Put the password into a file that PGPASSFILE names, or into
REDSTATION_DB, not on the command line, where everybody on the machine can read it.

The other commands work while the hub runs. Give them the same --db, or set it once in the config file.`
}

// config returns what all hub commands share.
func (h *hubCmd) config(c *cli, out console, v daemon.Version) hubd.Config {
	return hubd.Config{Data: h.Data, Addr: h.Addr, DB: h.DB, URL: h.URL, Version: v, Log: c.logger(out)}
}

// tend opens the hub without serving and calls f.
func (h *hubCmd) tend(ctx context.Context, c *cli, out console, v daemon.Version, f func(*hubd.Hub) error) (err error) {
	hub, err := hubd.Tend(ctx, h.config(c, out, v))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	return f(hub)
}

type hubServeCmd struct {
	zoneFlag
	packFlag
	TLSCert      string   `name:"tls-cert" placeholder:"FILE" help:"Speak HTTPS with this certificate (PEM, with those above it). Read again when the file changes."`
	TLSKey       string   `name:"tls-key" placeholder:"FILE" help:"The certificate's key."`
	ClientCA     string   `name:"client-ca" placeholder:"FILE" help:"Refuse booths that show no certificate of one of these authorities. The console stays open to people."`
	TrustedProxy []string `placeholder:"CIDR" help:"A server in front that speaks HTTPS, such as 10.0.0.5: its X-Forwarded-For and X-Forwarded-Proto are believed, nobody else's. May be given more than once."`
	MetricsAddr  string   `placeholder:"HOST:PORT" help:"Serve the hub's figures for Prometheus here, at /metrics, to whoever reaches it: 127.0.0.1:9090 for this machine only (default: only to a token of the scope metrics, at /api/v1/metrics)."`
	backupFlags
}

// Run runs the hub.
func (s *hubServeCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) (err error) {
	cfg := h.config(c, out, v)
	cfg.Metrics = s.MetricsAddr
	if cfg.Zone, err = s.location(); err != nil {
		return err
	}
	if cfg.Catalogue, err = s.catalogue(); err != nil {
		return err
	}
	cfg.TLS = hubd.TLSFiles{Cert: s.TLSCert, Key: s.TLSKey, ClientCA: s.ClientCA}
	cfg.Proxies = s.TrustedProxy
	if cfg.Backup, err = s.opts(); err != nil {
		return err
	}
	hub, err := hubd.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	return hub.Run(ctx, daemon.NewNotifier(os.Getenv, os.Getpid(), cfg.Log))
}

type hubEnrolCmd struct {
	Booth string `required:"" placeholder:"ID" help:"The booth's id, such as 07: it begins every request number."`
	Name  string `required:"" placeholder:"NAME" help:"The booth's name on screens and slips, such as 北山街道."`
}

// Run prints the enrolment string on standard output, and for people its QR on
// standard error.
func (e *hubEnrolCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if hub.URL() == "" {
			return errors.New("it is not known where booths reach this hub: say it with --url http://HOST:PORT")
		}
		invitation, err := hub.CreateEnrolment(ctx, e.Booth, e.Name, hub.URL())
		if err != nil {
			return err
		}
		qr, err := qrcode.New(invitation, qrcode.Low)
		if err != nil {
			return fmt.Errorf("draw the QR: %w", err)
		}
		fmt.Fprintf(out.Err, "Booth %s (%s) is invited to %s. The string works once, within 24 hours:\n\n", e.Booth, e.Name, hub.URL())
		fmt.Fprintln(out.Out, invitation)
		fmt.Fprintf(out.Err, "\n%s\nredstation booth --data DIR --enrol-file FILE   (the file holds the string)\n", qr.ToSmallString(false))
		return nil
	})
}

type hubUserCmd struct {
	Deed string `arg:"" enum:"add,reset,disable" help:"add an account, reset its password (and enable it), or disable it."`
	Name string `arg:"" help:"The account's name."`
}

// Run prints the one-time password on standard output.
func (u *hubUserCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		var password string
		var err error
		switch u.Deed {
		case "add":
			password, err = hub.AddAccount(ctx, u.Name)
		case "reset":
			password, err = hub.ResetAccount(ctx, u.Name)
		case "disable":
			if err = hub.DisableAccount(ctx, u.Name); err == nil {
				fmt.Fprintf(out.Err, "%s can no longer sign in, and all sessions have ended.\n", u.Name)
			}
			return err
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "One-time password of %s, shown this once; the console asks for a new one:\n", u.Name)
		_, err = fmt.Fprintln(out.Out, password)
		return err
	})
}
