package rig_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the booth's book

	"redstation/hardware/rig"
	"redstation/kiosk"
)

// What these tests hold: the program that a booth runs does with real devices what
// it does with simulated ones. It is built as it is shipped and runs in one
// machine, whose devices the tests play.

// patience bounds every wait. It is long because the machine is emulated, beside
// other tests; no test waits so long when all is well.
const patience = 90 * time.Second

// bite is when the machine's watchdog resets it, in seconds: the longest time that
// a Raspberry Pi's own knows.
const bite = 15

// booth is the program in the machine.
type booth struct {
	t *testing.T
	*rig.Machine
}

func TestTheBoothInItsMachine(t *testing.T) {
	need(t)
	b := boot(t)
	serial := plays(t, b.PrinterLine)
	b.begin("--printer", uartPrinter, "--scanner", usbScanner)
	b.story("a contact that bounces is one opening", (*booth).bounces)
	b.story("edges that nobody read end in the true state", (*booth).edgesLost)
	b.story("a slip leaves over the serial port", func(b *booth) { b.printsOverUART(serial) })
	b.story("a scan arrives from a keyboard that nobody else hears", (*booth).scans)
	b.story("a power cut after a number was shown does not lose it", func(b *booth) { b.losesPower("--printer", usbPrinter) })

	usb := plays(t, b.USBPrinter)
	b.story("a slip leaves over USB", func(b *booth) { b.printsOverUSB(usb) })
	b.story("paper that ends in mid-slip leaves one whole, marked slip", func(b *booth) { b.paperEnds(usb) })
	b.story("so does a cable that is pulled in mid-slip", func(b *booth) { b.cablePulled(usb) })
	b.story("a hanging program has the machine reset, and nothing is lost", (*booth).hangs)
	b.story("it ends in order when the mains fail", (*booth).mainsFail)
}

// need skips where the tools are missing, or fails where everything must be seen.
func need(t *testing.T) {
	err := rig.Ready(t.Context())
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" || os.Getenv("REQUIRE_TOOLS") == "1" {
		t.Fatalf("the machine cannot be built, and must be: %v", err)
	}
	t.Skipf("NOT TESTED: the booth on a real kernel's devices: %v", err)
}

// boot builds the program for a Pi and starts it in a new machine.
func boot(t *testing.T) *booth {
	t.Helper()
	program := filepath.Join(t.TempDir(), "redstation")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "redstation/cmd/redstation")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	began := time.Now()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	built := time.Since(began)
	m, err := rig.Boot(t.Context(), program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, err := m.Log(context.Background())
			t.Logf("the program's log: %v\n%s\nthe console:\n%s", err, log, m.Console())
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("program built in %s, machine up in %s", short(built), short(m.Booted))
	return &booth{t: t, Machine: m}
}

// begin starts the program as a booth's unit does, the door closed and the mains
// there, and arms the machine's watchdog.
func (b *booth) begin(flags ...string) {
	b.t.Helper()
	b.must(errors.Join(b.SetLine("GPIO17", false), b.SetLine("GPIO22", true)))
	began := time.Now()
	b.must(b.StartProgram(b.t.Context(), append([]string{"booth", "--data", "/data/booth", "--addr", "0.0.0.0:8080",
		"--door", "gpio:GPIO17", "--power", "gpio:GPIO22", "--power-grace", "1s"}, flags...)...))
	b.t.Logf("program ready in %s", short(time.Since(began)))
	b.must(b.ArmWatchdog(b.t.Context(), bite))
}

// story tells one story, and how long it took. After one that failed the machine
// is in no state for the next.
func (b *booth) story(name string, tell func(*booth)) {
	b.t.Helper()
	began := time.Now()
	ok := b.t.Run(name, func(t *testing.T) { tell(&booth{t, b.Machine}) })
	if !ok {
		b.t.FailNow()
	}
	b.t.Logf("%s: %s", name, short(time.Since(began)))
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

func (b *booth) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// until waits until what it asks for is so. Trouble in asking is told only when
// time is up.
func (b *booth) until(what string, so func() (bool, error)) {
	b.t.Helper()
	limit := time.Now().Add(patience)
	for {
		ok, err := so()
		if ok {
			return
		}
		if time.Now().After(limit) {
			b.t.Fatalf("%s: not after %s; last: %v", what, patience, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// record is what these tests want to know of one.
type record struct {
	kind   kiosk.Kind
	header string
	facts  []byte
}

// book returns the records that the booth has written, read from a copy of its files.
// The book itself is not asked, which would write into the copy what happens at a start.
func (b *booth) book() ([]record, error) {
	dir, err := os.MkdirTemp(b.t.TempDir(), "book")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"book.db", "book.db-wal"} {
		text, err := b.File(b.t.Context(), "/data/booth/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the second goes when the program ends in order
		}
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "book.db"))
	if err != nil {
		return nil, err
	}
	list, err := records(b.t.Context(), db)
	return list, errors.Join(err, db.Close())
}

func records(ctx context.Context, db *sql.DB) ([]record, error) {
	rows, err := db.QueryContext(ctx, `SELECT header, facts FROM record JOIN body USING (epoch, lane, seq) WHERE lane = 0 ORDER BY epoch, seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []record
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.header, &r.facts); err != nil {
			return nil, err
		}
		h, err := kiosk.DecodeHeader([]byte(r.header))
		if err != nil {
			return nil, err
		}
		r.kind = h.Kind
		list = append(list, r)
	}
	return list, rows.Err()
}
