// Package keyfile keeps secret keys in files: one key a file, readable by its
// owner only, written so that a power cut leaves either a whole file or none.
//
// A key that follows on another is made in a file of its own beside it (Next), and
// takes its place in one step (Promote): at every moment the files say which key is
// in force.
package keyfile

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Load reads the key at path. The file is one line: the label, which says what the
// key is for, and the key in base64url. The error is fs.ErrNotExist where there is
// no file. A file that others may read is refused, as is one with another label.
func Load(path, label string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key %s can be read by others: run chmod 600 %s", path, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), label+" ")
	key, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(key) == 0 {
		return nil, fmt.Errorf("key %s is damaged or not a %s: restore it from the backup", path, label)
	}
	return key, nil
}

// LoadOrMake reads the key at path, and makes and stores one where there is none.
// Of several processes that do so at once, all get the same key.
func LoadOrMake(path, label string, fresh func() ([]byte, error)) ([]byte, error) {
	key, err := Load(path, label)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if key, err = fresh(); err != nil {
		return nil, fmt.Errorf("make key %s: %w", path, err)
	}
	if err := write(path, label+" "+base64.RawURLEncoding.EncodeToString(key)+"\n"); err != nil {
		return nil, fmt.Errorf("store key %s: %w", path, err)
	}
	return Load(path, label)
}

// Next returns the path of the key that is to follow on the one at path:
// "hub-next.key" beside "hub.key".
func Next(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-next" + ext
}

// Promote puts the key at Next(path) in the place of the one at path, which is gone
// then. The error is fs.ErrNotExist where no key is to follow.
func Promote(path string) error {
	if err := os.Rename(Next(path), path); err != nil {
		return fmt.Errorf("put the new key in force: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Exists reports whether there is a file at path.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Create puts the text into a new file at path that its owner alone can read. The
// error is fs.ErrExist where there is one already; it is then left as it is.
func Create(path, text string) error {
	if Exists(path) {
		return fmt.Errorf("%s is there already: %w", path, fs.ErrExist)
	}
	return place(path, text, os.Link)
}

// Replace puts the text into the file at path, whatever is there.
func Replace(path, text string) error { return place(path, text, os.Rename) }

// write puts the text at path unless something is there already.
func write(path, text string) error {
	if err := place(path, text, os.Link); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// place writes the text beside path, durably, and then brings it there in one step.
func place(path, text string, bring func(from, to string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // a file that is left over holds a key that nobody uses
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := bring(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
