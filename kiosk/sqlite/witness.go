package sqlite

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"

	"redstation/kiosk"
)

const witnessName = "witness"

// witness is the file beside the book that says how far it had come. It is
// written after each commit and not fsynced: it never runs ahead of an honest
// disk, and to notice a restored backup it need not be exact.
type witness struct {
	f     *os.File
	known *testimony // what it said at opening; nil if nothing
	warn  bool
}

// testimony is what the file holds.
type testimony struct {
	Epoch    kiosk.ID         `json:"epoch"`
	Last     [2]uint64        `json:"last"` // by lane
	Day      kiosk.ServiceDay `json:"day"`
	Requests int64            `json:"requests"`
}

// witnessSize is the fixed length of the file: JSON, spaces, 8 hex digits of CRC-32.
const witnessSize = 512

func openWitness(path string) (*witness, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	w := &witness{f: f}
	b := make([]byte, witnessSize)
	if _, err := io.ReadFull(f, b); err != nil {
		return w, nil // new, or cut short: it says nothing
	}
	var t testimony
	body, sum := b[:witnessSize-8], string(b[witnessSize-8:])
	if sum == checksum(body) && json.Unmarshal(body, &t) == nil {
		w.known = &t
	}
	return w, nil
}

func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)) }

// write notes the state after a commit. A witness that cannot be written is said
// once and does not stop the booth.
func (w *witness) write(s *state, requests int64, log *slog.Logger) {
	t := testimony{Epoch: s.epoch, Last: [2]uint64{s.lanes[0].size, s.lanes[1].size}, Day: s.day, Requests: requests}
	b, err := json.Marshal(t)
	if err == nil {
		for len(b) < witnessSize-8 {
			b = append(b, ' ')
		}
		_, err = w.f.WriteAt(append(b, checksum(b)...), 0)
	}
	if err != nil && !w.warn {
		w.warn = true
		log.Warn("witness not written", "err", err)
	}
}

func (w *witness) Close() error { return w.f.Close() }

// rolledBack reports whether the book is behind what its witness saw: it has never
// heard of the witness's epoch, or has less of it. A witness that names an earlier
// epoch of the book was not written in time.
func (t *testimony) rolledBack(s *state) bool {
	if t == nil {
		return false
	}
	if t.Epoch != s.epoch {
		return !s.heard
	}
	return t.Last[0] > s.lanes[0].size || t.Last[1] > s.lanes[1].size
}

// behind reports whether the city acknowledged more than the book holds.
func (s *state) behind() bool {
	for _, have := range s.streams {
		if have.n == s.n && have.head.Acked > have.head.Last {
			return true
		}
	}
	return false
}
