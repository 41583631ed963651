package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// What these tests hold: a number that a resident was shown is in the booth's
// book and at the hub, once, whatever was killed and whenever.

const (
	submissions = 100
	atOnce      = 8
	phone       = "13843215678"
	surname     = "欧阳女士"
	detail      = "三号楼二单元"
)

// city is a hub and a booth as processes of the built program.
type city struct {
	t                 *testing.T
	binary            string
	dir               string
	hubAddr, boothURL string
	hubArgs, args     []string

	mu         sync.Mutex
	hub, booth *exec.Cmd
	logs       bytes.Buffer
}

func newCity(t *testing.T) *city {
	dir := t.TempDir()
	c := &city{t: t, dir: dir, binary: filepath.Join(dir, "redstation"), hubAddr: freeAddr(t.Fatalf)}
	build := exec.Command("go", "build", "-trimpath", "-o", c.binary, ".") // as it is released, and as the packages are built: compiled once
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	boothAddr := freeAddr(t.Fatalf)
	c.boothURL = "http://" + boothAddr
	c.hubArgs = []string{"hub", "--data", filepath.Join(dir, "hub"), "--addr", c.hubAddr}
	c.startHub()
	out, err := exec.Command(c.binary, "hub", "enrol", "--data", filepath.Join(dir, "hub"), "--booth", "07", "--name", "北山街道").Output()
	if err != nil {
		t.Fatalf("enrol: %v", err)
	}
	c.args = []string{"booth", "--data", filepath.Join(dir, "booth"), "--addr", boothAddr, "--printer", "sim:", "--door", "sim:",
		"--enrol", strings.TrimSpace(string(out))}
	c.startBooth()
	t.Cleanup(func() {
		c.kill(&c.booth)
		c.kill(&c.hub)
		if log := c.logs.String(); t.Failed() {
			t.Logf("the log ends:\n%s", log[max(0, len(log)-4000):])
		}
	})
	return c
}

// freeAddr returns an address of this machine that nobody listens at. It lies below
// the ports that the kernel gives away by itself, so that it stays free while the
// program that has it is stopped and started again.
func freeAddr(fatalf func(string, ...any)) string {
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	fatalf("no port is free")
	return ""
}

// Write keeps what the processes log.
func (c *city) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.logs.Write(b)
}

func (c *city) start(args []string, ready string) *exec.Cmd {
	cmd := exec.Command(c.binary, args...)
	cmd.Stdout, cmd.Stderr = c, c
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return nil
	}
	for range 1000 {
		if resp, err := http.Get(ready); err == nil {
			resp.Body.Close()
			return cmd
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Errorf("%s does not answer", ready)
	return cmd
}

func (c *city) startHub()   { c.hub = c.start(c.hubArgs, "http://"+c.hubAddr+"/healthz") }
func (c *city) startBooth() { c.booth = c.start(c.args, c.boothURL+"/healthz") }

// kill ends a process as a power cut does.
func (c *city) kill(cmd **exec.Cmd) {
	if *cmd == nil {
		return
	}
	(*cmd).Process.Signal(syscall.SIGKILL) //nolint:errcheck // it may be gone
	(*cmd).Wait()                          //nolint:errcheck // killed
	*cmd = nil
}

// submitAll sends the final POST of so many forms, each again with its key until
// it is answered, and returns the numbers that the confirmation pages showed.
func (c *city) submitAll() map[string]bool {
	shown := map[string]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	work := make(chan struct{}, submissions)
	for range submissions {
		work <- struct{}{}
	}
	close(work)
	for range atOnce {
		wg.Go(func() {
			client := &http.Client{Timeout: 5 * time.Second}
			for range work {
				number, err := submit(client, c.boothURL)
				if err != nil {
					c.t.Error(err)
					return
				}
				mu.Lock()
				if shown[number] {
					c.t.Errorf("number %s was shown to two residents", number)
				}
				shown[number] = true
				mu.Unlock()
				time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
			}
		})
	}
	wg.Wait()
	return shown
}

var numberShown = regexp.MustCompile(`data-number>([^<]+)<`)

// submit is one resident: it posts until it sees a number.
func submit(client *http.Client, booth string) (string, error) {
	return submitTimes(client, booth, 300)
}

// submitOnce posts once.
func submitOnce(client *http.Client, booth string) (string, error) {
	return submitTimes(client, booth, 1)
}

func submitTimes(client *http.Client, booth string, tries int) (string, error) {
	form := url.Values{"key": {kiosk.RandomID().String()}, "check": {"1"}, "at": {"check"}, "a.category": {"lighting"},
		"a.place": {"beishan"}, "d.place": {detail}, "a.matter": {"灯不亮了。"}, "a.consent": {"yes"}, "a.name": {surname}, "a.phone": {phone}}
	var last error
	for range tries {
		resp, err := client.PostForm(booth+"/s/3.1/submit", form)
		if err == nil {
			page, readErr := io.ReadAll(resp.Body)
			resp.Body.Close()
			if m := numberShown.FindSubmatch(page); readErr == nil && resp.StatusCode == http.StatusOK && m != nil {
				return string(m[1]), nil
			}
			err = errors.Join(fmt.Errorf("%s: %.200s", resp.Status, page), readErr)
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	return "", fmt.Errorf("no number after %d tries: %w", tries, last)
}

// killing kills and restarts a process at random moments until done is closed, and
// returns how often.
func killing(done <-chan struct{}, kill func()) int {
	n := 0
	for {
		select {
		case <-done:
			return n
		case <-time.After(time.Duration(20+rand.IntN(250)) * time.Millisecond):
			kill()
			n++
		}
	}
}

// check pulls the hub's whole log and holds it against what was shown.
func (c *city) check(shown map[string]bool) {
	c.t.Helper()
	out, err := exec.Command(c.binary, "hub", "token", "--data", filepath.Join(c.dir, "hub"), "--name", "test").Output()
	if err != nil {
		c.t.Fatalf("token: %v", err)
	}
	token := strings.TrimSpace(string(out))
	var found map[string]int
	for range 300 { // until all is there
		if found = c.pull(token); len(found) >= len(shown) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for number := range shown {
		if found[number] != 1 {
			c.t.Errorf("number %s was shown and is at the hub %d times", number, found[number])
		}
	}
	for number, n := range found {
		if n != 1 || !shown[number] {
			c.t.Errorf("number %s is at the hub %d times; shown: %v", number, n, shown[number])
		}
	}
}

// holds is check where more may be at the hub than anybody was shown: a page that was
// cut off with its booth.
func (c *city) holds(shown map[string]bool) {
	c.t.Helper()
	token, err := exec.Command(c.binary, "hub", "token", "--data", filepath.Join(c.dir, "hub"), "--name", "test").Output()
	if err != nil {
		c.t.Fatalf("token: %v", err)
	}
	missing := ""
	for range 300 { // until all is there
		found := c.pull(strings.TrimSpace(string(token)))
		missing = ""
		for number := range shown {
			if found[number] != 1 {
				missing = number
			}
		}
		if missing == "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Errorf("number %s was shown, and is not at the hub once", missing)
}

// pull returns how often each request number is in the hub's log, and checks that
// no stream has a gap.
func (c *city) pull(token string) map[string]int {
	c.t.Helper()
	found, heads := map[string]int{}, map[string]uint64{}
	for e, err := range wire.Pull(context.Background(), "http://"+c.hubAddr, token, wire.PullOpts{}) {
		if err != nil {
			c.t.Fatalf("pull: %v", err)
		}
		stream := fmt.Sprint(e.Booth, e.Epoch, e.Lane)
		if heads[stream]++; e.Seq != heads[stream] {
			c.t.Fatalf("stream %s: seq %d follows on %d", stream, e.Seq, heads[stream]-1)
		}
		if e.Kind == kiosk.KindRequestFiled {
			found[numberOf(c.t, e.Facts)]++
		}
	}
	return found
}

var numberInFacts = regexp.MustCompile(`"number":"([^"]+)"`)

func numberOf(t *testing.T, facts []byte) string {
	m := numberInFacts.FindSubmatch(facts)
	if m == nil {
		t.Fatalf("facts without a number: %s", facts)
	}
	return string(m[1])
}

// scan looks for what residents typed in every byte that the booth wrote.
func (c *city) scan() {
	c.t.Helper()
	var files int
	err := filepath.WalkDir(filepath.Join(c.dir, "booth"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		c.holdsNothing(path, b)
		return nil
	})
	if err != nil || files < 3 {
		c.t.Errorf("scanned %d files: %v", files, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holdsNothing("the log", c.logs.Bytes())
}

func (c *city) holdsNothing(where string, b []byte) {
	for _, secret := range []string{phone, surname, detail, url.QueryEscape(surname), url.QueryEscape(detail)} {
		if bytes.Contains(b, []byte(secret)) {
			c.t.Errorf("%s holds %q", where, secret)
		}
	}
}

func TestNothingShownIsLostWhenTheBoothIsKilled(t *testing.T) {
	c := newCity(t)
	done, kills := make(chan struct{}), make(chan int)
	go func() { kills <- killing(done, func() { c.kill(&c.booth); c.startBooth() }) }()
	shown := c.submitAll()
	close(done)
	n := <-kills
	t.Logf("%d numbers shown, booth killed %d times", len(shown), n)
	if len(shown) != submissions || n < 5 {
		t.Errorf("%d numbers after %d kills, want %d after at least 5", len(shown), n, submissions)
	}
	c.check(shown)
	c.scan()
}

func TestNothingShownIsLostWhenTheHubIsKilled(t *testing.T) {
	c := newCity(t)
	done, kills := make(chan struct{}), make(chan int)
	go func() { kills <- killing(done, func() { c.kill(&c.hub); c.startHub() }) }()
	shown := c.submitAll()
	close(done)
	n := <-kills
	t.Logf("%d numbers shown, hub killed %d times", len(shown), n)
	if len(shown) != submissions || n < 2 {
		t.Errorf("%d numbers after %d kills, want %d after at least 2", len(shown), n, submissions)
	}
	c.check(shown)
	c.scan()
}
