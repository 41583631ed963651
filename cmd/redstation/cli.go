package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"redstation/cmd/internal/daemon"
)

const description = `Red Station: the software of neighbourhood service booths and of the city hub they sync to.

  See it:        redstation demo
  Run a hub:     redstation hub --data /srv/hub --addr :8090
  Add a booth:   redstation hub enrol --data /srv/hub --booth 07 --name 北山街道
  Run a booth:   redstation booth --data /srv/booth --enrol-file enrol.txt
  Pull the log:  redstation logs pull --hub http://hub:8090 --token-file token

Every flag can also be given as an environment variable (--booth-addr is REDSTATION_BOOTH_ADDR) and in
a config file (--config FILE, YAML, the flags' names as keys). The command line wins over the
environment, the environment over the file. Nothing is written outside the data folder.`

// The names of the commands that share a config file.
const (
	boothCommand  = "booth"
	doctorCommand = "doctor"
)

// runCommand is the hidden subcommand that `redstation hub` alone means.
const runCommand = "run"

// cli is the command line. Kong reads the tags.
type cli struct {
	Config   string      `placeholder:"FILE" help:"Read flags from this YAML file; its keys are the flags' names."`
	LogLevel *slog.Level `placeholder:"LEVEL" help:"Log what is at least this grave: debug, info, warn, error (default: info; demo: warn)."`

	Demo    demoCmd         `cmd:"" help:"Show everything on this machine: a hub and booths with simulated devices."`
	Booth   boothCmd        `cmd:"" help:"Run a booth."`
	Browser kioskBrowserCmd `cmd:"" name:"kiosk-browser" help:"Show a booth's screen on the panel, and keep the browser alive."`
	Hub     hubCmd          `cmd:"" help:"Run the city's hub, or tend it: enrol booths, make tokens, keep accounts."`
	Logs    logsCmd         `cmd:"" help:"Read the city's log."`
	Doctor  doctorCmd       `cmd:"" help:"Say what is wrong with this booth, and what to do about it."`
	PIN     pinCmd          `cmd:"" name:"pin" help:"Set the PIN of the staff's pages where it was forgotten."`
	Rekey   rekeyCmd        `cmd:"" help:"Give this booth a new signing key with its next contact."`
	Fleet   fleetCmd        `cmd:"" help:"Simulate a city's booths against a real hub, and prove that nothing is lost."`
	Version versionCmd      `cmd:"" help:"Print which program this is."`
}

// BeforeResolve reads the config file that the flag or the environment names.
// Kong calls it once it knows the command.
func (c *cli) BeforeResolve(k *kong.Context) error {
	name := os.Getenv("REDSTATION_CONFIG")
	for _, p := range k.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			name, _ = k.FlagValue(p.Flag).(string)
		}
	}
	if name == "" {
		return nil
	}
	f, err := readConfig(name, k)
	if err != nil {
		return err
	}
	k.AddResolver(f)
	return nil
}

// logger returns the command's logger, on standard error.
func (c *cli) logger(out console) *slog.Logger {
	return daemon.Logger(out.Err, c.level(slog.LevelInfo))
}

// level returns the level that was asked for, or the command's own.
func (c *cli) level(own slog.Level) slog.Level {
	if c.LogLevel == nil {
		return own
	}
	return *c.LogLevel
}

// zoneFlag is the flag of every command that shows times.
type zoneFlag struct {
	Zone string `default:"Asia/Shanghai" placeholder:"ZONE" help:"The city's time zone (default: ${default})."`
}

func (z zoneFlag) location() (*time.Location, error) {
	l, err := time.LoadLocation(z.Zone)
	if err != nil {
		return nil, usageError{fmt.Errorf("--zone %q is not known: write one like Asia/Shanghai", z.Zone)}
	}
	return l, nil
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(out console, v daemon.Version) error {
	_, err := fmt.Fprintln(out.Out, v)
	return err
}

// secret returns what was given as text or, better, in a file: a command line can
// be read by every user of the machine.
func secret(text, file string) (string, error) {
	if file == "" {
		return strings.TrimSpace(text), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return "", fmt.Errorf("secret file %s cannot be read (%w): name one that this user may read", file, err)
	}
	return strings.TrimSpace(string(b)), nil
}
