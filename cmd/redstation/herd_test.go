package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"redstation/kiosk/kiosktest"
)

// The limits of a herd. The time is generous because the machine that tests may be
// busy with something else; what it came to stands in the row.
const (
	herdUrgent = 30 * time.Second
	herdMemory = 256 // MB
)

// TestT13HerdOfBooths lets booths that had no line for a day come back at once, none
// of them spread: the fleet fails by itself where a record is lost, doubled or left
// behind. Urgent records must not wait for the rest, and the hub's memory is bounded.
func TestT13HerdOfBooths(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "redstation")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	booths := "200"
	if os.Getenv("SOAK") != "" {
		booths = "1000"
	}
	p := kiosktest.Prove(t, "T13", booths+" booths come back at once", kiosktest.Runs{Short: 1, Release: 5})
	for p.Next() {
		out, err := exec.Command(binary, "fleet", "--booths", booths, "--days", "1", "--records", "100", "--urgent", "0.001", "--outage", "storm",
			"--seed", strconv.FormatUint(p.Seed(), 10)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		urgent, err := time.ParseDuration(found(t, out, `urgent p50, p99, longest +\S+, (\S+),`))
		if err != nil || urgent > herdUrgent {
			t.Errorf("urgent p99 %s, want at most %s: %v\n%s", urgent, herdUrgent, err, out)
		}
		memory, err := strconv.Atoi(found(t, out, `hub's memory at most +(\d+) MB`))
		if err != nil || memory > herdMemory {
			t.Errorf("the hub took %d MB, want at most %d: %v\n%s", memory, herdMemory, err, out)
		}
		p.Count("urgent p99 ms", int(urgent.Milliseconds()))
		p.Count("hub MB", memory)
		p.Count("lost", 0)
	}
}

func found(t *testing.T, out []byte, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindSubmatch(out)
	if m == nil {
		t.Fatalf("no %q in\n%s", pattern, out)
	}
	return string(m[1])
}
