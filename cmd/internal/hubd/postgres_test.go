package hubd_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/hub/pgtest"
	"redstation/sync/wire"
)

// TestTwoHubsServeOneDatabase runs two hubs with the same keys over one PostgreSQL:
// what one is told, the other knows. A hub with keys of its own is refused.
func TestTwoHubsServeOneDatabase(t *testing.T) {
	dsn := pgtest.Need(t).Database(t)
	first := serveDB(t, filepath.Join(t.TempDir(), "first"), dsn)
	dir := filepath.Join(t.TempDir(), "second")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(first.dir, "*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	for _, key := range keys {
		b, err := os.ReadFile(key)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(key)), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	second := serveDB(t, dir, dsn)
	token, err := first.CreateToken(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range wire.Pull(t.Context(), second.URL(), token, wire.PullOpts{}) {
		if err != nil {
			t.Error(err)
		}
	}
	stranger, err := hubd.Open(t.Context(), hubd.Config{Data: filepath.Join(t.TempDir(), "third"), Addr: "127.0.0.1:0", DB: dsn})
	if err == nil || !strings.Contains(err.Error(), "hub.key") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, %v, want one line about hub.key", stranger, err)
	}
}

type served struct {
	*hubd.Hub
	dir string
}

// serveDB runs a hub until the test ends.
func serveDB(t *testing.T, dir, dsn string) served {
	t.Helper()
	h, err := hubd.Open(t.Context(), hubd.Config{Data: dir, Addr: "127.0.0.1:0", DB: dsn, Version: daemon.BuildVersion()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, daemon.NoNotifier()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return served{h, dir}
}
