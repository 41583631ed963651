package hub

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Handler serves the booths under /v1/ and the pullers under /api/v1/.
func (h *Hub) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathChallenge, h.serveChallenge)
	mux.HandleFunc("POST "+wire.PathEnrol, h.serveEnrol)
	mux.HandleFunc("POST "+wire.PathHello, h.signed(newGate(gateHello), h.hello))
	mux.HandleFunc("POST "+wire.PathUp+"log", h.signed(newGate(gateLog), h.up(kiosk.LaneLog)))
	mux.HandleFunc("POST "+wire.PathUp+"urgent", h.signed(newGate(gateUrgent), h.up(kiosk.LaneUrgent)))
	mux.HandleFunc("GET "+wire.PathRecords, h.servePull)
	mux.HandleFunc("GET "+wire.PathFeeds, h.serveNews(newGate(gateFeeds)))
	mux.HandleFunc("GET "+wire.PathFeed, h.serveFeed)
	return mux
}

// serveChallenge answers with nothing but the challenge that every answer carries.
// The nonce is marked, so that nobody can pass this off as another answer.
func (h *Hub) serveChallenge(w http.ResponseWriter, r *http.Request) {
	h.send(w, r, wire.ChallengeNonce(r.URL.Query().Get("nonce")), answer{http.StatusOK, &wire.Problem{HubTimeMS: sqldb.Millis(h.now())}})
}

// How many requests of each sort are worked on at once. The urgent lane has its
// own places, so that an alarm does not wait behind a city that comes back from a
// power cut.
const (
	gateHello  = 32
	gateLog    = 32
	gateUrgent = 16
)

// deed is what a verified request asks for. raw is the decompressed body.
type deed func(ctx context.Context, booth string, raw []byte) (answer, error)

// signed serves a request that a booth signed: it lets do see only a body whose
// sender is known and whose signature verified.
func (h *Hub) signed(g gate, do deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, s, a := h.read(w, r)
		if s == nil {
			h.send(w, r, "", a)
			return
		}
		if a.message == nil {
			a = h.admit(r.Context(), g, s, body, do)
		}
		h.send(w, r, s.Nonce, a)
	}
}

// read reads the body and what the request says about its signature. The answer
// has a message where it goes no further.
func (h *Hub) read(w http.ResponseWriter, r *http.Request) ([]byte, *wire.Signed, answer) {
	s, err := wire.ReadSignature(r)
	if err != nil {
		return nil, nil, h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, s, h.refuse(http.StatusRequestEntityTooLarge, wire.TroubleTooLarge, wire.ErrTooLarge)
	}
	if err != nil {
		return nil, s, h.refuse(http.StatusBadRequest, wire.TroubleMalformed, errors.New("body ended early"))
	}
	if !h.challenge.Valid(s.Challenge(), h.now()) {
		return nil, s, h.refuse(http.StatusUnauthorized, wire.TroubleChallenge, errors.New("challenge is not known or has expired"))
	}
	return body, s, answer{}
}

// admit checks who sent the body, unpacks it and does what it asks for. Whether
// the booth was revoked is looked up each time.
func (h *Hub) admit(ctx context.Context, g gate, s *wire.Signed, body []byte, do deed) answer {
	var b sqldb.Booth
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		b, err = tx.Booth(ctx, s.KeyID)
		return err
	})
	if errors.Is(err, sqldb.ErrNoRow) || (err == nil && (b.Revoked != 0 || b.Key == nil)) {
		return h.refuse(http.StatusForbidden, wire.TroubleRevoked, errors.New("this hub does not take this booth: enrol it"))
	}
	if err != nil {
		return h.fault(ctx, s.KeyID, err)
	}
	if err := s.Verify(body, b.Key); err != nil {
		return h.failed(ctx, s.KeyID, http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if g.enter(short) != nil {
		return h.busy()
	}
	defer g.leave()
	raw, err := h.codec.Decompress(body)
	if err != nil {
		return h.misfit(ctx, s.KeyID, err)
	}
	a, err := do(ctx, s.KeyID, raw)
	if err != nil {
		return h.fault(ctx, s.KeyID, err)
	}
	return a
}

// up takes a batch of one lane.
func (h *Hub) up(lane kiosk.Lane) deed {
	return func(ctx context.Context, booth string, raw []byte) (answer, error) {
		b, err := wire.DecodeBatch(raw)
		if err == nil && (b.Booth != booth || b.Stream.Lane != lane) {
			err = kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "batch of booth %.16q in lane %s, sent by %s to lane %s", b.Booth, b.Stream.Lane, booth, lane)
		}
		var c *checked
		if err == nil {
			c, err = check(b)
		}
		if err != nil {
			return h.misfit(ctx, booth, err), nil
		}
		var a answer
		err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) (err error) {
			a, err = h.accept(ctx, tx, c)
			return err
		})
		if err != nil {
			return answer{}, err
		}
		h.news.tell()
		return a, nil
	}
}

// misfit refuses a body that is too large or not of this protocol.
func (h *Hub) misfit(ctx context.Context, booth string, err error) answer {
	if errors.Is(err, wire.ErrTooLarge) {
		return h.failed(ctx, booth, http.StatusRequestEntityTooLarge, wire.TroubleTooLarge, err)
	}
	return h.failed(ctx, booth, http.StatusBadRequest, wire.TroubleMalformed, err)
}

// refuse is an answer to someone who may be anyone.
func (h *Hub) refuse(status int, t wire.Trouble, err error) answer {
	return problem(status, wire.Problem{Trouble: t, Detail: err.Error(), HubTimeMS: sqldb.Millis(h.now())})
}

// failed is refuse for a booth that is known by name: the failed attempt is noted
// beside the booth, not more often than every ten seconds.
func (h *Hub) failed(ctx context.Context, booth string, status int, t wire.Trouble, err error) answer {
	now := h.now()
	if h.noted.wait(booth, now) == 0 {
		h.noted.fail(booth, now)
		h.log.WarnContext(ctx, "booth refused", "booth", booth, "trouble", t, "error", err)
		noteErr := h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.NoteError(ctx, booth, string(t)+": "+err.Error(), sqldb.Millis(now))
		})
		if noteErr != nil {
			h.log.ErrorContext(ctx, "failed attempt not noted", "booth", booth, "error", noteErr)
		}
	}
	return h.refuse(status, t, err)
}

// fault is an answer where the hub itself has trouble. It names no cause: that is
// for the hub's log.
func (h *Hub) fault(ctx context.Context, booth string, err error) answer {
	if ctx.Err() == nil {
		h.log.ErrorContext(ctx, "request of booth not served", "booth", booth, "error", err)
	}
	return h.busy()
}

// busy asks the booth to come again in one to five seconds.
func (h *Hub) busy() answer {
	return problem(http.StatusServiceUnavailable, wire.Problem{Trouble: wire.TroubleBusy, HubTimeMS: sqldb.Millis(h.now()),
		RetryAfterMS: 1000 + rand.Int64N(4000)})
}

// send signs and sends an answer.
func (h *Hub) send(w http.ResponseWriter, r *http.Request, nonce string, a answer) {
	body, err := wire.Marshal(a.message)
	if err != nil {
		h.log.ErrorContext(r.Context(), "answer not encoded", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	wire.SignAnswer(w.Header(), a.status, wire.TypeMessage, body, h.keys.sign, nonce, h.challenge.New(h.now()))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	w.Write(body) //nolint:errcheck // the booth asks again
}
