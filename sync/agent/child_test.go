package agent_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

// Some proofs kill whole processes. This test program is then the booth or the hub
// that dies: it is started again with a role in its environment.
const (
	envRole = "AGENT_TEST_ROLE" // booth or hub
	envDir  = "AGENT_TEST_DIR"  // its data
	envAddr = "AGENT_TEST_ADDR" // where the hub listens
	envStep = "AGENT_TEST_STEP" // at which step the booth dies
)

func TestMain(m *testing.M) {
	role := map[string]func() error{"booth": beBooth, "hub": beHub}[os.Getenv(envRole)]
	if role == nil {
		os.Exit(m.Run())
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child starts this program in a role. Its standard output comes line by line.
func child(t *testing.T, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// memoryDir returns a directory in memory where there is such a disk: what a killed
// process wrote stays there, too.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "agent-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // it lies in memory
	return dir
}

// openHub opens the hub in dir.
func openHub(dir string) (*hub.Hub, *sqldb.DB, error) {
	keys, err := hub.LoadKeys(dir)
	if err != nil {
		return nil, nil, err
	}
	db, err := sqldb.Open(context.Background(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err != nil {
		return nil, nil, err
	}
	h, err := hub.New(context.Background(), db, keys, hub.Opts{Log: hubtest.Quiet(), Version: "test"})
	return h, db, err
}

// beHub serves until it is killed.
func beHub() error {
	h, _, err := openHub(os.Getenv(envDir))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", os.Getenv(envAddr))
	if err != nil {
		return err
	}
	fmt.Println("serving")
	return http.Serve(l, h.Handler()) //nolint:gosec // a test that ends it
}

// boothFile is what a booth must know to be one.
type boothFile struct {
	Enrolment kiosk.Enrolment
	Key       []byte
}

// beBooth opens the book, writes some records, tells which ones are confirmed, and
// sends them, until it dies at its step or everything is acknowledged.
func beBooth() error {
	dir, step := os.Getenv(envDir), step(os.Getenv(envStep))
	text, err := os.ReadFile(filepath.Join(dir, "booth.json"))
	if err != nil {
		return err
	}
	var f boothFile
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	book, err := sqlite.Open(ctx, dir, hubtest.NewClock(), sqlite.Opts{Log: hubtest.Quiet()})
	if err != nil {
		return err
	}
	if _, enrolled, err := book.Enrolment(ctx); err != nil {
		return err
	} else if !enrolled {
		if err := book.Enrol(ctx, f.Enrolment); err != nil {
			return err
		}
	}
	a, err := agent.New(dying{book, step}, f.Enrolment, f.Key, agent.Opts{Log: hubtest.Quiet(), Appended: book.Appended(),
		Client: &http.Client{Transport: dyingLine{&http.Transport{}, step}}, MinBackoff: 2 * time.Millisecond, MaxBackoff: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	go a.Run(ctx) //nolint:errcheck // whoever waits for the end sees it
	for i := range 5 {
		d := kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `{"n":%d}`, i), Stamp: kiosk.Stamp{Boot: book.Boot(), Wall: time.Now()}}
		if i == 2 {
			d.Lane = kiosk.LaneUrgent
		}
		if err := step.during(stepWriting, func() error { return book.Append(ctx, d) }); err != nil {
			return err
		}
		fmt.Println(d.ID)
	}
	for {
		heads, err := book.Heads(ctx)
		if err != nil {
			return err
		}
		behind := uint64(0)
		for _, h := range heads {
			behind += h.Last - h.Acked
		}
		if behind == 0 {
			return book.Close()
		}
		time.Sleep(time.Millisecond)
		if ctx.Err() != nil {
			return errors.New("not all was acknowledged in a minute")
		}
	}
}

// die ends the process as a power cut does.
func die() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL) //nolint:errcheck // there is nobody to tell
	select {}
}
