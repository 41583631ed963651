package hub

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// What is let in, in this order, so that each step is paid for by the one before:
//
//  1. The headers alone say who asks and that they have the key: the signature covers
//     the body's digest, not the body. Strangers cost a look-up and a verification,
//     and no memory. Both happen behind a door that lets in only as many as the
//     machine can work on, so that whoever may pass it by need not share the
//     processors with all who wait.
//  2. A booth has a few requests under way at once, and while others wait not more
//     than its share (turns).
//  3. The body's bytes are reserved before it is read, and those of the body unpacked
//     before that, from a fixed number. How many booths come at once makes them wait,
//     and does not make the hub grow.
//
// Who waits too long is asked to come again, at a moment of its own. The urgent lane
// has its own places and bytes and needs no door, so that an alarm never waits behind a
// city that comes back from a power cut.

// desk is where one sort of requests is served.
type desk struct {
	what   string
	door   gate                // how many use the processors at once; nil = there is no door
	places gate                // how many are worked on at once
	bodies *semaphore.Weighted // bytes of bodies as they come
	raws   *semaphore.Weighted // bytes of bodies unpacked
	turns  *turns
	inside atomic.Int64 // requests that wait here or are worked on
}

// The desks, as failed attempts name them.
const (
	deskHello  = "hello"
	deskLog    = "log"
	deskUrgent = "urgent"
	deskRekey  = "rekey"
	deskEnrol  = "enrol"
	deskFeed   = "feed"
)

const (
	// waitLimit is how long a request may wait for its place.
	waitLimit = 5 * time.Second
	// maxInside is how many requests may be at a desk, those that wait among them.
	maxInside = 2000
)

// newDesk makes a desk behind a door with so many places, and so many MiB of bodies and
// of bodies unpacked. All desks together are what requests may take of the hub's memory.
func newDesk(what string, door gate, places, bodies, raws int) *desk {
	return &desk{what: what, door: door, places: newGate(places), bodies: semaphore.NewWeighted(int64(bodies) << 20),
		raws: semaphore.NewWeighted(int64(raws) << 20), turns: newTurns()}
}

// deed is what a verified request asks for. raw is the decompressed body. The error is
// errStale where the booth is not what it was remembered as.
type deed func(ctx context.Context, b *sqldb.Booth, raw []byte) (answer, error)

// signed serves a request that a booth signed: it lets do see only a body whose
// sender is known and whose signature verified.
func (h *Hub) signed(d *desk, do deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, a := h.challenged(r)
		if s == nil {
			h.send(w, r, "", a)
			return
		}
		if a.message == nil {
			v := &visit{booth: s.KeyID, what: d.what, began: time.Now()}
			a = h.admit(v.in(r.Context()), w, r, d, s, do)
			h.tally.note(v, a.status)
			if d.what == deskUrgent && a.status == http.StatusOK {
				h.metrics.acknowledged(r.Context(), v.began)
			}
		}
		h.send(w, r, s.Nonce, a)
	}
}

// challenged reads what the request says about its signature, and whether it answers
// a challenge of this hub. The answer has a message where it goes no further.
func (h *Hub) challenged(r *http.Request) (*wire.Signed, answer) {
	s, err := wire.ReadSignature(r)
	if err != nil {
		return nil, h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	if !h.keys.now.Load().challenge.Valid(s.Challenge(), h.now()) {
		return s, h.refuse(http.StatusUnauthorized, wire.TroubleChallenge, errors.New("challenge is not known or has expired"))
	}
	return s, answer{}
}

// doorWidth is how many requests that are not urgent use the processors at once.
func doorWidth() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// pass waits at the door.
func (d *desk) pass(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	return d.door.enter(short)
}

// admit lets a request in whose headers the booth has signed.
func (h *Hub) admit(ctx context.Context, w http.ResponseWriter, r *http.Request, d *desk, s *wire.Signed, do deed) answer {
	defer d.inside.Add(-1)
	if d.inside.Add(1) > maxInside {
		return h.full(d)
	}
	b, a := h.identify(ctx, d, s)
	if a.message != nil {
		return a
	}
	if !d.turns.enter(b.ID, time.Now(), d.crowded()) {
		return h.full(d)
	}
	defer d.turns.leave(b.ID)
	short, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	size := declared(r)
	if d.bodies.Acquire(short, size) != nil {
		return h.full(d)
	}
	defer d.bodies.Release(size)
	body, a := h.readBody(ctx, w, r, s)
	if a.message != nil {
		return a
	}
	a, err := h.work(ctx, d, &b, body, do)
	if errors.Is(err, errStale) {
		h.roll.drop(b.ID)
		if b, a = h.identify(ctx, d, s); a.message != nil {
			return a
		}
		a, err = h.work(ctx, d, &b, body, do)
	}
	if err != nil {
		return h.fault(ctx, b.ID, err)
	}
	return a
}

// full asks a booth to come again, the later the more were asked to: where a whole
// city comes at once, it shall not do so again five seconds later.
func (h *Hub) full(d *desk) answer {
	wait := time.Second + rand.N(min(2*time.Second+d.turns.refuse(time.Now()), time.Minute))
	return problem(http.StatusServiceUnavailable, wire.Problem{Trouble: wire.TroubleBusy, HubTimeMS: sqldb.Millis(h.now()), RetryAfterMS: wait.Milliseconds()})
}

// crowded reports whether others would have to wait soon.
func (d *desk) crowded() bool { return 2*len(d.places) >= cap(d.places) }

func (h *Hub) boothOf(ctx context.Context, id string) (b sqldb.Booth, err error) {
	err = h.db.Glance(ctx, func(tx *sqldb.Tx) (err error) {
		b, err = tx.Booth(ctx, id)
		return err
	})
	if err == nil && b.Key == nil {
		err = sqldb.ErrNoRow // it was invited and never came
	}
	return b, err
}

// declared is how many bytes the body takes at most.
func declared(r *http.Request) int64 {
	if r.ContentLength < 0 || r.ContentLength > wire.MaxBody {
		return wire.MaxBody
	}
	return r.ContentLength
}

// readBody reads the body that the signature's digest is of. The answer has a message
// where it is not that.
func (h *Hub) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, s *wire.Signed) ([]byte, answer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if v := visitOf(ctx); v != nil {
		v.bytes = int64(len(body))
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, h.failed(ctx, s.KeyID, http.StatusRequestEntityTooLarge, wire.TroubleTooLarge, wire.ErrTooLarge)
	}
	if err != nil {
		h.note(context.WithoutCancel(ctx), s.KeyID, aborted, "the line was cut while the body came")
		return nil, h.refuse(http.StatusBadRequest, wire.TroubleMalformed, errors.New("body ended early"))
	}
	if err := s.VerifyBody(body); err != nil {
		return nil, h.failed(ctx, s.KeyID, http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	return body, answer{}
}

// work unpacks a body and does what it asks for. The error is errStale or one of the
// hub itself.
func (h *Hub) work(ctx context.Context, d *desk, b *sqldb.Booth, body []byte, do deed) (answer, error) {
	short, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	if d.places.enter(short) != nil {
		return h.full(d), nil
	}
	defer d.places.leave()
	size := wire.RawSize(body)
	if d.raws.Acquire(short, size) != nil {
		return h.full(d), nil
	}
	defer d.raws.Release(size)
	raw, err := h.codec.Decompress(body)
	if err != nil {
		return h.misfit(ctx, b.ID, err), nil
	}
	a, err := do(ctx, b, raw)
	if err == nil {
		d.turns.serve(time.Now())
	}
	return a, err
}

var errNotHere error = &kiosk.Error{Code: kiosk.CodeDenied, Key: "error.booth", Err: errors.New("this hub does not take this booth: enrol it")}

// unknownBooth is the answer to a booth that is not here.
func (h *Hub) unknownBooth() answer {
	return h.refuse(http.StatusForbidden, wire.TroubleRevoked, errNotHere)
}

// maxSmall is how large a body may be whose sender is not known before it is read.
const maxSmall = 64 << 10

// readSmall reads the body of a stranger. The answer has a message where it goes no
// further.
func (h *Hub) readSmall(w http.ResponseWriter, r *http.Request, d *desk, s *wire.Signed) (body []byte, a answer) {
	short, cancel := context.WithTimeout(r.Context(), waitLimit)
	defer cancel()
	if d.bodies.Acquire(short, maxSmall) != nil {
		return nil, h.busy()
	}
	defer d.bodies.Release(maxSmall)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSmall))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, h.refuse(http.StatusRequestEntityTooLarge, wire.TroubleTooLarge, wire.ErrTooLarge)
	}
	if err != nil {
		return nil, h.refuse(http.StatusBadRequest, wire.TroubleMalformed, errors.New("body ended early"))
	}
	if err := s.VerifyBody(body); err != nil {
		return nil, h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	return body, answer{}
}
