package main

import (
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// A disk that refuses an fsync ends the booth with a status of its own; the same
// command again, as the supervisor gives it, serves and has what was confirmed.
func TestAFailedFsyncEndsTheBoothForItsSupervisor(t *testing.T) {
	c := newCity(t)
	client := &http.Client{Timeout: 5 * time.Second}
	shown := map[string]bool{}
	number, err := submit(client, c.boothURL)
	if err != nil {
		t.Fatal(err)
	}
	shown[number] = true
	c.kill(&c.booth)
	cmd := exec.Command("strace", append([]string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=25+",
		c.binary}, c.args...)...)
	cmd.Stdout, cmd.Stderr = c, c
	if err := cmd.Start(); err != nil {
		t.Fatalf("strace is needed (Debian package strace): %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-time.After(20 * time.Millisecond):
			if number, err := submitOnce(client, c.boothURL); err == nil {
				shown[number] = true
			}
		}
	}
	if got := cmd.ProcessState.ExitCode(); got != statusStorage {
		t.Errorf("exit status %d, want %d", got, statusStorage)
	}
	c.startBooth()
	if number, err = submit(client, c.boothURL); err != nil {
		t.Fatal(err)
	}
	shown[number] = true
	c.holds(shown)
}
