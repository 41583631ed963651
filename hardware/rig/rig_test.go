package rig_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"redstation/hardware/rig"
	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// What these tests hold: the program that a booth runs does with real devices what
// it does with simulated ones. It is built as it is shipped and runs in one
// machine, whose devices the tests play.

// patience bounds every wait. It is long because the machine is emulated, beside
// other tests; no test waits so long when all is well.
const patience = 45 * time.Second

// booth is the program in the machine.
type booth struct {
	t *testing.T
	*rig.Machine
}

func TestTheBoothInItsMachine(t *testing.T) {
	need(t)
	b := &booth{t: t, Machine: boot(t)}
	b.story("a contact that bounces is one opening", (*booth).bounces)
	b.story("edges that nobody read end in the true state", (*booth).edgesLost)
	b.story("a hanging program has the machine reset, and nothing is lost", (*booth).hangs)
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
func boot(t *testing.T) *rig.Machine {
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
	b := &booth{t: t, Machine: m}
	began = time.Now()
	b.begin()
	t.Logf("program ready in %s", short(time.Since(began)))
	return m
}

// begin starts the program as a booth's unit does, the door closed, the machine's
// watchdog armed.
func (b *booth) begin() {
	b.t.Helper()
	b.must(b.SetLine("GPIO17", false))
	b.must(b.ArmWatchdog(b.t.Context(), 10))
	b.must(b.StartProgram(b.t.Context(), "booth", "--data", "/data/booth", "--addr", "0.0.0.0:8080", "--door", "gpio:GPIO17"))
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

// book returns the records that the booth has written, read from a copy of its files.
func (b *booth) book() ([]kiosk.Record, error) {
	dir, err := os.MkdirTemp(b.t.TempDir(), "book")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"book.db", "book.db-wal"} {
		text, err := b.File(b.t.Context(), "/data/booth/"+name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	db, err := sqlite.Open(b.t.Context(), dir, kiosktest.NewClock(), sqlite.Opts{})
	if err != nil {
		return nil, err
	}
	records, err := records(b.t.Context(), db)
	return records, errors.Join(err, db.Close())
}

func records(ctx context.Context, db *sqlite.DB) ([]kiosk.Record, error) {
	heads, err := db.Heads(ctx)
	if err != nil {
		return nil, err
	}
	var all []kiosk.Record
	for _, h := range heads {
		if h.Lane != kiosk.LaneLog {
			continue
		}
		list, err := db.Records(ctx, h.Stream, 0, 10_000, 10<<20)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// kinds returns the kinds of the booth's records that begin with prefix, in order.
func (b *booth) kinds(prefix string) ([]kiosk.Kind, error) {
	list, err := b.book()
	var kinds []kiosk.Kind
	for _, r := range list {
		h, err := kiosk.DecodeHeader(r.Header)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(h.Kind), prefix) {
			kinds = append(kinds, h.Kind)
		}
	}
	return kinds, err
}

// untilKinds waits for exactly these records.
func (b *booth) untilKinds(prefix string, want []kiosk.Kind) {
	b.t.Helper()
	b.until(fmt.Sprintf("records %v", want), func() (bool, error) {
		got, err := b.kinds(prefix)
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("got %v", got)
		}
		return err == nil, err
	})
}

const (
	bouncing = 20                    // times that the contact opens
	unstable = 40 * time.Millisecond // a level that lasts longer may rightly be taken for settled
)

// bounces opens the door with a contact that opens twenty times.
func (b *booth) bounces() {
	b.untilKinds("door.", nil)
	var want []kiosk.Kind
	for try := 1; ; try++ {
		before := b.interrupts()
		slowest := b.bounce()
		seen := b.interrupts() - before
		b.must(b.SetLine("GPIO17", true))
		if slowest > unstable || seen < bouncing/2 {
			if try == 10 {
				b.t.Fatalf("no bounce in %d tries: slowest change %s, %d interrupts", try, slowest, seen)
			}
			want = b.settle()
			continue
		}
		b.t.Logf("bounced %d times, slowest change %s, %d interrupts in the machine (try %d)",
			bouncing, slowest.Round(100*time.Microsecond), seen, try)
		break
	}
	want = append(want, kiosk.KindDoorOpened)
	b.untilKinds("door.", want)
	b.must(b.SetLine("GPIO17", false))
	b.untilKinds("door.", append(want, kiosk.KindDoorClosed))
}

// bounce opens and closes the contact and leaves it open. It returns the longest
// time that a level may have lasted.
func (b *booth) bounce() (slowest time.Duration) {
	last := time.Now()
	for i := range 2*bouncing - 1 {
		began := time.Now()
		b.must(b.SetLine("GPIO17", i%2 == 0))
		slowest = max(slowest, time.Since(last))
		last = began
		time.Sleep(2 * time.Millisecond) // the chip holds one edge until the kernel has taken it
	}
	return slowest
}

// settle closes the door and returns the records that there are when it is closed.
func (b *booth) settle() (now []kiosk.Kind) {
	b.must(b.SetLine("GPIO17", false))
	b.until("the door is closed again", func() (bool, error) {
		list, err := b.kinds("door.")
		now = list
		return err == nil && len(list) > 0 && list[len(list)-1] == kiosk.KindDoorClosed, err
	})
	return now
}

// ofPin finds the count of the interrupts of GPIO17, the chip's line 0, in
// /proc/interrupts.
var ofPin = regexp.MustCompile(`(?m)^ *\d+: +(\d+) +\S+pl061 +0 `)

func (b *booth) interrupts() int {
	b.t.Helper()
	text, err := b.File(b.t.Context(), "/proc/interrupts")
	b.must(err)
	m := ofPin.FindSubmatch(text)
	if m == nil {
		b.t.Fatalf("the kernel serves no interrupt of the pin:\n%s", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	b.must(err)
	return n
}

// edgesLost moves the door while the program hangs, more often than the kernel
// keeps edges for it (16), and leaves it open.
func (b *booth) edgesLost() {
	want := b.settle()
	b.must(b.FreezeProgram(b.t.Context()))
	for i := range 41 {
		b.must(b.SetLine("GPIO17", i%2 == 0))
		time.Sleep(2 * time.Millisecond)
	}
	b.must(b.ThawProgram(b.t.Context()))
	want = append(want, kiosk.KindDoorOpened)
	b.untilKinds("door.", want)
	b.must(b.SetLine("GPIO17", false))
	b.untilKinds("door.", append(want, kiosk.KindDoorClosed))
}

// hangs stops the program's execution: nobody feeds the watchdog any more.
func (b *booth) hangs() {
	before, err := b.book()
	b.must(err)
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	began := time.Now()
	b.must(b.FreezeProgram(ctx))
	b.must(b.AwaitReset(ctx))
	b.t.Logf("reset by the watchdog after %s", short(time.Since(began)))
	began = time.Now()
	b.must(b.Up(ctx))
	b.begin()
	b.until("the screen is back", func() (bool, error) {
		resp, err := http.Get(b.URL() + "/healthz")
		if err != nil {
			return false, err
		}
		return resp.StatusCode == http.StatusOK, resp.Body.Close()
	})
	b.t.Logf("back in service after %s", short(time.Since(began)))
	after, err := b.book()
	b.must(err)
	if len(after) <= len(before) || !slices.EqualFunc(before, after[:len(before)], sameRecord) {
		b.t.Errorf("the book had %d records before the reset and has %d that do not begin alike", len(before), len(after))
	}
}

func sameRecord(a, b kiosk.Record) bool { return slices.Equal(a.Header, b.Header) }
