package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// The proofs about kills, power cuts and failing disks run a booth's book as a process
// of its own under strace, which ends or fails chosen system calls, or writes all of
// them down. The process is this test program with these variables set.
const (
	envChild  = "BOOK_CHILD"  // the data folder
	envWrites = "BOOK_WRITES" // how many requests it files
	envRelax  = "BOOK_RELAX"  // set: with synchronous=NORMAL
	envBooked = "BOOK_BOOKED" // set: it books instead of filing requests
	envLimit  = "BOOK_LIMIT"  // no file may grow beyond so many bytes
)

// The child's exit statuses.
const (
	childDone     = 0
	childGone     = 3 // the book failed for good, and the supervisor would start it anew
	childNotYet   = 4 // the book could not be opened
	childBadState = 5
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envChild); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child files requests, and says "shown NUMBER" on standard output where a screen
// would show the number. Every third is a door event, which nobody is shown.
func child(dir string) int {
	ctx := context.Background()
	if limit, err := strconv.ParseUint(os.Getenv(envLimit), 10, 63); err == nil {
		l := syscall.Rlimit{Cur: limit, Max: limit}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			return childBadState
		}
	}
	clock := kiosktest.NewClock()
	book, err := sqlite.Open(ctx, dir, clock, sqlite.Opts{BootID: kiosk.RandomID()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childNotYet
	}
	e, ok, err := book.Enrolment(ctx)
	if err == nil && !ok {
		if e, _, err = kiosktest.Enrolment(); err == nil {
			err = book.Enrol(ctx, e)
		}
	}
	if os.Getenv(envRelax) != "" {
		err = book.Relax(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childNotYet
	}
	booth, err := kiosk.New(kiosk.Deps{Book: book, Clock: clock, Catalogue: kiosktest.Catalogue(), Enrolment: &e})
	if err != nil {
		return childBadState
	}
	if os.Getenv(envBooked) != "" {
		booth.Offer(bookingCatalogue())
	}
	writes, err := strconv.Atoi(os.Getenv(envWrites))
	if err != nil {
		return childBadState
	}
	return childWrites(ctx, booth, book, writes)
}

func childWrites(ctx context.Context, booth *kiosk.Booth, book *sqlite.DB, writes int) int {
	for i := range writes {
		if i%3 == 2 {
			booth.NoteDoor(ctx, kiosk.DoorOpened) //nolint:errcheck // nobody is told
			continue
		}
		service, form := "1.3", answers()
		if os.Getenv(envBooked) != "" {
			service, form = class, seatAt("event", "choir", "")
		}
		slip, err := booth.File(ctx, kiosk.RandomID(), service, form, kiosk.Chinese)
		select {
		case err := <-book.Failed():
			fmt.Fprintln(os.Stderr, err)
			book.Close() //nolint:errcheck // as the booth does, before the supervisor starts it anew
			return childGone
		default:
		}
		if err == nil {
			os.Stdout.WriteString("shown " + slip.Number + "\n") //nolint:errcheck // the parent sees what came
		}
	}
	if err := book.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return childGone
	}
	return childDone
}

// ended is how a child ended.
type ended struct {
	shown  []string // numbers
	status int      // -1: killed
	said   string
}

// notLoaded is the status of a child that the dynamic linker could not begin.
const notLoaded = 127

// runChild runs the child under strace with these arguments; none: without strace.
func runChild(t testing.TB, dir string, env, strace []string) ended {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{self}
	if len(strace) > 0 {
		args = append(append([]string{"strace", "-f", "-qq"}, strace...), self)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	// One thread makes the calls, so that the n-th is the n-th; a race detector's own
	// exit status would hide the child's.
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=1", envChild+"="+dir), env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("the child hangs:\n%s", said.String())
	}
	e := ended{status: cmd.ProcessState.ExitCode(), said: said.String()}
	if e.status == notLoaded && strings.Contains(e.said, "error while loading shared libraries") {
		return e
	}
	if cmd.ProcessState.ExitCode() == 127 || (err != nil && cmd.ProcessState == nil) {
		t.Fatalf("strace is needed (Debian package strace): %v %s", err, said.String())
	}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		if number, ok := strings.CutPrefix(lines.Text(), "shown "); ok {
			e.shown = append(e.shown, number)
		}
	}
	return e
}

// filed returns how often each request number is in the book in dir, whatever stream
// it is in, after an ordinary start; salvaged records count by what they carry.
func filed(t testing.TB, dir string) map[string]int {
	t.Helper()
	book, err := sqlite.Open(context.Background(), dir, kiosktest.NewClock(), sqlite.Opts{BootID: kiosk.RandomID()})
	if err != nil {
		t.Fatalf("the book does not open: %v", err)
	}
	heads, err := book.Heads(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]int{}
	for _, h := range heads {
		records, err := book.Records(context.Background(), h.Stream, 0, 1<<20, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if uint64(len(records)) != h.Last {
			t.Fatalf("%s stream of epoch %s has %d records of %d", h.Lane, h.Epoch, len(records), h.Last)
		}
		for _, r := range records {
			if number, ok := numberFiled(t, r); ok {
				numbers[number]++
			}
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return numbers
}
