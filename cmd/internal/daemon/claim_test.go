package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestAFolderIsClaimedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	release, err := Claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Claim(dir)
	if want := "in use by process " + strconv.Itoa(os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("second claim: got %v, want %q", err, want)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = Claim(dir)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	release()
}

func TestAFolderThatCannotBeMadeSaysSoInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Claim(filepath.Join(file, "data"))
	if err == nil || !strings.Contains(err.Error(), "not a directory") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestABusyAddressSaysWhatToDo(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for addr, want := range map[string]string{
		l.Addr().String(): "is in use",
		"127.0.0.1":       "give HOST:PORT",
		"127.0.0.1:http8": "give HOST:PORT",
	} {
		if _, err := Listen(addr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", addr, err, want)
		}
	}
}

func TestTogetherEndsAllWhenOneFails(t *testing.T) {
	broken := errors.New("broken")
	wait := func(ctx context.Context) error { <-ctx.Done(); return nil }
	err := Together(t.Context(), wait, func(context.Context) error { return broken }, wait, func(context.Context) error { return nil })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Together(ctx, wait, wait); err != nil {
		t.Errorf("ended from outside: got %v", err)
	}
}
