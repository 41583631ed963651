package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program under some subcommand, which can be ended and started again.
type process struct {
	t     *testing.T
	args  []string
	ready string // address that answers once it is up
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

// Write keeps what the process prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// launch starts the program and waits until it answers. It ends with the test.
func launch(t *testing.T, ready string, args ...string) *process {
	t.Helper()
	p := &process{t: t, args: args, ready: ready}
	p.start()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("redstation %s printed:\n%s", p.args[0], p.printed())
		}
	})
	return p
}

func (p *process) start() {
	p.t.Helper()
	file, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(file, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan struct{})
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && !p.gone(); time.Sleep(20 * time.Millisecond) {
		if resp, err := http.Get(p.ready); err == nil {
			resp.Body.Close()
			return
		}
	}
	p.t.Fatalf("redstation %s does not answer at %s:\n%s", p.args[0], p.ready, p.printed())
}

// stop ends the process as Ctrl-C does, and by force after a while.
func (p *process) stop() { p.end(syscall.SIGINT) }

// kill ends the process as a power cut does.
func (p *process) kill() { p.end(syscall.SIGKILL) }

func (p *process) end(sig syscall.Signal) {
	if p.cmd == nil {
		return
	}
	if p.gone() && !p.t.Failed() {
		p.t.Errorf("redstation %s had ended by itself", p.args[0])
	}
	p.cmd.Process.Signal(sig)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Errorf("redstation %s did not end within %v of %v", p.args[0], patience, sig)
		p.cmd.Process.Kill()
		<-p.ended
	}
	p.cmd = nil
}

// gone says whether the process has ended.
func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// run runs the program to its end and returns its standard output.
func run(t *testing.T, args ...string) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, args...)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("redstation %s: %v\n%s", strings.Join(args, " "), err, trouble.String())
	}
	return out.String()
}

// freeAddr returns an address of this machine that nobody listens at. It lies below
// the ports that the kernel gives away by itself, so that it stays free while the
// program that has it is stopped and started again.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

// city is a hub with booths, each a process of its own.
type city struct {
	t     *testing.T
	dir   string
	hub   *process
	url   string // of the hub
	token string // file
}

func newCity(t *testing.T) *city {
	t.Helper()
	c := &city{t: t, dir: t.TempDir()}
	addr := freeAddr(t)
	c.url = "http://" + addr
	c.hub = launch(t, c.url+"/healthz", "hub", "--data", c.data(), "--addr", addr)
	c.token = filepath.Join(c.dir, "token")
	if err := os.WriteFile(c.token, []byte(run(t, "hub", "--data", c.data(), "token", "--name", "e2e")), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *city) data() string { return filepath.Join(c.dir, "hub") }

// booth adds a booth with a panel of that diagonal and more flags, and returns it
// with its address.
func (c *city) booth(t *testing.T, id string, diagonal float64, flags ...string) (*process, string) {
	t.Helper()
	invitation := filepath.Join(c.dir, "invitation-"+id)
	text := run(t, "hub", "--data", c.data(), "enrol", "--booth", id, "--name", "北山街道")
	if err := os.WriteFile(invitation, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	at := "http://" + addr
	return launch(t, at+"/readyz", append([]string{"booth", "--data", filepath.Join(c.dir, "booth-"+id), "--addr", addr, "--printer", "sim:",
		"--door", "sim:", "--enrol-file", invitation, "--diagonal", strconv.FormatFloat(diagonal, 'f', -1, 64)}, flags...)...), at
}

// demo is the whole product in one process, as make demo shows it.
type demo struct {
	*process
	booth, hub string // addresses
	token      string // file
	password   string // the administrator's, for once
}

var oneTime = regexp.MustCompile(`one-time password (\S+)`)

func newDemo(t *testing.T, args ...string) *demo {
	t.Helper()
	dir, booth, hub := t.TempDir(), freeAddr(t), freeAddr(t)
	d := &demo{booth: "http://" + booth, hub: "http://" + hub, token: filepath.Join(dir, "token")}
	d.process = launch(t, d.booth+"/readyz", append([]string{"demo", "--dir", dir, "--booth-addr", booth, "--hub-addr", hub}, args...)...)
	if m := oneTime.FindStringSubmatch(d.printed()); m != nil {
		d.password = m[1]
	}
	return d
}

// record is a line of redstation logs pull.
type record struct {
	Pos   int64           `json:"pos"`
	Booth string          `json:"booth"`
	Epoch string          `json:"epoch"`
	Lane  string          `json:"lane"`
	Seq   uint64          `json:"seq"`
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Facts json.RawMessage `json:"facts"`
}

// number is what a resident was told.
func (r record) number() string {
	var f struct {
		Label  string          `json:"label"`
		Number json.RawMessage `json:"number"`
	}
	if json.Unmarshal(r.Facts, &f) != nil {
		return ""
	}
	if f.Label != "" {
		return f.Label
	}
	return strings.Trim(string(f.Number), `"`)
}

// pull returns everything that the hub has.
func pull(t *testing.T, hub, tokenFile string) []record {
	t.Helper()
	var records []record
	for line := range strings.Lines(run(t, "logs", "pull", "--hub", hub, "--token-file", tokenFile)) {
		var r record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("logs pull printed %q: %v", line, err)
		}
		records = append(records, r)
	}
	return records
}

// soon asks until the answer is yes. The limit is generous: what is fast is shown
// by benchmarks, not here.
func soon(t *testing.T, what string, limit time.Duration, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		if ask() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}

// press presses a button of the booth's device page.
func press(t *testing.T, booth, button string) {
	t.Helper()
	resp, err := http.PostForm(booth+"/sim/press", url.Values{"button": {button}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("press %s: %s", button, resp.Status)
	}
}
