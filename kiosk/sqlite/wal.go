package sqlite

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// The write-ahead log as it lies on the disk (sqlite.org/fileformat2.html, section
// 4): a header of 32 bytes, then frames of 24 bytes and a page each. Every frame
// carries the header's two salts and a checksum that goes on from the one before.
// SQLite takes the frames up to the last commit before the first that does not fit,
// and says nothing of those behind it. After a power cut that is right: what does
// not fit was never confirmed. On a card that changes bytes it is not.
const (
	pageSize    = 4096
	walHead     = 32
	walFrame    = 24 + pageSize
	walMagic    = 0x377f0682 // and the last bit set where checksums are big-endian
	walSaltsAt  = 8          // in a frame; 16 in the header
	walSumsAt   = 16         // in a frame; 24 in the header
	walCommitAt = 4
)

// frame is one page in the log.
type frame struct {
	page   uint32
	commit bool
	good   bool // its checksum fits on the one before
	body   []byte
}

// wal is what the log holds.
type wal struct {
	frames []frame // of this run of the log, also behind a bad one
	taken  int     // frames that SQLite takes
}

// readWAL reads the bytes of a log. Frames that an earlier run of the log left
// behind the present ones are no part of it.
func readWAL(b []byte) wal {
	var w wal
	if len(b) < walHead+walFrame {
		return w
	}
	magic, salts := binary.BigEndian.Uint32(b), b[16:24]
	order := binary.LittleEndian.Uint64
	if magic&1 == 1 {
		order = func(b []byte) uint64 { return bits.RotateLeft64(binary.BigEndian.Uint64(b), 32) }
	}
	sound := magic&^1 == walMagic && walSum(order, [2]uint32{}, b[:24]) == walSumAt(b[24:])
	if !sound { // what it says of itself is worth nothing: the frames know
		salts = b[walHead+walSaltsAt:][:8]
	}
	seed, whole := walSumAt(b[24:]), sound
	b = b[walHead:]
	for b = b[:walFrame*ofRun(b, salts)]; len(b) > 0; b = b[walFrame:] {
		f := frame{page: binary.BigEndian.Uint32(b), commit: binary.BigEndian.Uint32(b[walCommitAt:]) != 0, body: b[24:walFrame]}
		f.good = bytes.Equal(b[walSaltsAt:][:8], salts) && walSum(order, walSum(order, seed, b[:8]), f.body) == walSumAt(b[walSumsAt:])
		seed = walSumAt(b[walSumsAt:])
		w.frames = append(w.frames, f)
		whole = whole && f.good
		if whole && f.commit {
			w.taken = len(w.frames)
		}
	}
	return w
}

// ofRun returns how many frames belong to the run of the log with these salts: all up
// to the last that has them. One before it that has not is damaged, not older.
func ofRun(frames, salts []byte) (n int) {
	for i := 0; len(frames) >= walFrame; i, frames = i+1, frames[walFrame:] {
		if bytes.Equal(frames[walSaltsAt:][:8], salts) {
			n = i + 1
		}
	}
	return n
}

func walSumAt(b []byte) [2]uint32 {
	return [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

// walSum goes on with a checksum; order reads two words, the first one lowest.
func walSum(order func([]byte) uint64, s [2]uint32, b []byte) [2]uint32 {
	for ; len(b) >= 8; b = b[8:] {
		pair := order(b)
		s[0] += uint32(pair) + s[1]
		s[1] += uint32(pair>>32) + s[0]
	}
	return s
}

// pages returns the pages that SQLite reads from the log and not from the book.
func (w *wal) pages() map[uint32]bool {
	out := make(map[uint32]bool, w.taken)
	for _, f := range w.frames[:w.taken] {
		out[f.page] = true
	}
	return out
}

// torn reports whether the log ends as a power cut may leave it: behind the frames
// that are taken lies at most one transaction. A commit is on the disk before the
// next one is written, so that two commits behind a frame that does not fit mean
// that this frame was good once.
func (w *wal) torn() bool {
	commits := 0
	for _, f := range w.frames[w.taken:] {
		if f.good && f.commit {
			commits++
		}
	}
	return commits < 2
}

// longer reports whether anything lies behind what is taken.
func (w *wal) longer() bool { return w.taken < len(w.frames) }
