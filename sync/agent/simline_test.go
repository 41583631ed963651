package agent_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"redstation/sync/wire"
)

// simCodec is the codec of all booths of all simulations.
var simCodec = sync.OnceValue(func() *wire.Codec { return wire.NewCodec(2) })

var errGone = errors.New("connection reset")

// RoundTrip is the booth's line. The request and its answer happen at once; the time
// that they took is counted, and what they bring about comes that much later.
func (b *simBooth) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if b.line.After(b.now) || b.hubUp.After(b.now) {
		b.trip += b.within(20 * time.Minute) // packets vanish; with a real time limit most of a run would be signing for nobody
		return nil, errGone
	}
	b.counts["requests"]++
	b.trip += 20*time.Millisecond + b.within(3*time.Second)
	if b.chance(2) {
		b.trip += b.within(40 * time.Second)
	}
	switch {
	case b.chance(5):
		b.counts["requests lost"]++
		return nil, errGone
	case b.chance(3): // it arrives when nobody waits for the answer any more
		b.counts["requests late"]++
		b.trip += 30 * time.Second
		b.after(b.within(3*time.Hour), func() { b.serve(r, body) })
		return nil, context.DeadlineExceeded
	case b.chance(1):
		b.counts["requests garbled"]++
		body = flip(body, b.rng.IntN(len(body)+1))
	}
	answer := b.serve(r, body)
	switch {
	case b.chance(5):
		b.counts["answers lost"]++
		return nil, errGone
	case b.chance(4):
		b.counts["requests doubled"]++
		b.after(b.within(3*time.Hour), func() { b.serve(r, body) })
	case b.chance(1):
		b.counts["answers garbled"]++
		answer.Body = flip(answer.Body, b.rng.IntN(len(answer.Body)+1))
	}
	if b.trip > 30*time.Second {
		return nil, context.DeadlineExceeded
	}
	return &http.Response{StatusCode: answer.Code, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Body)), Request: r}, nil
}

// served is an answer of the hub.
type served struct {
	Code   int
	Header http.Header
	Body   []byte
}

// serve lets the hub answer, if it is there.
func (b *simBooth) serve(r *http.Request, body []byte) served {
	if b.hubUp.After(b.now) {
		return served{Code: http.StatusBadGateway}
	}
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.RemoteAddr = "192.0.2.1:1"
	w := httptest.NewRecorder()
	b.hub.ServeHTTP(w, again)
	return served{w.Code, w.Header(), w.Body.Bytes()}
}

// flip changes the byte at i, if there is one.
func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	if i < len(b) {
		b[i] ^= 0x20
	}
	return b
}
