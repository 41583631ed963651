package agent_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// mortalHub is a hub in a process of its own that is killed and started again.
type mortalHub struct {
	*testing.T
	dir, addr string
	cmd       *exec.Cmd
}

func (m *mortalHub) start() {
	m.Helper()
	cmd, out := child(m.T, envRole+"=hub", envDir+"="+m.dir, envAddr+"="+m.addr)
	if m.cmd = cmd; !out.Scan() {
		m.Fatal("the hub does not serve")
	}
}

func (m *mortalHub) kill() {
	m.cmd.Process.Kill() //nolint:errcheck // it may be gone
	m.cmd.Wait()         //nolint:errcheck // killed
}

// freeAddr returns an address of this machine that nobody listens at, below the
// ports that the kernel gives away by itself.
func freeAddr(t *testing.T) string {
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close() //nolint:errcheck // it was only asked for
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

// enrolAt makes booths at the hub that serves dir at url.
func enrolAt(t *testing.T, dir, url string, n int) []*hubtest.Booth {
	t.Helper()
	h, db, err := openHub(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the hub that serves has it open, too
	var booths []*hubtest.Booth
	for i := range n {
		id := fmt.Sprintf("%02d", i+1)
		line, err := h.CreateEnrolment(t.Context(), id, "Booth "+id, url)
		if err != nil {
			t.Fatal(err)
		}
		_, key, _ := ed25519.GenerateKey(nil)
		e, err := agent.Enrol(t.Context(), line, key, agent.Opts{Log: hubtest.Quiet(), Codec: simCodec()})
		if err != nil {
			t.Fatal(err)
		}
		booths = append(booths, &hubtest.Booth{Enrolment: e, Key: key, Book: hubtest.NewBook(id)})
	}
	return booths
}

// underWay counts requests that wait for an answer.
type underWay struct {
	http.RoundTripper
	n atomic.Int64
}

func (u *underWay) RoundTrip(r *http.Request) (*http.Response, error) {
	u.n.Add(1)
	defer u.n.Add(-1)
	return u.RoundTripper.RoundTrip(r)
}

// TestT9HubIsKilledUnderFiftyBooths kills the hub's process again and again while 50
// booths send, most often with requests under way, and starts it anew.
func TestT9HubIsKilledUnderFiftyBooths(t *testing.T) {
	m := &mortalHub{T: t, dir: memoryDir(t), addr: freeAddr(t)}
	m.start()
	defer func() { m.kill() }()
	booths := enrolAt(t, m.dir, "http://"+m.addr, 50)
	line := &underWay{RoundTripper: &http.Transport{MaxIdleConnsPerHost: 100}}
	var stops []func()
	for _, b := range booths {
		stops = append(stops, run(t, b, agent.Opts{Client: &http.Client{Transport: line}, Codec: simCodec(), MinBackoff: 5 * time.Millisecond, MaxBackoff: 50 * time.Millisecond}))
	}
	stop := sync.OnceFunc(func() {
		for _, s := range stops {
			s()
		}
	})
	defer stop()
	p := kiosktest.Prove(t, "T9", "kill -9 of the hub under 50 booths", kiosktest.Runs{Short: 100, Release: 2000})
	written := 0
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 9))
		for range 10 {
			b := booths[rng.IntN(len(booths))]
			b.Book.Write(t, kiosk.LaneUrgent, 1)
			b.Book.Write(t, kiosk.LaneLog, 5)
			written += 6
		}
		eventually(t, "requests under way", func() bool { return line.n.Load() > 0 })
		time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
		if line.n.Load() > 0 {
			p.Count("with requests under way", 1)
		}
		m.kill()
		m.start()
	}
	for _, b := range booths {
		eventually(t, "all of "+b.Booth, drained(b))
	}
	stop()
	m.kill()
	compareRoots(t, m.dir, booths, written)
	p.Count("records", written)
	p.Count("lost", 0)
	m.start()
}

// compareRoots opens the store of a hub that was killed and holds it against the
// books: every record there once, in order, under the same Merkle root.
func compareRoots(t *testing.T, dir string, booths []*hubtest.Booth, written int) {
	t.Helper()
	_, db, err := openHub(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	leaves := map[string][][]byte{}
	pos := int64(0)
	for more := true; more; {
		var rows []sqldb.Row
		err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			rows, err = tx.Log(t.Context(), kiosk.LogQuery{After: pos, Limit: 1000})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			r, _, err := wire.ReadRecord(row.Raw)
			if err != nil {
				t.Fatal(err)
			}
			h, err := kiosk.DecodeHeader(r.Header)
			key := fmt.Sprint(h.Booth, h.Epoch, h.Lane)
			if pos++; err != nil || row.Pos != pos || h.Seq != uint64(len(leaves[key])+1) {
				t.Fatalf("record %d of %s at position %d, want %d at %d: %v", h.Seq, key, row.Pos, len(leaves[key])+1, pos, err)
			}
			leaves[key] = append(leaves[key], r.Header)
		}
		more = len(rows) > 0
	}
	if pos != int64(written) {
		t.Errorf("the hub has %d records, want %d", pos, written)
	}
	for _, b := range booths {
		heads, err := b.Book.Heads(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			want, err := b.Book.Root(context.Background(), h.Stream, h.Last)
			got := rootOf(t, leaves[fmt.Sprint(b.Booth, h.Epoch, h.Lane)])
			if err != nil || !bytes.Equal(got[:], want[:]) {
				t.Errorf("booth %s: the hub's %s stream of %d records has another root: %v", b.Booth, h.Lane, h.Last, err)
			}
		}
	}
}
