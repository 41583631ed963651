package catalog

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"redstation/kiosk"
)

// Pack returns the pack in the root of fsys as one ZIP file, the form in which it
// travels from the city to its booths. The same files make the same bytes. Load
// has found the pack good before.
func Pack(fsys fs.FS) ([]byte, error) {
	names, err := fs.Glob(fsys, path.Join(functionsDir, "*.yaml")) // sorted
	if err != nil {
		return nil, fmt.Errorf("list the pack's files: %w", err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(o io.Writer) (io.WriteCloser, error) { return flate.NewWriter(o, flate.BestCompression) })
	for _, name := range append([]string{packFile}, names...) {
		if strings.HasPrefix(path.Base(name), ".") {
			continue
		}
		data, err := read(fsys, name)
		if err != nil {
			return nil, invalid(err)
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// Unpack opens what Pack made, or any ZIP file with the same files in it, to be read
// by Load. The error has CodeInvalid.
func Unpack(b []byte) (fs.FS, error) {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, invalid(fmt.Errorf("not a ZIP file: %w", err))
	}
	if len(r.File) > 2*maxFiles { // folders are listed, too
		return nil, invalid(errors.New("holds more files than a pack has"))
	}
	return r, nil
}

// Read returns the catalogue of a pack that Pack made. The error is Load's.
func Read(b []byte) (*kiosk.Catalogue, error) {
	fsys, err := Unpack(b)
	if err != nil {
		return nil, err
	}
	return Load(fsys)
}
