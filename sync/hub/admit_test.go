package hub_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// stuck is a body that does not come to its end before it is let go.
type stuck struct {
	first  io.Reader
	asked  chan struct{}
	letGo  chan struct{}
	reader sync.Once
}

func (s *stuck) Read(p []byte) (int, error) {
	if n, err := s.first.Read(p); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	s.reader.Do(func() { close(s.asked) })
	<-s.letGo
	return 0, io.ErrUnexpectedEOF
}

func helloBody(t *testing.T) []byte {
	t.Helper()
	raw, err := wire.Marshal(&wire.Hello{Proto: wire.Proto, Heads: []wire.Head{}})
	if err != nil {
		t.Fatal(err)
	}
	return codec.Compress(nil, raw)
}

// What strangers send is never read: who they are is known from the headers.
func TestBodiesOfStrangersAreNotRead(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	stranger := *b
	stranger.Key = c.Enrol("08").Key
	r := signed(t, c, &stranger, wire.PathUp+"log", wire.TypeBatch, helloBody(t))
	r.Body = io.NopCloser(readFails{t})
	if got := serve(t, c, b, r); got.problem.Trouble != wire.TroubleSignature {
		t.Errorf("a stranger: %s", got)
	}
	if err := c.RevokeBooth(t.Context(), "07", "stolen"); err != nil {
		t.Fatal(err)
	}
	r = signed(t, c, b, wire.PathUp+"log", wire.TypeBatch, helloBody(t))
	r.Body = io.NopCloser(readFails{t})
	if got := serve(t, c, b, r); got.problem.Trouble != wire.TroubleRevoked {
		t.Errorf("a revoked booth: %s", got)
	}
}

type readFails struct{ t *testing.T }

func (r readFails) Read([]byte) (int, error) {
	r.t.Error("the body was read")
	return 0, io.EOF
}

// A booth that opens request after request and ends none is held to a few; another
// booth gets through beside it, and so does this one's urgent lane.
func TestOneBoothDoesNotStarveTheOthers(t *testing.T) {
	c := hubtest.New(t)
	greedy, other := c.Enrol("07"), c.Enrol("08")
	greedy.Book.Write(t, kiosk.LaneUrgent, 1)
	other.Book.Write(t, kiosk.LaneLog, 3)
	handler := c.Handler()
	letGo := make(chan struct{})
	var busy, under atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		body := helloBody(t)
		r := signed(t, c, greedy, wire.PathUp+"log", wire.TypeBatch, body)
		s := &stuck{first: bytes.NewReader(body), asked: make(chan struct{}), letGo: letGo}
		r.Body = io.NopCloser(s)
		answered := make(chan outcome, 1)
		wg.Go(func() { answered <- serveWith(t, handler, greedy, r) })
		select {
		case <-s.asked:
			under.Add(1)
		case got := <-answered:
			if got.problem.Trouble == wire.TroubleBusy && got.problem.RetryAfterMS > 0 {
				busy.Add(1)
			}
		}
	}
	if under.Load() != 4 || busy.Load() != 16 {
		t.Errorf("%d requests are under way, %d were told to come later; want 4 and 16", under.Load(), busy.Load())
	}
	raw, err := batchOf(t, other, kiosk.LaneLog, 1, 3).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := serveWith(t, handler, other, signed(t, c, other, wire.PathUp+"log", wire.TypeBatch, codec.Compress(nil, raw))); got.ack.Acked != 3 {
		t.Errorf("the other booth: %s", got)
	}
	if raw, err = batchOf(t, greedy, kiosk.LaneUrgent, 1, 1).Append(nil); err != nil {
		t.Fatal(err)
	}
	if got := serveWith(t, handler, greedy, signed(t, c, greedy, wire.PathUp+"urgent", wire.TypeBatch, codec.Compress(nil, raw))); got.ack.Acked != 1 {
		t.Errorf("the same booth's alarm: %s", got)
	}
	close(letGo)
	wg.Wait()
	list, _, bad, err := c.Attempts(t.Context(), "07")
	if err != nil || len(list) != 1 || list[0].Trouble != "aborted" || list[0].What != "log" || list[0].Bytes == 0 || bad < 20 {
		t.Errorf("attempts %+v, %d bad, %v", list, bad, err)
	}
}

func TestFailedAttemptsAreWrittenDown(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 5)
	push(t, c, b, 1, 5)
	for range 60 {
		body := []byte("this is not zstd")
		if got := serve(t, c, b, signed(t, c, b, wire.PathUp+"log", wire.TypeBatch, body)); got.problem.Trouble != wire.TroubleMalformed {
			t.Fatal(got)
		}
		c.Clock.Add(11 * time.Second)
	}
	list, good, bad, err := c.Attempts(t.Context(), "07")
	if err != nil || len(list) != 50 || good != 1 || bad != 60 {
		t.Fatalf("%d attempts, %d good, %d bad, %v; want the last 50, 1, 60", len(list), good, bad, err)
	}
	for i, a := range list {
		if a.What != "log" || a.Trouble != "malformed" || a.Bytes != 16 || a.Detail == "" || (i > 0 && !a.At.Before(list[i-1].At)) {
			t.Errorf("attempt %d: %+v", i, a)
		}
	}
	if _, _, _, err := c.Attempts(t.Context(), "99"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a booth that is not there: %v", err)
	}
}

// A booth that gives up while it waits has been there, too.
func TestABoothThatDoesNotWaitIsNoted(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := signed(t, c, b, wire.PathHello, wire.TypeMessage, helloBody(t)).WithContext(ctx)
	serve(t, c, b, r)
	list, _, _, err := c.Attempts(t.Context(), "07")
	if err != nil || len(list) != 1 || list[0].Trouble != "aborted" || !strings.Contains(list[0].Detail, "did not wait") {
		t.Errorf("attempts %+v, %v", list, err)
	}
}
