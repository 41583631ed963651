package notary

import (
	"encoding/json"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// Proof shows that one record is in a tree that the booth and the hub signed, without
// any other record. check_proof.py beside this package checks one with nothing but
// SHA-256 and arithmetic: the leaf is SHA-256(0x00 + header); going over hashes, a
// node is SHA-256(0x01 + left + right), as RFC 6962, section 2.1.1, orders them; the
// last one is the root in the note.
type Proof struct {
	Booth     string    `json:"booth"`
	Epoch     kiosk.ID  `json:"epoch"`
	Lane      string    `json:"lane"`
	Seq       uint64    `json:"seq"`
	ID        string    `json:"id"`
	LeafIndex uint64    `json:"leaf_index"` // from 0: seq - 1
	TreeSize  uint64    `json:"tree_size"`
	Header    []byte    `json:"header"`               // base64
	Facts     *string   `json:"facts,omitempty"`      // text, if they are there
	FactsSalt []byte    `json:"facts_salt,omitempty"` // base64; SHA-256("redstation/facts/1" + 0x00 + salt + facts) stands in the header
	Hashes    [][]byte  `json:"hashes"`               // base64, from the leaf up
	Root      tlog.Hash `json:"root"`                 // base64; the one in the note
	Note      string    `json:"note"`
	Keys      []string  `json:"keys"`
}

// Prove verifies an export as Verify does and returns the proof for one record: that
// with the id, or the one whose facts have what as their number, such as a receipt's.
// The error has kiosk.CodeNotFound where there is none, and kiosk.CodeInvalid where
// it is not covered by a checkpoint yet.
func Prove(export io.ReadSeeker, notes []wire.NoteRow, hubs []string, what string) (*Proof, error) {
	var found *record
	a, err := audit(export, notes, hubs, func(r *record) error {
		if found == nil && (r.id == what || numberOf(r.facts) == what) {
			found = r
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "there is no record with id or number %.40q in it", what)
	}
	l := a.streams[key{found.Booth, found.Stream}]
	last := l.notes[len(l.notes)-1]
	if found.Seq > last.Size {
		return nil, invalid("%s is newer than the checkpoint of its stream: get new checkpoints", found.Place)
	}
	path, err := tlog.ProveRecord(int64(last.Size), int64(found.Seq-1), l.tree)
	if err != nil {
		return nil, err
	}
	p := &Proof{Booth: found.Booth, Epoch: found.Stream.Epoch, Lane: found.Stream.Lane.String(), Seq: found.Seq, ID: found.id,
		LeafIndex: found.Seq - 1, TreeSize: last.Size, Header: found.header, FactsSalt: found.salt, Hashes: [][]byte{},
		Root: last.Root, Note: last.row.Note, Keys: slices.Clone(last.row.Keys)}
	for _, h := range path {
		p.Hashes = append(p.Hashes, h[:])
	}
	if found.facts != nil && utf8.Valid(found.facts) {
		text := string(found.facts)
		p.Facts = &text
	}
	return p, nil
}

// numberOf returns the number that facts speak of: that of a receipt.
func numberOf(facts []byte) string {
	var f struct {
		Number any `json:"number"`
	}
	if json.Unmarshal(facts, &f) != nil {
		return ""
	}
	s, _ := f.Number.(string)
	return s
}
