package hub

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Handler serves the booths under /v1/ and the pullers under /api/v1/.
func (h *Hub) Handler() http.Handler {
	mux, door := http.NewServeMux(), newGate(doorWidth())
	mux.HandleFunc("GET "+wire.PathChallenge, h.serveChallenge)
	mux.HandleFunc("GET "+wire.PathTime, h.serveTime)
	mux.HandleFunc("GET "+wire.PathKeys, h.serveKeys)
	mux.HandleFunc("POST "+wire.PathEnrol, h.serveEnrol(newDesk(deskEnrol, nil, 4, 2, 4)))
	mux.HandleFunc("POST "+wire.PathRekey, h.serveRekey(newDesk(deskRekey, nil, 4, 2, 4)))
	mux.HandleFunc("POST "+wire.PathHello, h.signed(newDesk(deskHello, door, 256, 8, 16), h.hello))
	for lane, d := range map[kiosk.Lane]*desk{kiosk.LaneLog: newDesk(deskLog, door, 256, 24, 32), kiosk.LaneUrgent: newDesk(deskUrgent, nil, 64, 4, 8)} {
		mux.HandleFunc("POST "+wire.PathUp+lane.String(), h.signed(d, h.up(d, lane)))
	}
	mux.HandleFunc("GET "+wire.PathFeeds, h.serveNews(newGate(gateFeeds)))
	mux.HandleFunc("GET "+wire.PathFeed, h.serveFeed)
	mux.Handle(wire.PathAPI, h.api())
	return h.metrics.measure(h.wantCert(mux))
}

// wantCert refuses booths without a certificate where this hub wants one. What time
// it is and how the hub came to its key is told to anybody: a booth whose clock is
// wrong cannot judge a certificate yet.
func (h *Hub) wantCert(next http.Handler) http.Handler {
	if !h.certs {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if !strings.HasPrefix(path, "/v1/") || path == wire.PathTime || path == wire.PathKeys || (r.TLS != nil && len(r.TLS.VerifiedChains) > 0) {
			next.ServeHTTP(w, r)
			return
		}
		nonce := wire.AskedNonce(wire.AskChallenge, r.URL.Query().Get("nonce"))
		if s, err := wire.ReadSignature(r); err == nil {
			nonce = s.Nonce
		}
		h.send(w, r, nonce, h.refuse(http.StatusForbidden, wire.TroubleCert, errors.New("this hub wants a client certificate: give the booth --client-cert and --client-key")))
	})
}

// serveChallenge answers with nothing but the challenge that every answer carries.
func (h *Hub) serveChallenge(w http.ResponseWriter, r *http.Request) {
	h.tellAnybody(w, r, wire.AskChallenge, &wire.Problem{HubTimeMS: sqldb.Millis(h.now())})
}

// up takes a batch of one lane.
func (h *Hub) up(d *desk, lane kiosk.Lane) deed {
	return func(ctx context.Context, b *sqldb.Booth, raw []byte) (answer, error) {
		begun := time.Now()
		if d.pass(ctx) != nil {
			return h.full(d), nil
		}
		c, err := h.inspect(b, raw)
		d.door.leave()
		if err == nil && c.Stream.Lane != lane {
			err = kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "batch of lane %s, sent to lane %s", c.Stream.Lane, lane)
		}
		if err != nil {
			return h.misfit(ctx, b.ID, err), nil
		}
		var a answer
		known := false
		err = h.group.doFrom(ctx, len(c.Records), func(ctx context.Context, tx *sqldb.Tx) (err error) {
			if known, err = tx.NoteContact(ctx, c.Booth, b.Key, sqldb.Millis(h.now())); err != nil || !known {
				return err
			}
			a, err = h.accept(ctx, tx, c)
			return err
		})
		if err == nil && !known {
			err = errStale
		}
		if err != nil {
			return answer{}, err
		}
		h.publish(ctx, c)
		h.metrics.took(c, a, begun)
		return a, nil
	}
}

// misfit refuses a body that is too large or not of this protocol.
func (h *Hub) misfit(ctx context.Context, booth string, err error) answer {
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		return h.failed(ctx, booth, http.StatusRequestEntityTooLarge, wire.TroubleTooLarge, err)
	case errors.Is(err, wire.ErrProto):
		return h.failed(ctx, booth, http.StatusBadRequest, wire.TroubleProto, err)
	case kiosk.CodeOf(err) == kiosk.CodeDenied:
		return h.failed(ctx, booth, http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	return h.failed(ctx, booth, http.StatusBadRequest, wire.TroubleMalformed, err)
}

// refuse is an answer to someone who may be anyone.
func (h *Hub) refuse(status int, t wire.Trouble, err error) answer {
	p := wire.Problem{Trouble: t, Detail: err.Error(), HubTimeMS: sqldb.Millis(h.now())}
	if t == wire.TroubleProto {
		p.Spoken = wire.Spoken()
	}
	return problem(status, p)
}

// failed is refuse for a booth that is known by name: the attempt is written down.
func (h *Hub) failed(ctx context.Context, booth string, status int, t wire.Trouble, err error) answer {
	h.note(ctx, booth, string(t), err.Error())
	return h.refuse(status, t, err)
}

// fault is an answer where the hub itself has trouble. It names no cause: that is
// for the hub's log.
func (h *Hub) fault(ctx context.Context, booth string, err error) answer {
	if ctx.Err() != nil {
		h.note(context.WithoutCancel(ctx), booth, aborted, "the booth did not wait for the answer")
	} else {
		h.log.ErrorContext(ctx, "request of booth not served", "booth", booth, "error", err)
	}
	return h.busy()
}

// busy asks the booth to come again in one to five seconds.
func (h *Hub) busy() answer {
	return problem(http.StatusServiceUnavailable, wire.Problem{Trouble: wire.TroubleBusy, HubTimeMS: sqldb.Millis(h.now()),
		RetryAfterMS: 1000 + rand.Int64N(4000)})
}

// send signs and sends an answer. Where the booth is going to ask for something else
// at once, a server that closes connections in a crowd is told to spare this one.
func (h *Hub) send(w http.ResponseWriter, r *http.Request, nonce string, a answer) {
	h.metrics.answered(a.message)
	body, err := wire.Marshal(a.message)
	if err != nil {
		h.log.ErrorContext(r.Context(), "answer not encoded", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	ring := h.keys.now.Load()
	wire.SignAnswer(w.Header(), a.status, wire.TypeMessage, body, ring.sign, nonce, ring.challenge.New(h.now()))
	w.Header().Set("Cache-Control", "no-store")
	if a.more {
		w.Header().Set("Connection", "keep-alive")
	}
	w.WriteHeader(a.status)
	w.Write(body) //nolint:errcheck // the booth asks again
}
