package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"strings"
)

// SQLite does not know when a byte of the book changes behind its back: it looks at
// the shape of a page, not at what stands there. So a small file beside the book
// keeps a checksum of each page, and a copy of the first page, without which nothing
// else can be found.
//
// The book's own file changes only in checkpoints, and only the writer makes them
// (wal_autocheckpoint is off). The order is: the pages go from the log into the
// book and to the disk; then their checksums are renewed and go to the disk; only
// then may the log begin anew. So at every moment a page that differs from its
// checksum is either in the log, and read from there, or damaged.
//
// A card that loses a bit does not change the time of the file's last change; a
// backup that is put back, another connection's checkpoint, or a person with another
// program does. Where that time is another than when the checksums were written, they
// say nothing, and are made anew if the book is sound.
const (
	sumsName  = FileName + ".sums"
	sumsMagic = "redstation sums\n" // 16 bytes, then the book's time, its first page, and 4 bytes a page
	firstAt   = len(sumsMagic) + 8
	sumsAt    = firstAt + pageSize
)

// sums is the open file of checksums, and the book's file beside SQLite's own. That
// one stays open for as long as SQLite has the book: to close it would drop SQLite's
// locks (fcntl(2)).
type sums struct {
	path       string
	schemaPath string
	f          *os.File
	book       *os.File
	of         []byte // as in the file from sumsAt on
	at         int64  // the time of the book's last change when they were written, ns
	schema     []byte // number and checksum of each page that keepSchema copied
}

func castagnoli(page []byte) uint32 { return crc32.Checksum(page, crc32.MakeTable(crc32.Castagnoli)) }

// openSums opens the checksums of the book at path, whole where there are any. A
// file that makes no sense counts as none.
func openSums(path, book string) (*sums, error) {
	s := &sums{path: path, schemaPath: book + strings.TrimPrefix(schemaName, FileName)}
	var err error
	if s.book, err = os.Open(book); err != nil {
		return nil, fmt.Errorf("open book: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("read page checksums: %w", err), s.book.Close())
	}
	if len(b) > sumsAt && bytes.HasPrefix(b, []byte(sumsMagic)) && len(b)%4 == 0 {
		s.at, s.of = int64(binary.BigEndian.Uint64(b[len(sumsMagic):])), b[sumsAt:]
	}
	return s, nil
}

// known reports whether there are checksums.
func (s *sums) known() bool { return s.of != nil }

// foreign reports whether the book was changed since by somebody else.
func (s *sums) foreign() bool {
	info, err := s.book.Stat()
	return err != nil || info.ModTime().UnixNano() != s.at
}

// verify reads the whole book and returns the pages that are not what they were,
// apart from those in the log. A page that cannot be read is one of them.
func (s *sums) verify(inLog map[uint32]bool, progress func(done, all int)) []uint32 {
	var bad []uint32
	all := len(s.of) / 4
	page := make([]byte, pageSize)
	for i := range all {
		n := uint32(i + 1)
		if inLog[n] {
			continue
		}
		if _, err := s.book.ReadAt(page, int64(i)*pageSize); err != nil || castagnoli(page) != binary.BigEndian.Uint32(s.of[4*i:]) {
			bad = append(bad, n)
		}
		if i%1024 == 0 {
			progress(i, all)
		}
	}
	return bad
}

// first returns the copy of the first page, nil where there is none that is whole.
func (s *sums) first() []byte {
	page := make([]byte, pageSize)
	f, err := os.Open(s.path)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	if _, err := f.ReadAt(page, int64(firstAt)); err != nil || !s.known() || castagnoli(page) != binary.BigEndian.Uint32(s.of) {
		return nil
	}
	return page
}

// renew takes in the pages that a checkpoint has brought into the book. When it
// returns their checksums are on the disk.
func (s *sums) renew(pages map[uint32]bool) error {
	if !s.known() {
		return s.build()
	}
	info, err := s.book.Stat()
	if err != nil {
		return fmt.Errorf("renew page checksums: %w", err)
	}
	size := 4 * int(info.Size()/pageSize)
	s.of = append(s.of[:min(size, len(s.of))], make([]byte, max(0, size-len(s.of)))...)
	low, high, err := s.sum(func(n uint32) bool { return pages[n] })
	if err != nil {
		return err
	}
	if s.f == nil {
		if s.f, err = os.OpenFile(s.path, os.O_RDWR, 0o600); err != nil {
			return fmt.Errorf("write page checksums: %w", err)
		}
	}
	if err := s.write(s.f, low, high); err != nil {
		return fmt.Errorf("write page checksums: %w", err)
	}
	return nil
}

// build makes the checksums of all pages, and puts their file there at once.
func (s *sums) build() error {
	info, err := s.book.Stat()
	if err != nil {
		return fmt.Errorf("make page checksums: %w", err)
	}
	s.of = make([]byte, 4*(info.Size()/pageSize))
	if _, _, err := s.sum(func(uint32) bool { return true }); err != nil {
		return err
	}
	err = replaceFile(s.path, func(f *os.File) error { return s.write(f, 0, len(s.of)) })
	if err != nil {
		s.of = nil
		return fmt.Errorf("make page checksums: %w", err)
	}
	return nil
}

// sum computes the checksums of the chosen pages, and returns which part of them
// that is.
func (s *sums) sum(chosen func(uint32) bool) (low, high int, err error) {
	page := make([]byte, pageSize)
	low = len(s.of)
	for i := 0; i < len(s.of); i += 4 {
		n := uint32(i/4 + 1)
		if !chosen(n) {
			continue
		}
		if _, err := s.book.ReadAt(page, int64(n-1)*pageSize); err != nil {
			return 0, 0, fmt.Errorf("sum page %d: %w", n, err)
		}
		binary.BigEndian.PutUint32(s.of[i:], castagnoli(page))
		low, high = min(low, i), i+4
	}
	return low, high, nil
}

// write brings the checksums from low to high, and the first page, to the disk.
func (s *sums) write(f *os.File, low, high int) error {
	info, err := s.book.Stat()
	if err != nil {
		return err
	}
	s.at = info.ModTime().UnixNano()
	head := append(make([]byte, 0, sumsAt), sumsMagic...)
	head = binary.BigEndian.AppendUint64(head, uint64(s.at))[:sumsAt]
	if _, err := s.book.ReadAt(head[firstAt:], 0); err != nil {
		return err
	}
	if err := s.keepSchema(head[firstAt:]); err != nil {
		return err
	}
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	if low < high {
		if _, err := f.WriteAt(s.of[low:high], int64(sumsAt+low)); err != nil {
			return err
		}
	}
	if err := f.Truncate(int64(sumsAt + len(s.of))); err != nil {
		return err
	}
	return f.Sync()
}

// forget drops checksums that could not be written: none are better than wrong ones.
func (s *sums) forget() error {
	s.of = nil
	if s.f != nil {
		s.f.Close() //nolint:errcheck // the file goes
		s.f = nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop page checksums: %w", err)
	}
	return nil
}

func (s *sums) Close() error {
	err := s.book.Close()
	if s.f != nil {
		err = errors.Join(err, s.f.Close())
	}
	return err
}
