package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// What the tables are called and where they begin stands in a table of its own, which
// begins on the first page and, in a book of some size, goes on elsewhere. One byte
// less there and SQLite knows a table no more, or a column under another name. So
// these pages are kept beside the book as well. They change only with a migration.
//
// The file is a sequence of a page's number (4 bytes, big-endian) and its bytes. A
// copy counts only where it fits the checksum of its page.

const schemaName = FileName + ".schema"

// schemaPages returns the pages, but for the first, that the table of tables stands
// on (https://sqlite.org/fileformat2.html, 1.6 and 2.6). Of a deeper tree it names
// those of the upper two levels.
func schemaPages(first []byte) []uint32 {
	const (
		header   = 100 // of the file, before the first page's own
		interior = 0x05
		cells    = header + 12
	)
	if first[header] != interior {
		return nil
	}
	pages := []uint32{binary.BigEndian.Uint32(first[header+8:])}
	n := int(binary.BigEndian.Uint16(first[header+3:]))
	for i := range min(n, (pageSize-cells)/2) {
		at := int(binary.BigEndian.Uint16(first[cells+2*i:]))
		if at < cells || at+4 > pageSize {
			return nil // it is no such page
		}
		pages = append(pages, binary.BigEndian.Uint32(first[at:]))
	}
	slices.Sort(pages)
	return pages
}

// keepSchema copies the pages of the table of tables, if they are others than those
// that were copied last.
func (s *sums) keepSchema(first []byte) error {
	var all, key []byte
	page := make([]byte, pageSize)
	for _, n := range schemaPages(first) {
		if n < 2 || int(n) > len(s.of)/4 {
			return nil // a tree that cannot be: the checksums will say so
		}
		key = append(binary.BigEndian.AppendUint32(key, n), s.of[4*(n-1):4*n]...)
	}
	if len(key) == 0 || slices.Equal(key, s.schema) {
		return nil
	}
	for i := 0; i < len(key); i += 8 {
		n := binary.BigEndian.Uint32(key[i:])
		if _, err := s.book.ReadAt(page, int64(n-1)*pageSize); err != nil {
			return fmt.Errorf("copy page %d of the table of tables: %w", n, err)
		}
		all = append(append(all, key[i:i+4]...), page...)
	}
	err := replaceFile(s.schemaPath, func(f *os.File) error {
		_, err := f.Write(all)
		return err
	})
	if err == nil {
		s.schema = key
	}
	return err
}

// schemaCopies calls use for the copies that are whole.
func (s *sums) schemaCopies(use func(n uint32, page []byte) error) error {
	f, err := os.Open(s.schemaPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	b := make([]byte, 4+pageSize)
	for {
		if _, err := io.ReadFull(f, b); err != nil {
			return nil //nolint:nilerr // the rest is no copy
		}
		n := binary.BigEndian.Uint32(b)
		if n < 2 || int(n) > len(s.of)/4 || castagnoli(b[4:]) != binary.BigEndian.Uint32(s.of[4*(n-1):]) {
			continue
		}
		if err := use(n, b[4:]); err != nil {
			return err
		}
	}
}
