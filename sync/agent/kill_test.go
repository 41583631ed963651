package agent_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// step is a moment in the protocol at which a booth dies.
type step string

// The steps, in order.
const (
	stepWriting       step = "in the middle of a commit of the book"
	stepChallenge     step = "before it asks for a challenge"
	stepHello         step = "before a hello"
	stepHelloAnswered step = "with the answer to a hello in hand"
	stepBatch         step = "before a batch"
	stepHalf          step = "in the middle of a batch"
	stepSent          step = "when the batch is out"
	stepCommitted     step = "when the hub has committed, before its answer"
	stepAnswered      step = "with the acknowledgement in hand"
	stepAcknowledging step = "in the middle of noting the acknowledgement"
	stepAcknowledged  step = "when the acknowledgement is noted"
)

func steps() []step {
	return []step{stepWriting, stepChallenge, stepHello, stepHelloAnswered, stepBatch, stepHalf, stepSent, stepCommitted, stepAnswered,
		stepAcknowledging, stepAcknowledged}
}

func (s step) at(x step) {
	if s == x {
		die()
	}
}

// during does something, and dies meanwhile if it is the step.
func (s step) during(x step, do func() error) error {
	if s == x {
		go func() {
			time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
			die()
		}()
	}
	return do()
}

// dying is the book of a booth that dies when it notes an acknowledgement.
type dying struct {
	*sqlite.DB
	step step
}

func (d dying) Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64, note []byte) error {
	err := d.step.during(stepAcknowledging, func() error { return d.DB.Acknowledge(ctx, s, upTo, note) })
	d.step.at(stepAcknowledged)
	return err
}

// dyingLine is the line of a booth that dies at a request.
type dyingLine struct {
	http.RoundTripper
	step step
}

func (d dyingLine) RoundTrip(r *http.Request) (*http.Response, error) {
	batch := strings.HasPrefix(r.URL.Path, wire.PathUp)
	switch {
	case r.URL.Path == wire.PathChallenge:
		d.step.at(stepChallenge)
	case r.URL.Path == wire.PathHello:
		d.step.at(stepHello)
	case batch:
		d.step.at(stepBatch)
		r = r.Clone(r.Context())
		r.Body = &dyingBody{ReadCloser: r.Body, step: d.step, half: r.ContentLength / 2}
	}
	resp, err := d.RoundTripper.RoundTrip(r)
	if err == nil && batch {
		d.step.at(stepAnswered)
	} else if err == nil && r.URL.Path == wire.PathHello {
		d.step.at(stepHelloAnswered)
	}
	return resp, err
}

type dyingBody struct {
	io.ReadCloser
	step step
	half int64 // bytes until the middle
}

func (b *dyingBody) Read(p []byte) (int, error) {
	if b.step == stepHalf {
		if b.half <= 0 {
			time.Sleep(2 * time.Millisecond) // the first half is on its way
			die()
		}
		p = p[:min(int64(len(p)), b.half)]
	}
	n, err := b.ReadCloser.Read(p)
	b.half -= int64(n)
	if err == io.EOF && b.step == stepSent {
		go func() {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			die()
		}()
	}
	return n, err
}

// mortal starts booths that die, one after the other, over one book.
type mortal struct {
	*testing.T
	dir       string
	confirmed map[kiosk.ID]bool

	mu      sync.Mutex
	running *exec.Cmd
	step    step
}

// live runs the booth until it dies at its step or is done, and reports whether it died.
func (m *mortal) live(s step) bool {
	m.Helper()
	cmd, out := child(m.T, envRole+"=booth", envDir+"="+m.dir, envStep+"="+string(s))
	m.mu.Lock()
	m.running, m.step = cmd, s
	m.mu.Unlock()
	for out.Scan() {
		id, err := kiosk.ParseID(out.Text())
		if err != nil {
			m.Fatal(err)
		}
		m.confirmed[id] = true
	}
	err := cmd.Wait()
	if err != nil && cmd.ProcessState.Exited() {
		m.Fatalf("the booth that was to die %q ended: %v", s, err)
	}
	return err != nil
}

// kill ends the booth that runs, if that is its step.
func (m *mortal) kill(s step) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.step == s {
		m.running.Process.Kill() //nolint:errcheck // it may be gone
	}
}

// TestT2BoothIsKilledAtEveryStep kills a booth's process at each step of the
// protocol, again and again over one book. What it confirmed must be at the hub in
// the end, once.
func TestT2BoothIsKilledAtEveryStep(t *testing.T) {
	c := hubtest.NewInMemory(t)
	b := c.Enrol("07")
	m := &mortal{T: t, dir: memoryDir(t), confirmed: map[kiosk.ID]bool{}}
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		c.Handler().ServeHTTP(answer, r)
		if strings.HasPrefix(r.URL.Path, wire.PathUp) {
			m.kill(stepCommitted)
		}
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes()) //nolint:errcheck // who asked may be dead
	}))
	defer at.Close()
	f := boothFile{Enrolment: b.Enrolment, Key: b.Key}
	f.Enrolment.Hub = at.URL
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.dir, "booth.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := kiosktest.Prove(t, "T2", "kill -9 of the booth at each of 11 steps of the protocol", kiosktest.Runs{Short: 20, Release: 500})
	for p.Next() {
		for _, s := range steps() {
			if m.live(s) {
				p.Count("kills", 1)
			}
		}
	}
	if m.live("") {
		t.Error("a booth that was to live died")
	}
	m.compare(c)
	p.Count("confirmed", len(m.confirmed))
	p.Count("lost", 0)
}

// compare holds what was confirmed against the hub's log.
func (m *mortal) compare(c *hubtest.City) {
	m.Helper()
	whole(m.T, c)
	there := map[kiosk.ID]int{}
	for _, e := range c.Entries() {
		there[e.ID]++
	}
	for id := range m.confirmed {
		if there[id] != 1 {
			m.Errorf("record %s was confirmed and is at the hub %d times", id, there[id])
		}
	}
	for id, n := range there {
		if n != 1 {
			m.Errorf("record %s is at the hub %d times", id, n)
		}
	}
}
