package hub

import (
	"context"
	"github.com/klauspost/compress/gzip"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/time/rate"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// How often one token may ask: a burst, and then so many times a second.
const (
	tokenRate  = 50
	tokenBurst = 200
)

// pulls is what pulls share: their places, how often each token asks, and the
// compressors, which are dear to make.
type pulls struct {
	gate gate
	zstd sync.Pool
	gzip sync.Pool

	mu     sync.Mutex
	tokens map[string]*tokenUse
}

// tokenUse is what one token takes of the hub.
type tokenUse struct {
	rate *rate.Limiter
	gate gate
}

func newPulls() *pulls { return &pulls{gate: newGate(gatePages), tokens: map[string]*tokenUse{}} }

func (p *pulls) of(token string) *tokenUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.tokens[token]
	if u == nil {
		u = &tokenUse{rate.NewLimiter(tokenRate, tokenBurst), newGate(gateTokenPages)}
		p.tokens[token] = u
	}
	return u
}

// admit counts a request of the token and refuses it where there are too many.
func (p *pulls) admit(token string) error {
	r := p.of(token).rate.Reserve()
	if d := r.Delay(); d > 0 {
		r.Cancel()
		return &refusal{http.StatusTooManyRequests, kiosk.CodeUnavailable, "this token asks too often: come again when Retry-After says, and use wait for news", d}
	}
	return nil
}

// enter takes a place, of the token and of all.
func (p *pulls) enter(ctx context.Context, token string) (leave func(), err error) {
	own := p.of(token).gate
	ctx, cancel := context.WithTimeout(ctx, placeWait)
	defer cancel()
	busy := &refusal{http.StatusServiceUnavailable, kiosk.CodeUnavailable, "too many pages are being read just now: come again", 2 * time.Second}
	if own.enter(ctx) != nil {
		return nil, busy
	}
	if p.gate.enter(ctx) != nil {
		own.leave()
		return nil, busy
	}
	return func() { p.gate.leave(); own.leave() }, nil
}

// compressor is one of the two.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// compress returns a writer that compresses into w, and what gives it back. nil
// for no encoding.
func (p *pulls) compress(encoding string, w io.Writer) (compressor, func()) {
	var pool *sync.Pool
	switch encoding {
	case wire.EncodingZstd:
		pool = &p.zstd
	case encodingGzip:
		pool = &p.gzip
	default:
		return nil, nil
	}
	c, ok := pool.Get().(compressor)
	if !ok {
		c = newCompressor(encoding)
	}
	c.Reset(w)
	return c, func() {
		c.Reset(nil)
		pool.Put(c)
	}
}

func newCompressor(encoding string) compressor {
	if encoding == encodingGzip {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // constant level
		}
		return z
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // constant options
	}
	return z
}
