package boothd_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/hardware/printertest"
)

// The test program is the booth, too, so that it can be killed as a power cut does.
const asBooth = "TEST_AS_BOOTH" // data folder, address and printer, parted by spaces

func TestMain(m *testing.M) {
	if booth := os.Getenv(asBooth); booth != "" {
		if err := runBooth(strings.Fields(booth)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil { // the rows of these tables wait, and hardly work
		panic(err)
	}
	os.Exit(m.Run())
}

// runBooth runs until it is killed, and no longer than the test that holds its input.
func runBooth(args []string) error {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer stop()
		io.Copy(io.Discard, os.Stdin) //nolint:errcheck // any end is an end
	}()
	b, err := boothd.Open(ctx, boothd.Config{Data: args[0], Addr: args[1], Printer: args[2], Spool: impatient(time.Minute), Version: daemon.BuildVersion()})
	if err != nil {
		return err
	}
	return b.Run(ctx, daemon.NoNotifier())
}

// mains is a booth in a process of its own, and its plug.
type mains struct {
	*counter
	args string
	cmd  *exec.Cmd
}

func newMains(t *testing.T, cable string) *mains {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	p := cables[cable](t, printertest.Opts{Buffer: 512})
	m := &mains{counter: &counter{Printer: p, t: t, base: "http://" + addr}, args: t.TempDir() + " " + addr + " " + p.DSN()}
	m.on()
	t.Cleanup(m.cut)
	return m
}

// on starts the booth and waits until it serves.
func (m *mains) on() {
	m.t.Helper()
	m.cmd = exec.Command(os.Args[0])
	m.cmd.Env = append(os.Environ(), asBooth+"="+m.args)
	m.cmd.Stderr = os.Stderr
	_, err := m.cmd.StdinPipe() // which ends with this program, however that ends
	if err == nil {
		err = m.cmd.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if r, err := http.Get(m.base + "/healthz"); err == nil {
			r.Body.Close()
			m.is("ready")
			return
		}
		if time.Now().After(end) {
			m.t.Fatal("the booth does not serve")
		}
	}
}

// cut is kill -9.
func (m *mains) cut() {
	if m.cmd == nil {
		return
	}
	m.cmd.Process.Kill() //nolint:errcheck // it may be gone
	m.cmd.Wait()         //nolint:errcheck // killed
	m.cmd = nil
}

// hold stops the paper after so many dots more until the returned function is called.
func (m *mains) hold(rows int) (reached <-chan struct{}, release func()) {
	at, goOn := make(chan struct{}), make(chan struct{})
	m.After(rows, func() {
		close(at)
		<-goOn
	})
	return at, func() { close(goOn) }
}

// powerCut is a row: at brings the last slip into a state of the spool, and what it
// returns is done while the power is away.
type powerCut struct {
	name string
	at   func(*mains) (meanwhile func())
}

func powerCuts() []powerCut {
	return []powerCut{
		{"waiting for its turn", func(m *mains) func() {
			reached, release := m.hold(50)
			m.take()
			<-reached
			m.take()
			return release
		}},
		{"refused, waiting for paper", func(m *mains) func() {
			m.noPaper()
			m.take()
			m.await(0, "no_paper")
			return func() { m.SetPaper(true) }
		}},
		{"in its middle", func(m *mains) func() {
			reached, release := m.hold(100)
			m.take()
			<-reached
			return release
		}},
		{"stopped in its middle, waiting for paper", func(m *mains) func() {
			m.PaperOutAfter(100)
			m.take()
			m.await(0, "no_paper")
			return func() { m.SetPaper(true) }
		}},
		{"in the middle of its second paper", func(m *mains) func() {
			m.PaperOutAfter(100)
			m.take()
			m.await(0, "no_paper")
			m.papers()
			reached, release := m.hold(200)
			go m.SetPaper(true) // prints, and comes to the hold
			<-reached
			return release
		}},
		{"its last row is out", func(m *mains) func() {
			m.take()
			for slips := m.Slips(); len(slips) == 0 || !slips[0].Complete; slips = m.Slips() {
				time.Sleep(time.Millisecond)
			}
			return func() {}
		}},
		{"settled", func(m *mains) func() {
			m.take()
			m.await(0, "done")
			return func() {}
		}},
	}
}

func TestAPowerCutLosesOrDoublesNoSlip(t *testing.T) {
	var mu sync.Mutex
	table := map[string]string{}
	t.Run("rows", func(t *testing.T) {
		for _, cut := range powerCuts() {
			for cable := range cables {
				t.Run(cable+" "+cut.name, func(t *testing.T) {
					t.Parallel()
					line := cut.run(t, cable)
					mu.Lock()
					defer mu.Unlock()
					table[cut.name+cable] = line
				})
			}
		}
	})
	var b strings.Builder
	for _, cut := range powerCuts() {
		for _, cable := range []string{"tcp", "uart"} {
			fmt.Fprintf(&b, "%-46s %-5s %s\n", cut.name, cable, table[cut.name+cable])
		}
	}
	t.Log("\n" + b.String())
}

// run cuts the power, starts the booth again, and lets each resident ask for the
// paper that did not come: every number must be on paper then, and marked where a
// paper could have come before.
func (cut powerCut) run(t *testing.T, cable string) string {
	m := newMains(t, cable)
	meanwhile := cut.at(m)
	m.cut()
	meanwhile()
	m.on()
	for n, id := range m.ids {
		m.await(n, "failed", "done")
		if again := m.post(id); again != m.numbers[n] {
			t.Errorf("the same form again: %s, before the cut %s", again, m.numbers[n])
		}
	}
	before := m.judge().String()
	m.is("ready") // a booth that has just started may not know its printer yet
	for n, id := range m.ids {
		if m.says(n) == "failed" {
			r, err := http.PostForm(m.base+"/slip/"+id.String()+"/reprint", nil)
			text(t, r, err)
		}
	}
	m.settled()
	after := m.judge().String()
	if strings.Contains(after, "failed") {
		t.Errorf("after the reprints: %s", after)
	}
	return before + "; then " + after
}
