package keyfile_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"redstation/sync/keyfile"
)

func fresh() ([]byte, error) {
	b := make([]byte, 32)
	rand.Read(b)
	return b, nil
}

func TestKeyIsMadeOnceByMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.key")
	keys := make([][]byte, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = keyfile.LoadOrMake(path, "x", fresh); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range keys {
		if !bytes.Equal(keys[i], keys[0]) {
			t.Fatalf("key %d is another one", i)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestBadKeyFiles(t *testing.T) {
	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"readable by others", "x AAAA\n", 0o644, "chmod 600"},
		{"of another label", "y AAAA\n", 0o600, "not a x"},
		{"cut", "x AAAAA\n", 0o600, "damaged"},
		{"empty", "", 0o600, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.key")
			if err := os.WriteFile(path, []byte(tt.text), tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := keyfile.LoadOrMake(path, "x", fresh); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if b, _ := os.ReadFile(path); string(b) != tt.text {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := keyfile.Load(filepath.Join(t.TempDir(), "none"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
