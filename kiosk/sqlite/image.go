package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// image is the damaged book and its log as one file, for reading.
type image struct {
	path string
	bad  map[uint32]bool // pages whose bytes cannot be trusted
}

// makeImage copies the files that were set aside into one, and finds out which pages
// are bad. Frames of the log that are whole count, also behind one that is not; a
// first page that is bad is replaced by its copy.
func (d *DB) makeImage(ctx context.Context, n int) (im image, err error) {
	im = image{path: d.in(FileName + ".image"), bad: map[uint32]bool{}}
	from, err := os.Open(d.aside(n))
	if err != nil {
		return im, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := os.OpenFile(im.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return im, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := copyPages(to, from); err != nil {
		return im, fmt.Errorf("copy the damaged book: %w", err)
	}
	known, err := openSums(d.aside(n)+".sums", d.aside(n))
	if err != nil {
		return im, err
	}
	defer func() { err = errors.Join(err, known.Close()) }()
	for _, page := range known.verify(nil, func(int, int) {}) {
		im.bad[page] = true
	}
	log, err := os.ReadFile(d.aside(n) + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.log.WarnContext(ctx, "log of the damaged book not read", "err", err)
	}
	if err := im.apply(to, readWAL(log)); err != nil {
		return im, err
	}
	if first := known.first(); im.bad[1] && first != nil {
		if _, err := to.WriteAt(first, 0); err != nil {
			return im, err
		}
		delete(im.bad, 1)
	}
	return im, known.schemaCopies(func(n uint32, page []byte) error {
		if !im.bad[n] {
			return nil
		}
		delete(im.bad, n)
		_, err := to.WriteAt(page, int64(n-1)*pageSize)
		return err
	})
}

// copyPages copies page by page; one that cannot be read becomes zeros.
func copyPages(to, from *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	page := make([]byte, pageSize)
	for at := int64(0); at < info.Size(); at += pageSize {
		if n, err := from.ReadAt(page, at); err != nil && !errors.Is(err, io.EOF) {
			clear(page)
		} else {
			clear(page[n:])
		}
		if _, err := to.WriteAt(page, at); err != nil {
			return err
		}
	}
	return nil
}

// apply brings the log's frames into the image, but not those behind the last commit.
func (im *image) apply(to *os.File, log wal) error {
	last := 0
	for i, f := range log.frames {
		if f.commit {
			last = i + 1
		}
	}
	info, err := to.Stat()
	if err != nil {
		return err
	}
	most := uint32(info.Size()/pageSize) + uint32(len(log.frames)) // no page can lie further
	for _, f := range log.frames[:last] {
		if f.page == 0 || f.page > most {
			continue
		}
		if _, err := to.WriteAt(f.body, int64(f.page-1)*pageSize); err != nil {
			return err
		}
		if f.good {
			delete(im.bad, f.page)
		} else {
			im.bad[f.page] = true
		}
	}
	return nil
}

// blank empties the bad pages, so that nothing is read from them any more.
func (im *image) blank() error {
	f, err := os.OpenFile(im.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	for page := range im.bad {
		if _, err := f.WriteAt(make([]byte, pageSize), int64(page-1)*pageSize); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}
