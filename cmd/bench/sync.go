package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
)

// carried is what it took to carry a book to the other end.
type carried struct {
	records    int
	took       time.Duration
	bytes      int64         // on the wire, both ways, with HTTP's own
	booth, hub time.Duration // processor time
}

func (c carried) perSecond() float64         { return float64(c.records) / c.took.Seconds() }
func (c carried) perRecord() float64         { return float64(c.bytes) / float64(c.records) }
func million(d time.Duration, n int) float64 { return d.Seconds() * 1e6 / float64(n) }

// sync measures records from booth to hub with everything on: signatures, nonces,
// Merkle trees, checkpoints of both ends, two lanes, hellos. The reference has none of it.
func (r *rig) sync(ctx context.Context) error {
	if err := r.fill(ctx); err != nil {
		return err
	}
	bare, err := r.bare(ctx, "receiver")
	if err != nil {
		return err
	}
	ours, err := r.push(ctx)
	if err != nil {
		return err
	}
	row("records from booth to hub", "/s", ours.perSecond(), bare.perSecond(), true)
	row("  bytes a record on the wire", "B", ours.perRecord(), bare.perRecord(), false)
	row("  booth's processor, a million records", "s", million(ours.booth, ours.records), million(bare.booth, bare.records), false)
	row("  hub's processor, a million records", "s", million(ours.hub, ours.records), million(bare.hub, bare.records), false)
	known("  PouchDB's replication, known", ours, 4900, 6700)
	fmt.Printf("%-44s %14s %14s %8.2f\n", "    its bytes a record", figure(ours.perRecord(), "B"), "490 B", 490/ours.perRecord())
	known("  NATS JetStream with an fsync each, known", ours, 4100, 4400)
	return nil
}

// known prints a figure that was measured elsewhere, on two cores too, and how many
// times as fast we are at least.
func known(what string, ours carried, lo, hi float64) {
	fmt.Printf("%-44s %14s %14s %8.2f\n", what, figure(ours.perSecond(), "/s"), fmt.Sprintf("%.0f-%.0f /s", lo, hi), ours.perSecond()/hi)
}

// counting returns a client whose connections count what they carry.
func counting(bytes *atomic.Int64) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 3, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return countingConn{c, bytes}, err
	}}}
}

type countingConn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes.Add(int64(n))
	return n, err
}

func (c countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.bytes.Add(int64(n))
	return n, err
}

// spent returns the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cost stops a process and returns the processor time that it took.
func (r *rig) cost(p *process) (time.Duration, error) {
	if err := r.stop(p); err != nil {
		return 0, err
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime(), nil
}

// bare carries the whole book to the reference.
func (r *rig) bare(ctx context.Context, receiver string) (c carried, err error) {
	q, _, err := r.reference(ctx, receiver, "/none")
	if err != nil {
		return c, err
	}
	var bytes atomic.Int64
	client := counting(&bytes)
	defer client.CloseIdleConnections()
	begin, before := time.Now(), spent()
	if c.records, err = bareSend(ctx, r.boothDir(), q.url, client); err != nil {
		return c, err
	}
	c.took, c.booth, c.bytes = time.Since(begin), spent()-before, bytes.Load()
	c.hub, err = r.cost(q)
	return c, err
}

// push lets the real agent carry the whole book to the real hub.
func (r *rig) push(ctx context.Context) (c carried, err error) {
	addr, err := freeAddr()
	if err != nil {
		return c, err
	}
	hub, err := r.hub(ctx, addr)
	if err != nil {
		return c, err
	}
	defer r.stopAll()
	book, err := sqlite.Open(ctx, r.boothDir(), wallClock{}, sqlite.Opts{})
	if err != nil {
		return c, err
	}
	defer book.Close()
	e, _, err := book.Enrolment(ctx)
	if err != nil {
		return c, err
	}
	e.Hub = "http://" + addr
	key, err := agent.LoadKey(r.boothDir())
	if err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var behind int64
	var bytes atomic.Int64
	client := counting(&bytes)
	defer client.CloseIdleConnections()
	begin, before := time.Now(), spent()
	a, err := agent.New(book, e, key, agent.Opts{Client: client, Log: slog.New(slog.DiscardHandler), OnUplink: func(u kiosk.Uplink) {
		behind = max(behind, u.Behind)
		if u.Up && u.Behind == 0 {
			cancel()
		}
	}})
	if err != nil {
		return c, err
	}
	if err := a.Run(ctx); err != nil {
		return c, err
	}
	if context.Cause(ctx) == context.DeadlineExceeded {
		return c, fmt.Errorf("two minutes were not enough for %d records", behind)
	}
	c = carried{records: int(behind), took: time.Since(begin), booth: spent() - before, bytes: bytes.Load()}
	c.hub, err = r.cost(hub)
	return c, err
}
