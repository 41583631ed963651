package hub_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// TestT18NoAttackOnTheLineHasAnEffect plays whoever sits on the line, has seen all
// that went over it, and has keys of their own: of a booth that was revoked, of a
// stranger, an old one of the booth. What they send is refused or changes nothing at
// the hub; what they answer changes nothing at the booth; and the booth itself gets
// through afterwards.
func TestT18NoAttackOnTheLineHasAnEffect(t *testing.T) {
	p := kiosktest.Prove(t, "T18", "replays, forgeries, swapped bodies, old keys, guessed codes, bombs", kiosktest.Runs{Short: 4, Release: 400})
	for p.Next() {
		a := newAttacker(t, p)
		a.replay()
		a.swap()
		a.forge()
		a.oldKeys()
		a.guess()
		a.bomb()
		a.answer()
		a.outcome()
	}
}

// attacker is one run: a city, a booth in good standing, and what is done to both.
type attacker struct {
	t      *testing.T
	p      *kiosktest.Proof
	random *rand.Rand
	city   *hubtest.City
	booth  *hubtest.Booth
	before string // what the hub has of the first records
	seen   []byte // a batch that went over the line
}

const sentBefore, sentAfter = 10, 20

func newAttacker(t *testing.T, p *kiosktest.Proof) *attacker {
	a := &attacker{t: t, p: p, random: rand.New(rand.NewPCG(p.Seed(), 18)), city: hubtest.New(t)}
	a.booth = a.city.Enrol("07")
	a.booth.Book.Write(t, kiosk.LaneLog, sentAfter)
	if got := push(t, a.city, a.booth, 1, sentBefore); got.ack.Acked != sentBefore {
		t.Fatal(got)
	}
	heads, err := a.booth.Book.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads { // the booth knows what the hub has
		if h.Last > 0 {
			if err := a.booth.Book.Acknowledge(t.Context(), h.Stream, sentBefore, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	raw, err := batchOf(t, a.booth, kiosk.LaneLog, 1, sentBefore).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	a.seen = codec.Compress(nil, raw)
	a.before, _ = stored(t, a.city, sentBefore)
	for _, name := range []string{"replays", "forgeries", "old keys", "codes guessed", "bombs", "false answers"} {
		p.Count(name, 0)
	}
	p.Count("effects", 0)
	return a
}

// request is the captured batch in a request that the booth signed.
func (a *attacker) request() *http.Request {
	return signed(a.t, a.city, a.booth, wire.PathUp+"log", wire.TypeBatch, a.seen)
}

// refused sends a request that must not be taken.
func (a *attacker) refused(what string, r *http.Request, troubles ...wire.Trouble) {
	a.t.Helper()
	got := serve(a.t, a.city, a.booth, r)
	for _, want := range troubles {
		if got.problem.Trouble == want {
			return
		}
	}
	a.t.Errorf("%s: %s, want one of %v", what, got, troubles)
}

// again is a request as it was, with a body.
func again(t *testing.T, r *http.Request, body []byte) *http.Request {
	c := r.Clone(t.Context())
	c.Body = io.NopCloser(bytes.NewReader(body))
	c.ContentLength = int64(len(body))
	return c
}

// replay sends the same bytes again, at once and when its challenge has expired.
func (a *attacker) replay() {
	r := a.request()
	for range 3 {
		a.p.Count("replays", 1)
		if got := serve(a.t, a.city, a.booth, again(a.t, r, a.seen)); got.ack.Acked != sentBefore {
			a.t.Errorf("a replay: %s", got)
		}
	}
	elsewhere := again(a.t, r, a.seen)
	elsewhere.URL.Path = []string{wire.PathUp + "urgent", wire.PathHello, wire.PathRekey}[a.random.IntN(3)]
	a.refused("a replay to "+elsewhere.URL.Path, elsewhere, wire.TroubleSignature, wire.TroubleMalformed)
	a.city.Clock.Add(wire.ChallengeLife + time.Second)
	a.refused("a replay after its time", again(a.t, r, a.seen), wire.TroubleChallenge)
	a.p.Count("replays", 2)
}

// swap sends another body under a nonce that was signed.
func (a *attacker) swap() {
	raw, err := batchOf(a.t, a.booth, kiosk.LaneLog, 1, sentAfter).Append(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	longer := codec.Compress(nil, raw)
	a.refused("another body", again(a.t, a.request(), longer), wire.TroubleSignature)
	r := again(a.t, a.request(), longer)
	r.Header.Set("Content-Digest", signed(a.t, a.city, a.booth, wire.PathHello, wire.TypeBatch, longer).Header.Get("Content-Digest"))
	a.refused("another body with its digest", r, wire.TroubleSignature)
	flipped := bytes.Clone(a.seen)
	flipped[a.random.IntN(len(flipped))] ^= byte(1 + a.random.IntN(255))
	a.refused("a flipped bit", again(a.t, a.request(), flipped), wire.TroubleSignature)
	a.p.Count("forgeries", 3)
}

// forge changes what a signature covers, and signs with keys that are not the booth's.
func (a *attacker) forge() {
	for range 20 {
		r := again(a.t, a.request(), a.seen)
		name := []string{"Signature", "Signature-Input", "Content-Type", "Content-Encoding", "Content-Digest"}[a.random.IntN(5)]
		v := []byte(r.Header.Get(name))
		v[a.random.IntN(len(v))] ^= byte(1 + a.random.IntN(31))
		r.Header.Set(name, string(v))
		a.refused("a changed "+name, r, wire.TroubleSignature, wire.TroubleChallenge, wire.TroubleRevoked)
		a.p.Count("forgeries", 1)
	}
	stranger := *a.booth
	_, stranger.Key, _ = ed25519.GenerateKey(nil)
	a.refused("a stranger's key", signed(a.t, a.city, &stranger, wire.PathUp+"log", wire.TypeBatch, a.seen), wire.TroubleSignature)
	a.p.Count("forgeries", 1)
}

// oldKeys speaks with a key that was changed and with one that was revoked.
func (a *attacker) oldKeys() {
	_, next, _ := ed25519.GenerateKey(nil)
	old := *a.booth
	msg, err := wire.Marshal(&wire.Rekey{Chain: []wire.Rotation{wire.NewRotation(wire.WhoBooth("07"), old.Key, next)}})
	if err != nil {
		a.t.Fatal(err)
	}
	body := codec.Compress(nil, msg)
	r := signed(a.t, a.city, &old, wire.PathRekey, wire.TypeMessage, body)
	if got := serve(a.t, a.city, a.booth, again(a.t, r, body)); got.status != http.StatusOK {
		a.t.Fatal(got)
	}
	a.booth.Key = next
	a.refused("the change of key again", again(a.t, r, body), wire.TroubleSignature)
	a.refused("the old key", signed(a.t, a.city, &old, wire.PathUp+"log", wire.TypeBatch, a.seen), wire.TroubleSignature)
	back, err := wire.Marshal(&wire.Rekey{Chain: []wire.Rotation{wire.NewRotation(wire.WhoBooth("07"), old.Key, old.Key)}})
	if err != nil {
		a.t.Fatal(err)
	}
	a.refused("the old key wants to be the new one", signed(a.t, a.city, &old, wire.PathRekey, wire.TypeMessage, codec.Compress(nil, back)), wire.TroubleSignature)
	gone := a.city.Enrol("08")
	if err := a.city.RevokeBooth(a.t.Context(), "08", "stolen"); err != nil {
		a.t.Fatal(err)
	}
	for _, path := range []string{wire.PathUp + "log", wire.PathHello, wire.PathRekey} {
		body := a.seen
		if path == wire.PathRekey {
			msg, err := wire.Marshal(&wire.Rekey{Chain: []wire.Rotation{wire.NewRotation(wire.WhoBooth("08"), gone.Key, next)}})
			if err != nil {
				a.t.Fatal(err)
			}
			body = codec.Compress(nil, msg)
		}
		a.refused("a revoked booth at "+path, signed(a.t, a.city, gone, path, wire.TypeMessage, body), wire.TroubleRevoked)
	}
	a.p.Count("old keys", 6)
}

// guess tries codes of an enrolment string that is out.
func (a *attacker) guess() {
	line, err := a.city.CreateEnrolment(a.t.Context(), "09", "Booth 09", a.city.URL)
	if err != nil {
		a.t.Fatal(err)
	}
	v, err := wire.ParseInvitation(line)
	if err != nil {
		a.t.Fatal(err)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	for range 5 {
		wrong := v
		wrong.Code = wire.NewCode()
		if _, err := agent.Enrol(a.t.Context(), wrong.String(), key, agent.Opts{Log: hubtest.Quiet()}); kiosk.CodeOf(err) != kiosk.CodeDenied {
			a.t.Errorf("a guess: %v", err)
		}
		a.p.Count("codes guessed", 1)
	}
	if _, err := agent.Enrol(a.t.Context(), line, key, agent.Opts{Log: hubtest.Quiet()}); kiosk.CodeOf(err) != kiosk.CodeDenied {
		a.t.Errorf("the right code after five guesses: %v", err)
	}
}

// bomb sends bodies that unpack to far more than is taken, in one frame and in many.
func (a *attacker) bomb() {
	var one bytes.Buffer
	w, err := zstd.NewWriter(&one, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		a.t.Fatal(err)
	}
	for range 64 + a.random.IntN(64) {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	frame := codec.Compress(nil, make([]byte, 1<<20))
	for _, body := range [][]byte{one.Bytes(), bytes.Repeat(frame, wire.MaxRaw>>20+1+a.random.IntN(100))} {
		a.refused("a bomb", signed(a.t, a.city, a.booth, wire.PathUp+"log", wire.TypeBatch, body), wire.TroubleTooLarge)
		a.p.Count("bombs", 1)
	}
}

// answer stands between the booth and the hub and lets no answer of one sort through
// as it is.
func (a *attacker) answer() {
	var asked atomic.Int64
	forger := &forger{random: a.random, stranger: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)),
		hub: a.city.Handler(), falsify: func(path string) bool {
			return strings.HasPrefix(path, wire.PathUp) // the hello goes through, or the booth would never send
		}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if forger.serve(w, r) {
			asked.Add(1)
		}
	}))
	defer s.Close()
	b := *a.booth
	b.Enrolment.Hub = s.URL
	key := b.HubKey
	var learned atomic.Bool
	ag, err := agent.New(b.Book, b.Enrolment, b.Key, agent.Opts{Log: hubtest.Quiet(), Hello: 5 * time.Millisecond, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond,
		Keys: agent.KeyOpts{Renew: func(_ context.Context, _, e kiosk.Enrolment) error { learned.Store(true); return nil }}})
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(a.t.Context())
	done := make(chan error, 1)
	go func() { done <- ag.Run(ctx) }()
	for end := time.Now().Add(30 * time.Second); asked.Load() < 40 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		a.t.Error(err)
	}
	a.p.Count("false answers", int(asked.Load()))
	if n := b.Book.Behind(); asked.Load() < 40 || n != sentAfter-sentBefore || len(b.Book.Begun()) != 0 || learned.Load() || !bytes.Equal(key, b.HubKey) {
		a.p.Count("effects", 1)
		a.t.Errorf("after %d false answers: %d behind, epochs %v, keys learned %t", asked.Load(), n, b.Book.Begun(), learned.Load())
	}
}

// forger answers in the hub's place. It has heard every answer before.
type forger struct {
	hub      http.Handler
	stranger ed25519.PrivateKey
	falsify  func(path string) bool

	mu     sync.Mutex
	random *rand.Rand
	heard  []*httptest.ResponseRecorder
}

// serve reports whether the answer was a false one. The hub gets nothing of those
// requests: what it says would be true.
func (f *forger) serve(w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	real := httptest.NewRecorder()
	if !f.falsify(r.URL.Path) {
		f.hub.ServeHTTP(real, r)
		f.heard = append(f.heard, real)
		pass(w, real.Code, real.Header(), real.Body.Bytes())
		return false
	}
	nonce := ""
	if s, err := wire.ReadSignature(r); err == nil {
		nonce = s.Nonce
	}
	ack, _ := wire.Marshal(&wire.Ack{Acked: uint64(sentBefore + f.random.IntN(1000)), HubTimeMS: 1})
	switch f.random.IntN(4) {
	case 0: // signed with another key
		wire.SignAnswer(w.Header(), http.StatusOK, wire.TypeMessage, ack, f.stranger, nonce, "x")
		w.Write(ack)
	case 1: // not signed
		w.Write(ack)
	case 2: // true, and the answer to another request
		old := f.heard[f.random.IntN(len(f.heard))]
		pass(w, http.StatusOK, old.Header(), old.Body.Bytes())
	case 3: // what the hub says to anybody, bound to the booth's nonce
		path := []string{wire.PathChallenge, wire.PathTime, wire.PathKeys}[f.random.IntN(3)]
		f.hub.ServeHTTP(real, httptest.NewRequest(http.MethodGet, path+"?nonce="+nonce, nil))
		pass(w, http.StatusOK, real.Header(), real.Body.Bytes())
	}
	return true
}

func pass(w http.ResponseWriter, status int, h http.Header, body []byte) {
	for k, v := range h {
		w.Header()[k] = v
	}
	w.WriteHeader(status)
	w.Write(body)
}

// outcome holds what the hub has against what it had, and lets the booth go on.
func (a *attacker) outcome() {
	if after, last := stored(a.t, a.city, sentBefore); after != a.before || last != sentBefore {
		a.p.Count("effects", 1)
		a.t.Errorf("the hub has %d records, want the %d of before", last, sentBefore)
	}
	if n := forks(a.t, a.city); n != 0 {
		a.p.Count("effects", 1)
		a.t.Errorf("%d records were set aside", n)
	}
	if got := push(a.t, a.city, a.booth, sentBefore+1, sentAfter); got.ack.Acked != sentAfter {
		a.t.Errorf("the booth itself: %s", got)
	}
}
