package hubd_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/wire"
)

// serve opens and runs a hub in dir, and returns it and how to end it.
func serve(t *testing.T, dir string) (h *hubd.Hub, stop func()) {
	t.Helper()
	h, err := hubd.Open(t.Context(), hubd.Config{Data: dir, Addr: "127.0.0.1:0", Version: daemon.BuildVersion()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, daemon.NoNotifier()) }()
	return h, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestPeopleAndProgramsShareOneAddress(t *testing.T) {
	h, stop := serve(t, filepath.Join(t.TempDir(), "hub"))
	defer stop()
	for path, want := range map[string]int{
		"/login":              http.StatusOK,
		"/healthz":            http.StatusOK,
		wire.PathRecords:      http.StatusUnauthorized,
		wire.PathChallenge:    http.StatusOK,
		"/v1/nothing":         http.StatusNotFound,
		"/nothing":            http.StatusNotFound,
		"/api/v1/records/all": http.StatusNotFound,
	} {
		r, err := http.Get(h.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, r.StatusCode, want)
		}
	}
}

func TestAHubIsTendedWhileItRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hub")
	if _, err := hubd.Tend(t.Context(), hubd.Config{Data: dir}); err == nil || !strings.Contains(err.Error(), "start the hub once") {
		t.Errorf("a hub that was never started: got %v", err)
	}
	running, stop := serve(t, dir)
	defer stop()
	tended, err := hubd.Tend(t.Context(), hubd.Config{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer tended.Close()
	if got, want := tended.URL(), running.URL(); got != want {
		t.Errorf("got address %q, want %q", got, want)
	}
	token, err := tended.CreateToken(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range wire.Pull(t.Context(), running.URL(), token, wire.PullOpts{}) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAPullerWhoWaitsDoesNotHoldUpTheEnd(t *testing.T) {
	h, stop := serve(t, filepath.Join(t.TempDir(), "hub"))
	token, err := h.CreateToken(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range wire.Pull(ctx, h.URL(), token, wire.PullOpts{Follow: true}) {
		}
	}()
	time.Sleep(100 * time.Millisecond) // let it wait at the hub
	stop()                             // fails the test where the server had to cut it off
	cancel()
	<-ended
}

func TestAHubWithAnotherKeyIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hub")
	_, stop := serve(t, dir)
	stop()
	if err := os.Remove(filepath.Join(dir, "hub.key")); err != nil {
		t.Fatal(err)
	}
	h, err := hubd.Open(t.Context(), hubd.Config{Data: dir, Addr: "127.0.0.1:0"})
	if err == nil || !strings.Contains(err.Error(), "hub.key") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, %v, want one line about hub.key", h, err)
	}
}
