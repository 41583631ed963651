package sqlite_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// envDisk names the folder that this test program is to lay a small file system over,
// in a mount namespace of its own, and to run the proof in.
const envDisk = "BOOK_DISK"

// A file system in memory is full as a card is: a write gets ENOSPC in the book, in its
// log, in the checksums beside it and in the log's shared memory, whichever comes next.
// Where this machine lets nobody mount one, a limit on the book's pages stands for it
// (TestT5AFullDiskLosesNothingAndRecovers).
func TestT5ADiskThatIsReallyFullLosesNothing(t *testing.T) {
	if dir := os.Getenv(envDisk); dir != "" {
		proveRealDisk(t, dir)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), envDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err == nil:
		t.Logf("%s", out)
	case !errors.As(err, &ended) || ended.ExitCode() == diskNotLaid:
		if os.Getenv("CI") == "true" || os.Getenv("REQUIRE_TOOLS") == "1" {
			t.Fatalf("a file system must be mounted here: %v %s", err, out)
		}
		t.Skipf("this machine lets nobody mount a file system here: %v %s", err, out)
	default:
		t.Fatalf("%v\n%s", err, out)
	}
}

// diskNotLaid is the exit status of a program that may not mount.
const diskNotLaid = 5

func proveRealDisk(t *testing.T, dir string) {
	// Private first: what is mounted here must not show outside.
	if err := errors.Join(syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
		syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=700")); err != nil {
		os.Stderr.WriteString(err.Error()) //nolint:errcheck // the status says it, too
		os.Exit(diskNotLaid)
	}
	p := kiosktest.Prove(t, "T5", "a file system of 4 MiB filled to the last byte while a booth files and while it starts, then freed", kiosktest.Runs{Short: 20, Release: 200})
	p.Count("lost", 0)
	for p.Next() {
		d := fullDisk{t: t, p: p, filler: filepath.Join(dir, "filler"), book: filepath.Join(dir, fmt.Sprint("book", p.Seed())), shown: map[string]bool{}}
		d.run(rand.New(rand.NewPCG(p.Seed(), 55)))
	}
}

// fullDisk is one book on a file system that gets really full.
type fullDisk struct {
	t            *testing.T
	p            *kiosktest.Proof
	filler, book string
	shown        map[string]bool
}

func (d *fullDisk) run(random *rand.Rand) {
	if err := os.Mkdir(d.book, 0o700); err != nil {
		d.t.Fatal(err)
	}
	defer os.RemoveAll(d.book)
	if status := d.serve("9"); status != childDone {
		d.t.Fatalf("with room the booth ends with %d", status)
	}
	d.fill(random.Int64N(1 << 20))
	d.p.Count("gave up while it filed", d.ended(d.serve("90")))
	for range 2 { // on what the first leaves
		d.fill(random.Int64N(16 << 10))
		d.p.Count("gave up on the full disk", d.ended(d.serve("9")))
	}
	d.fill(0)
	d.p.Count("gave up on the full disk", d.ended(d.serve("9")))
	if err := os.Remove(d.filler); err != nil {
		d.t.Fatal(err)
	}
	before := len(d.shown)
	if status := d.serve("9"); status != childDone || len(d.shown) != before+6 {
		d.t.Fatalf("with room again the booth ends with %d and has shown %d numbers of 6", status, len(d.shown)-before)
	}
	lost := holdShown(d.t, d.book, d.shown)
	d.p.Count("lost", lost)
	d.p.Count("confirmed", len(d.shown))
	if aside, err := sqlite.Aside(d.book); lost > 0 || err != nil || len(aside) > 0 {
		d.t.Fatalf("%d of %d numbers are lost; set aside: %v, %v", lost, len(d.shown), aside, err)
	}
}

// serve lets a booth write so often, every third time a door event, and notes what it
// has shown.
func (d *fullDisk) serve(writes string) (status int) {
	d.t.Helper()
	e := runChild(d.t, d.book, []string{envWrites + "=" + writes}, nil)
	for _, number := range e.shown {
		if d.shown[number] {
			d.t.Fatalf("number %s was shown to two residents", number)
		}
		d.shown[number] = true
	}
	return e.status
}

// ended returns 1 where a booth left it to its supervisor to start it anew, as it may
// on a full disk, and 0 where it served to the end.
func (d *fullDisk) ended(status int) int {
	d.t.Helper()
	switch status {
	case childDone:
		return 0
	case childGone, childNotYet:
		return 1
	}
	d.t.Fatalf("on the full disk the booth ends with %d", status)
	return 0
}

// fill leaves so many bytes.
func (d *fullDisk) fill(left int64) {
	d.t.Helper()
	f, err := os.OpenFile(d.filler, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // what it wrote does not matter
	var at syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &at); err != nil {
		d.t.Fatal(err)
	}
	free := int64(at.Bfree) * at.Bsize
	f.Write(make([]byte, max(0, free-left))) //nolint:errcheck // it is to find no room
}
