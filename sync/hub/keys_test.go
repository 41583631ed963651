package hub_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/sync/hub"
)

func TestKeysAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := hub.LoadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := hub.LoadKeys(dir)
	if err != nil || again.Fingerprint() != first.Fingerprint() || len(first.Fingerprint()) != 64 {
		t.Errorf("loaded again: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "city-1.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.LoadKeys(dir); err == nil || !strings.Contains(err.Error(), "restore it from the backup") {
		t.Errorf("without the city's key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "city-1.key")); err == nil {
		t.Error("a new city key was made in place of the lost one")
	}
}
