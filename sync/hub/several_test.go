package hub_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/pgtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// replica is one of several hubs of a database. The proxy asks whichever answers.
type replica struct {
	t    *testing.T
	keys *hub.Keys
	dsn  string
	name string

	*hub.Hub
	db     *sqldb.DB
	server *httptest.Server
	stop   context.CancelFunc
	run    sync.WaitGroup
	url    atomic.Pointer[url.URL]
}

func (r *replica) start() {
	r.t.Helper()
	var err error
	if r.db, err = sqldb.Open(context.Background(), r.dsn+"&pool_max_conns=8&application_name="+r.name, sqldb.Opts{Log: hubtest.Quiet()}); err != nil {
		r.t.Fatal(err)
	}
	if r.Hub, err = hub.New(context.Background(), r.db, r.keys, hub.Opts{Log: hubtest.Quiet(), Version: "test"}); err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	h := r.Hub
	r.run.Go(func() {
		if err := h.Run(ctx); err != nil {
			r.t.Error(err)
		}
	})
	r.server = httptest.NewServer(h.Handler())
	u, err := url.Parse(r.server.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	r.url.Store(u)
}

// kill ends the hub as a power cut would: the server of the database finds its
// connections broken, in whatever transaction they are, and so do those who asked.
func (r *replica) kill(s *pgtest.Server) {
	s.SQL(r.t, r.dsn, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '`+r.name+`'`)
	r.server.CloseClientConnections()
	r.close()
}

// close ends it in order.
func (r *replica) close() {
	r.url.Store(nil)
	r.stop()
	r.server.CloseClientConnections()
	r.server.Close()
	r.run.Wait()
	r.db.Close() //nolint:errcheck // its connections may be broken
}

// balance is a load balancer that knows nothing: each request goes to the next hub
// that has an address, and where that one is dead, the request fails.
func balance(replicas []*replica) http.Handler {
	var turn atomic.Int64
	next := func() *url.URL {
		for range replicas {
			if u := replicas[int(turn.Add(1))%len(replicas)].url.Load(); u != nil {
				return u
			}
		}
		return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	}
	return &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(next()) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
}

// TestThreeHubsOnOneDatabase lets booths push through a proxy to three hubs, of which
// two are ended in turn, one in order and one as by a power cut, while readers follow:
// nothing is lost, nothing comes twice, and no reader skips.
func TestThreeHubsOnOneDatabase(t *testing.T) {
	const booths, each, readers = 6, 60, 3
	s := pgtest.Need(t)
	keys, err := hub.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dsn := s.Database(t)
	var hubs []*replica
	for i := range 3 {
		r := &replica{t: t, keys: keys, dsn: dsn, name: fmt.Sprint("hub-", i)}
		r.start()
		defer r.close()
		hubs = append(hubs, r)
	}
	front := httptest.NewServer(balance(hubs))
	defer front.Close()
	token, err := hubs[0].CreateToken(t.Context(), "reader")
	if err != nil {
		t.Fatal(err)
	}
	all := enrolMany(t, hubs[0].Hub, front.URL, booths)
	read := make(chan map[string]int, readers)
	for range readers {
		go func() { read <- pullAlong(t, front.URL, token, booths*each*2) }()
	}
	// Each round all booths write; in between a hub dies and comes back.
	deaths := []func(){hubs[1].close, func() { hubs[2].kill(s) }, hubs[2].close, func() { hubs[1].kill(s) }}
	dying := []*replica{hubs[1], hubs[2], hubs[2], hubs[1]}
	for round := range 10 {
		for _, b := range all {
			b.Book.Write(t, kiosk.LaneLog, each/10)
			b.Book.Write(t, kiosk.LaneUrgent, each/10)
		}
		switch i := round / 2; {
		case i >= len(deaths):
		case round%2 == 0:
			deaths[i]()
		default:
			dying[i].start()
		}
		if round%3 == 0 {
			await(t, "a booth to get something through", func() bool { return all[round%booths].Book.Behind() < each })
		}
	}
	for _, b := range all {
		await(t, "booth "+b.Booth+" to have sent all", func() bool { return b.Book.Behind() == 0 })
	}
	for range readers {
		got := <-read
		for _, b := range all {
			for _, lane := range kiosk.Lanes() {
				if n := got[b.Booth+lane.String()]; n != each {
					t.Errorf("a reader has %d records of booth %s in the %s lane, want %d", n, b.Booth, lane, each)
				}
			}
			if why := b.Book.Begun(); len(why) > 0 {
				t.Errorf("booth %s began epochs: %q", b.Booth, why)
			}
		}
	}
}

// enrolMany enrols booths through the proxy and lets their agents run.
func enrolMany(t *testing.T, h *hub.Hub, front string, n int) (all []*hubtest.Booth) {
	t.Helper()
	for i := range n {
		b := hubtest.EnrolAt(t, h, front, fmt.Sprintf("%02d", i))
		a, err := agent.New(b.Book, b.Enrolment, b.Key, agent.Opts{Log: hubtest.Quiet(), Appended: b.Book.Appended,
			Hello: 200 * time.Millisecond, MinBackoff: 5 * time.Millisecond, MaxBackoff: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		all = append(all, b)
	}
	return all
}

// pullAlong pulls until it has so many records, and counts them by booth and lane.
func pullAlong(t *testing.T, front, token string, total int) map[string]int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	got := map[string]int{}
	var pos int64
	for r, err := range wire.Pull(ctx, front, token, wire.PullOpts{Follow: true, Limit: 50, Wait: 2 * time.Second, Pause: 100 * time.Millisecond}) {
		if err != nil {
			t.Errorf("a reader at position %d: %v", pos, err)
			break
		}
		pos++
		key := r.Booth + r.Lane
		got[key]++
		if r.Pos != pos || r.Seq != uint64(got[key]) {
			t.Errorf("position %d after %d, with seq %d after %d of %s", r.Pos, pos-1, r.Seq, got[key]-1, key)
			break
		}
		if pos == int64(total) {
			break
		}
	}
	return got
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begin := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}
