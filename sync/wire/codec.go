package wire

import (
	"errors"

	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
)

// ErrTooLarge says that a body breaks a limit; HTTP says it as 413.
var ErrTooLarge error = &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.too_large",
	Err: errors.New("body is larger than the hub takes")}

// Codec compresses and decompresses bodies. It is safe for concurrent use, keeps
// its buffers for the next call, and is made once.
type Codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// window is how far back a body may refer: the largest body that a booth makes
// by itself, so that nothing is compressed worse for it.
const window = 1 << 20

// NewCodec makes a codec that works on at most n bodies at once in each direction.
func NewCodec(n int) *Codec {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(n),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // constant options
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(n), zstd.WithDecoderMaxMemory(MaxRaw),
		zstd.WithDecoderMaxWindow(MaxRaw), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err) // constant options
	}
	return &Codec{enc: enc, dec: dec}
}

// Compress appends the compressed body to dst.
func (c *Codec) Compress(dst, body []byte) []byte { return c.enc.EncodeAll(body, dst) }

// Decompress returns the body. It never makes more than MaxRaw bytes: the error is
// then ErrTooLarge; any other error has kiosk.CodeInvalid.
func (c *Codec) Decompress(body []byte) ([]byte, error) {
	raw, err := c.dec.DecodeAll(body, nil)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, malformed("decompress body: %w", err)
	}
	if len(raw) > MaxRaw { // several frames
		return nil, ErrTooLarge
	}
	return raw, nil
}

// RawSize returns how many bytes a body takes unpacked, by its own word, and MaxRaw
// where it does not say or says more.
func RawSize(body []byte) int64 {
	var h zstd.Header
	if err := h.Decode(body); err != nil || !h.HasFCS || h.FrameContentSize > MaxRaw {
		return MaxRaw
	}
	return int64(h.FrameContentSize)
}
