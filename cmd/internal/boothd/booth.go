package boothd

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/hardware/board"
	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/web"
	"redstation/web/touch"
)

// Config says which booth to assemble. Data and Addr are required.
type Config struct {
	Data      string           // folder of the book and the booth's key; made where missing
	Addr      string           // HOST:PORT of the touch screen
	Printer   string           // DSN; "" = "none:"
	Door      string           // DSN; "" = "none:"
	Scanner   string           // DSN; "" = "none:"
	Night     kiosk.Night      // when nobody should open the door; zero = never
	Climate   string           // DSN of a sensor of the booth's air; "" = "none:"
	Light     string           // DSN of the help light; "" = "none:"
	Buzzer    string           // DSN; "" = "none:"
	Power     string           // DSN of the supply's line; "" = "none:"
	Grace     time.Duration    // the booth stops when the mains were away for so long; 0 = 30 s
	PowerCmd  string           // command line that Close ends with after that; "" = none
	ScreenOn  string           // command line that lights the panel; "" = the panel is always lit
	ScreenOff string           // command line that puts it out
	Away      time.Duration    // nobody was there for so long, and the panel goes dark; 0 = 10 min
	Catalogue *kiosk.Catalogue // what the booth offers; nil = the embedded content pack
	OwnPack   bool             // the city's content pack does not take the catalogue's place
	Hub       string           // reach the hub here, whatever the enrolment says; "" = where it says
	Line      LineFiles        // certificates of the line to the hub
	Zone      *time.Location   // of the city; nil = UTC
	Voice     string           // folder of clips that count before the program's own; "" = none
	Diagonal  float64          // of the panel, in inches, until staff set another on the screen; 0 = 10.1
	FirstRun  bool             // a booth on which nothing has been set asks for it on its screen
	Stick     string           // folder where a USB stick shows up, with enrol.txt for the first run; "" = none
	// FirstContact spreads the first contact after a boot of the machine over so
	// long, so that a city does not call at once after a power cut.
	FirstContact time.Duration
	Spool        kiosk.SpoolOpts // how long slips wait for the printer
	Version      daemon.Version
	Log          *slog.Logger // nil = none
}

// Booth is an assembled booth.
type Booth struct {
	log          *slog.Logger
	ring         *daemon.Ring
	version      string
	dir          string
	hub          string
	firstContact time.Duration
	line         agent.Line

	release  func() error
	listener net.Listener
	clock    *Clock
	book     *sqlite.DB
	key      ed25519.PrivateKey
	printer  *lazyPrinter
	pulse    *pulse
	door     lazyDoor
	scanner  lazyScanner
	board    *board.Board
	light    *lazyBeacon
	buzzer   *lazyBeacon
	power    lazyPower
	panel    panel
	kiosk    *kiosk.Booth
	screen   http.Handler

	intake     intake
	shelf      shelf
	tying      sync.Once
	ties       *agent.Ties                     // once the booth is enrolled
	enrolment  atomic.Pointer[kiosk.Enrolment] // nil: not enrolled
	invitation string                          // to be tried while the booth runs
	invited    bool                            // one was given at the start
	enrolling  sync.Mutex                      // one string at a time, while the booth serves
	joined     chan struct{}                   // closed once the booth is enrolled
	install    *installer                      // nil: no first run

	powerCmd    board.Command
	powerFailed bool // that is why Run returned
}

// Open assembles the booth, and writes nothing but its own folder. The errors are
// one line each that says what to do.
func Open(ctx context.Context, c Config) (*Booth, error) {
	b := &Booth{version: c.Version.Name, dir: c.Data, hub: c.Hub, firstContact: c.FirstContact,
		ring: daemon.NewRing(linesKept, "request served"), joined: make(chan struct{})}
	next := slog.DiscardHandler
	if c.Log != nil {
		next = c.Log.Handler()
	}
	b.log = slog.New(b.ring.Handler(next))
	if err := b.open(ctx, c); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// open begins with what a person may have mistyped, so that a mistake is told
// before anything is made.
func (b *Booth) open(ctx context.Context, c Config) error {
	var err error
	if c.Catalogue == nil {
		if c.Catalogue, err = catalog.Default(); err != nil {
			return err
		}
	}
	if b.line, err = c.Line.load(); err != nil {
		return err
	}
	if b.listener, err = daemon.Listen(c.Addr); err != nil {
		return err
	}
	if err := b.openDevices(c); err != nil {
		return err
	}
	b.pulse = newPulse(b.printer)
	if b.release, err = daemon.Claim(c.Data); err != nil {
		return err
	}
	b.clock = NewClock(c.Version.Built, c.Data, b.log)
	if b.book, err = sqlite.Open(ctx, c.Data, b.clock, sqlite.Opts{Log: b.log, BootID: b.clock.BootID()}); err != nil {
		return err
	}
	if err := b.recallHub(ctx); err != nil {
		return err
	}
	if b.key, err = agent.LoadKey(c.Data); err != nil {
		return err
	}
	e, enrolled, err := b.book.Enrolment(ctx)
	if err != nil {
		return err
	}
	if enrolled {
		b.belongs(e)
	}
	settings, err := b.book.Settings(ctx)
	if err != nil {
		return err
	}
	b.kiosk, err = kiosk.New(kiosk.Deps{Book: b.book, Clock: b.clock, Catalogue: c.Catalogue, Zone: c.Zone, Night: c.Night,
		Light: b.light, Buzzer: b.buzzer, Settings: settings,
		Preview: b.printer, Shelf: &b.shelf, Log: b.log, Enrolment: b.enrolment.Load(), Spool: c.Spool, Roll: b.printer.roll(), Key: b.key})
	if err != nil {
		return err
	}
	b.intake.fixed, b.intake.own = c.OwnPack, c.Catalogue
	if err := b.openIntake(ctx); err != nil { // it is tried again while the booth serves
		b.log.ErrorContext(ctx, "feeds not opened", slog.Any("err", err))
	}
	o := touch.Opts{DiagonalInch: c.Diagonal, Sim: b.simulated(), Inspector: inspector{b}, Log: b.log,
		Scanner: !isNone(b.scanner.dsn), Wedge: b.scanner.wedge()}
	if c.Voice != "" {
		o.Voice = os.DirFS(c.Voice)
	}
	if c.FirstRun {
		b.install = newInstaller(b, c)
		o.Installer = b.install
	}
	b.screen, err = touch.New(b.kiosk, o)
	return err
}

// URL returns where the touch screen is served.
func (b *Booth) URL() string { return "http://" + b.listener.Addr().String() }

// Run serves until ctx ends or the mains failed, and everything that runs has ended.
// n is told when the booth is ready and when it stops.
func (b *Booth) Run(ctx context.Context, n *daemon.Notifier) error {
	if err := b.kiosk.Start(context.WithoutCancel(ctx), b.version); err != nil {
		return fmt.Errorf("note the start: %w", err)
	}
	b.log.InfoContext(ctx, "booth opened", slog.String("booth", b.kiosk.ID()), slog.String("url", b.URL()))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	n.Ready()
	context.AfterFunc(ctx, n.Stopping)
	b.pulse.begin()
	err := daemon.Together(ctx,
		b.serve,
		func(ctx context.Context) error { return b.kiosk.RunPrinter(ctx, b.pulse) },
		b.kiosk.RunHelp,
		func(ctx context.Context) error { return b.kiosk.RunNotices(ctx, b.countNotices) },
		func(ctx context.Context) error {
			return b.door.watch(ctx, func(e kiosk.DoorEvent) { b.noteDoor(ctx, e) })
		},
		func(ctx context.Context) error {
			return b.power.watch(ctx, func(e kiosk.PowerEvent) { b.notePower(ctx, e, stop) })
		},
		b.light.watch,
		b.buzzer.watch,
		b.runScreen,
		func(ctx context.Context) error {
			return b.board.Run(ctx, func(h kiosk.Health) { b.noteHealth(ctx, h) })
		},
		func(ctx context.Context) error { return b.scanner.watch(ctx, b.kiosk.NoteScan) },
		func(ctx context.Context) error { return n.Run(ctx, b.health) },
		b.install.run,
		b.runClock,
		b.newStorage().run,
		b.keepNight,
		b.runUplink,
		b.runIntake,
		b.bookFailure,
	)
	b.powerFailed = errors.Is(context.Cause(ctx), errPowerFailed)
	if errors.Is(err, daemon.ErrStorage) { // the book takes no more
		return err
	}
	return errors.Join(err, b.kiosk.Stop(context.WithoutCancel(ctx)))
}

// serve serves the screen once the printer's state is known: to a resident who was
// quicker, a number without paper would be promised.
func (b *Booth) serve(ctx context.Context) error {
	if b.printer.State(ctx) != kiosk.PrinterOffline {
		known, cancel := context.WithTimeout(ctx, time.Second)
		for s := range b.kiosk.Watch(known) {
			if s.Printer != kiosk.PrinterOffline {
				break
			}
		}
		cancel()
	}
	return web.Serve(ctx, b.listener, b.screen)
}

// noteDoor writes a door event; trouble with the book ends the booth elsewhere.
func (b *Booth) noteDoor(ctx context.Context, e kiosk.DoorEvent) {
	if err := b.kiosk.NoteDoor(ctx, e); err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "door event not noted", slog.Any("err", err))
	}
}

// noteHealth writes how the machine is.
func (b *Booth) noteHealth(ctx context.Context, h kiosk.Health) {
	if err := b.kiosk.NoteHealth(ctx, h); err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "health not noted", slog.Any("err", err))
	}
}

// Close releases everything that Open took, in reverse. Where the mains failed it
// then has the machine switched off.
func (b *Booth) Close() error {
	var errs []error
	if b.printer != nil {
		errs = append(errs, b.printer.Close())
	}
	if b.scanner.ok {
		errs = append(errs, b.scanner.first.Close())
	}
	b.shelf.store.Store(nil)
	if b.intake.store != nil {
		errs = append(errs, b.intake.store.Close())
	}
	if b.book != nil {
		errs = append(errs, b.book.Close())
	}
	if b.listener != nil {
		if err := b.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if b.release != nil {
		errs = append(errs, b.release())
	}
	b.powerOff()
	return errors.Join(errs...)
}
