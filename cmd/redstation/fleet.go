package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/fleet"
)

type fleetCmd struct {
	Booths  int           `default:"23" placeholder:"N" help:"How many booths (default: ${default})."`
	Days    int           `default:"30" placeholder:"N" help:"How many days they live through (default: ${default})."`
	Day     time.Duration `default:"1s" placeholder:"TIME" help:"How long a day takes; in a storm the days have passed before it begins (default: ${default})."`
	Records int           `default:"200" placeholder:"N" help:"Records of a booth in a day (default: ${default})."`
	Urgent  float64       `default:"0.01" placeholder:"SHARE" help:"Share of the records that are urgent, 0 to 1 (default: ${default})."`
	Outage  string        `enum:"none,daily,storm" default:"daily" help:"How lines fail: none; daily: each once a day, for 5 to 50 % of it; storm: all days pass with no line, then all booths start at once (default: ${default})."`
	Spread  time.Duration `default:"0s" placeholder:"TIME" help:"Each booth first calls at a random moment within this time, as booths do after a power cut; urgent records do not wait (default: ${default})."`
	Drain   time.Duration `default:"3m" placeholder:"TIME" help:"How long it may take until everything is acknowledged once the lines are back (default: ${default})."`
	Book    string        `enum:"memory,disk" default:"memory" help:"Where booths keep their books: memory, so that the machine's time goes to the hub as if each booth had a machine of its own; disk: the real books, fsynced, in --dir."`
	Seed    uint64        `default:"1" placeholder:"N" help:"Decides what happens (default: ${default})."`
	Dir     string        `placeholder:"DIR" help:"An empty folder for the hub's data and the books, which stay there (default: a temporary one, removed at the end)."`
	DB      string        `name:"db" placeholder:"DSN" help:"The hub's store, as in redstation hub --db. A PostgreSQL database must be empty: the hub's keys are new in each run."`
	Hubs    int           `default:"1" placeholder:"N" help:"How many hub processes serve one PostgreSQL (--db), behind a small balancer (default: ${default})."`
	Kill    time.Duration `placeholder:"TIME" help:"Kill one hub (SIGKILL) each time that this has passed, all but the first in turn, or the only one, and start it again half of that later, until everything is acknowledged (default: none is killed)."`
	Hub     string        `placeholder:"URL" help:"Use this hub instead of one of its own. --hub-data names its data folder."`
	HubData string        `placeholder:"DIR" help:"Data folder of --hub: booths are invited and a token is made there, beside the running hub."`
}

// Help says what is simulated, and how honestly.
func (fleetCmd) Help() string {
	return `Each booth has its own key, book, agent and connections; the hub is a process of its own. Only the devices are missing, and
the days are short. A puller follows the log meanwhile. At the end everything is compared, the figures are printed as one
table, and the status is not zero where a record was lost, doubled, skipped or left behind.

  redstation fleet                                                  23 booths, 30 days, half of it with bad lines
  redstation fleet --booths 1000 --days 1 --outage storm            a city comes back from a power cut
  redstation fleet --booths 10000 --days 1 --records 12 --outage storm --spread 2m
  redstation fleet --booths 1000 --days 20 --records 20 --db postgres://hub@/fleet --hubs 3 --kill 4s

How long an urgent record took is counted from when its booth had written it and had a line until the booth had noted the
acknowledgement. All booths share this machine's processors with the hub, and where thousands start in one moment most of
that time is their own: so it also says how long the hub itself took, from the first byte that reached it to the answer.

What is written is invented. A hub that is in use keeps the invented booths and their records: use one made for it.`
}

// Run makes the fleet, lets it live and prints the table.
func (f *fleetCmd) Run(ctx context.Context, c *cli, out console, v daemon.Version) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	conns, err := connections(f.Booths, f.Hubs)
	if err != nil {
		return err
	}
	dir, clean, err := f.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clean()) }()
	log := daemon.Logger(out.Err, c.level(slog.LevelError))
	city := &fleetHub{dir: filepath.Join(dir, "hub"), db: f.DB, n: f.Hubs, url: f.Hub, log: log, version: v}
	if f.Hub != "" {
		city.dir = f.HubData
	}
	if err := city.start(ctx, f.Hub == ""); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, city.stop()) }()
	bar := newBar(out.Err)
	sim := fleet.New(fleet.Config{Booths: f.Booths, Days: f.Days, Day: f.Day, Records: f.Records, Urgent: f.Urgent,
		Outage: fleet.Outage(f.Outage), Spread: f.Spread, Drain: f.Drain, Conns: conns, Seed: f.Seed,
		Name: f.namer(), Invite: city.invite, Open: f.opener(dir, log), Progress: bar.show, Calm: city.kills.calm, Log: log})
	defer func() { err = errors.Join(err, sim.Close()) }()
	r, err := f.live(ctx, sim, city)
	bar.clear()
	if err != nil {
		return err
	}
	f.print(out.Out, &r, city, conns)
	if broken := r.Broken(); broken != "" {
		return fmt.Errorf("fleet with seed %d: %s", f.Seed, broken)
	}
	return nil
}

// lived is what the days came to.
type lived struct {
	fleet.Result
	atHub histogram     // how long the hubs took for alarms
	own   time.Duration // processor time of this process, from the start of the days
}

// live enrols the booths, starts the hub anew, so that its figures are those of the
// days alone, and lets the days pass.
func (f *fleetCmd) live(ctx context.Context, sim *fleet.Fleet, city *fleetHub) (l lived, err error) {
	token, err := city.token(ctx)
	if err != nil {
		return l, err
	}
	if err := sim.Enrol(ctx); err != nil {
		return l, err
	}
	if err := city.restart(ctx); err != nil {
		return l, err
	}
	if f.Kill > 0 {
		city.kills.begin(ctx, city.hubs, f.Kill)
	}
	begin := ownTime()
	if l.Result, err = sim.Run(ctx, city.url, token); err != nil {
		return l, errors.Join(err, city.stop())
	}
	l.own = ownTime() - begin
	l.atHub, err = urgentAt(ctx, city.urls(), city.peek)
	return l, errors.Join(err, city.stop())
}

// check refuses what cannot be simulated.
func (f *fleetCmd) check() error {
	switch {
	case f.Booths < 1 || f.Booths > 100_000:
		return usageError{fmt.Errorf("--booths %d: give 1 to 100000", f.Booths)}
	case f.Days < 1 || f.Records < 1 || f.Days*f.Records > 1_000_000:
		return usageError{fmt.Errorf("--days %d, --records %d: give at least 1 of each, and no booth more than a million records", f.Days, f.Records)}
	case f.Day < 10*time.Millisecond:
		return usageError{fmt.Errorf("--day %s: give at least 10ms", f.Day)}
	case f.Urgent < 0 || f.Urgent > 1:
		return usageError{fmt.Errorf("--urgent %g: give a share between 0 and 1", f.Urgent)}
	case f.Spread < 0 || f.Drain <= f.Spread:
		return usageError{fmt.Errorf("--drain %s: give more than --spread, which is %s", f.Drain, f.Spread)}
	case f.Hubs < 1 || f.Hubs > 16:
		return usageError{fmt.Errorf("--hubs %d: give 1 to 16", f.Hubs)}
	case f.Hubs > 1 && !onPostgres(f.DB):
		return usageError{errors.New("--hubs: several hubs need one PostgreSQL: give --db postgres://USER@HOST/DATABASE")}
	case f.Kill != 0 && f.Kill < 200*time.Millisecond:
		return usageError{fmt.Errorf("--kill %s: give at least 200ms", f.Kill)}
	case f.Hub != "" && (f.Hubs > 1 || f.Kill > 0 || f.DB != ""):
		return usageError{errors.New("--hub names a hub that runs already: --db, --hubs and --kill are for hubs of the fleet's own")}
	case (f.Hub == "") != (f.HubData == ""):
		return usageError{errors.New("--hub and --hub-data go together: the booths are invited in the hub's data folder")}
	}
	return nil
}

// onPostgres reports whether a store is PostgreSQL.
func onPostgres(dsn string) bool { return strings.HasPrefix(dsn, "postgres") }

// folder returns where the run keeps its files and how to clean up after it.
func (f *fleetCmd) folder() (string, func() error, error) {
	if f.Dir == "" {
		dir, err := os.MkdirTemp("", "redstation-fleet-")
		if err != nil {
			return "", nil, fmt.Errorf("make a temporary folder: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	have, err := os.ReadDir(f.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", nil, fmt.Errorf("--dir: %w", err)
	}
	if len(have) > 0 {
		return "", nil, fmt.Errorf("--dir %s is not empty: name one that is, or that is not there yet", f.Dir)
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("--dir: %w", err)
	}
	return f.Dir, func() error { return nil }, nil
}

// namer returns how booths are called. At a hub that is not the fleet's own they
// must not meet those of an earlier run.
func (f *fleetCmd) namer() func(int) string {
	if f.Hub == "" {
		return func(i int) string { return fmt.Sprintf("%05d", i+1) }
	}
	run := rand.N(uint32(1 << 20))
	return func(i int) string { return fmt.Sprintf("f%05x-%05d", run, i+1) }
}

// opener returns how a booth gets its book.
func (f *fleetCmd) opener(dir string, log *slog.Logger) func(context.Context, string, kiosk.Enrolment) (fleet.Book, error) {
	if f.Book == "memory" {
		return func(_ context.Context, id string, _ kiosk.Enrolment) (fleet.Book, error) {
			return fleet.NewMemory(id), nil
		}
	}
	begin := time.Now()
	return func(ctx context.Context, id string, e kiosk.Enrolment) (fleet.Book, error) {
		book, err := sqlite.Open(ctx, filepath.Join(dir, "booth-"+id), fleetClock{begin}, sqlite.Opts{Log: log})
		if err != nil {
			return nil, err
		}
		if err := book.Enrol(ctx, e); err != nil {
			return nil, errors.Join(err, book.Close())
		}
		return book, nil
	}
}

// fleetClock is the machine's clock, trusted.
type fleetClock struct{ begin time.Time }

func (c fleetClock) Read() kiosk.Reading {
	now := time.Now()
	return kiosk.Reading{Wall: now, Since: now.Sub(c.begin), State: kiosk.ClockNTP}
}
