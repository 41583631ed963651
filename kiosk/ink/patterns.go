package ink

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the patterns
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// patterns.bin.gz is made by inkgen. Its licence is ARPHICPL.TXT.
//
//go:embed patterns.bin.gz
var patternFile []byte

// The file of patterns: fileMark, the number of patterns (32 bits, big end first), the
// patterns' characters (32 bits each), their priors (a byte each), and their features,
// packedSize bytes each: two numbers of four bits a byte, the first in the low half.
// All of it is one gzip stream.
const (
	fileMark   = "RSI1"
	packedSize = dims / 2
	// step is one of the sixteen levels of a feature.
	step = 1.0 / 48
)

// Pattern is one way to write a character.
type Pattern struct {
	Rune rune
	// Prior says how common the character is: 0 for one that hardly anybody writes,
	// 255 for the most common. A step is the same factor everywhere.
	Prior    uint8
	Features *Features
}

// Pack returns the file of patterns.
func Pack(patterns []Pattern) ([]byte, error) {
	raw := binary.BigEndian.AppendUint32([]byte(fileMark), uint32(len(patterns)))
	for _, p := range patterns {
		raw = binary.BigEndian.AppendUint32(raw, uint32(p.Rune))
	}
	for _, p := range patterns {
		raw = append(raw, p.Prior)
	}
	for _, p := range patterns {
		for i := 0; i < dims; i += 2 {
			raw = append(raw, level(p.Features[i])|level(p.Features[i+1])<<4)
		}
	}
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(raw); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func level(v float32) byte { return byte(min(15, math.Round(float64(v)/step))) }

// unpack reads a file of patterns into a matcher.
func unpack(packed []byte) (*Matcher, error) {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("open patterns: %w", err)
	}
	head := make([]byte, len(fileMark)+4)
	if _, err := io.ReadFull(zr, head); err != nil || string(head[:len(fileMark)]) != fileMark {
		return nil, errors.New("open patterns: not a file of inkgen")
	}
	n := int(binary.BigEndian.Uint32(head[len(fileMark):]))
	if n > 1<<16 {
		return nil, fmt.Errorf("open patterns: %d are too many", n)
	}
	body := make([]byte, n*(4+1+packedSize))
	if _, err := io.ReadFull(zr, body); err != nil {
		return nil, fmt.Errorf("read %d patterns: %w", n, err)
	}
	m := &Matcher{runes: make([]rune, n), priors: body[4*n : 5*n], packed: body[5*n:],
		scale: make([]float32, n), coarse: make([]uint8, n*coarseDims), coarseScale: make([]float32, n)}
	for i := range n {
		m.runes[i] = rune(binary.BigEndian.Uint32(body[4*i:]))
		m.prepare(i)
	}
	return m, nil
}

// prepare fills in what is computed from pattern i: its length, and its coarse self.
func (m *Matcher) prepare(i int) {
	coarse := m.coarse[i*coarseDims : (i+1)*coarseDims]
	var sum float64
	for j, b := range m.packed[i*packedSize : (i+1)*packedSize] {
		lo, hi := b&15, b>>4
		sum += float64(lo)*float64(lo) + float64(hi)*float64(hi)
		coarse[coarseOf(2*j)] += lo + hi // at most 8 times 15
	}
	m.scale[i] = float32(1 / math.Sqrt(max(sum, 1)))
	sum = 0
	for _, v := range coarse {
		sum += float64(v) * float64(v)
	}
	m.coarseScale[i] = float32(1 / math.Sqrt(max(sum, 1)))
}

// coarseDims is the size of a drawing's coarse self: 4 by 4 cells, 4 directions.
const coarseDims = dims / 8

// coarseOf returns where feature i goes in the coarse self. Neighbouring directions of
// one cell go to the same place.
func coarseOf(i int) int {
	cell, turn := i/turns, i%turns
	x, y := cell%grid/2, cell/grid/2
	return (y*grid/2+x)*turns/2 + turn/2
}
