package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"redstation/sync/hub/pgtest"
)

// TestFleetWithHubsThatAreKilled lets a fleet live while hub processes are killed: two
// of three on one PostgreSQL in turn, behind the balancer, and the only one on SQLite.
// The fleet fails by itself where a record is lost, doubled or skipped.
func TestFleetWithHubsThatAreKilled(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "redstation")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for name, more := range map[string][]string{
		"three on PostgreSQL": {"--hubs", "3", "--kill", "600ms", "--db", pgtest.Need(t).Database(t)},
		"one on SQLite":       {"--kill", "600ms"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"fleet", "--booths", "12", "--days", "8", "--day", "500ms", "--records", "20", "--urgent", "0.1", "--seed", "5"}, more...)
			out, err := exec.Command(binary, args...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range []string{`acknowledged +1,920`, `at the hub +1,920`, `lost +0`, `doubled +0`, `skipped by the puller +0`} {
				if !regexp.MustCompile(want).Match(out) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if n, err := strconv.Atoi(found(t, out, `killed (\d+) times`)); err != nil || n < 3 {
				t.Errorf("%d hubs were killed, %v\n%s", n, err, out)
			}
		})
	}
}

func TestFleetRefusesWhatCannotBe(t *testing.T) {
	for want, change := range map[string]func(*fleetCmd){
		"several hubs need one PostgreSQL": func(f *fleetCmd) { f.Hubs = 3 },
		"give 1 to 16":                     func(f *fleetCmd) { f.Hubs = 17 },
		"give at least 200ms":              func(f *fleetCmd) { f.Kill = time.Millisecond },
		"names a hub that runs already":    func(f *fleetCmd) { f.Hub, f.HubData, f.Kill = "http://127.0.0.1:1", "x", time.Second },
		"--hub and --hub-data go together": func(f *fleetCmd) { f.Hub = "http://127.0.0.1:1" },
	} {
		f := fleetCmd{Booths: 1, Days: 1, Records: 1, Day: time.Second, Drain: time.Second, Hubs: 1}
		if err := f.check(); err != nil {
			t.Fatal(err)
		}
		change(&f)
		if err := f.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestQuantilesOfTheHubsFigures(t *testing.T) {
	h := histogram{}
	for range 2 { // of two hubs
		if err := h.add(strings.NewReader(`# HELP
redstation_hub_urgent_answered_seconds_bucket{le="0.1"} 40
redstation_hub_urgent_answered_seconds_bucket{le="0.2"} 90
redstation_hub_urgent_answered_seconds_bucket{le="0.4"} 100
redstation_hub_urgent_answered_seconds_bucket{le="+Inf"} 100
redstation_hub_urgent_answered_seconds_sum 12
`)); err != nil {
			t.Fatal(err)
		}
	}
	for share, want := range map[float64]string{0.2: "50ms", 0.5: "120ms", 0.95: "300ms", 1: "400ms"} {
		if got, n := h.quantile(share); short(got) != want || n != 200 {
			t.Errorf("%g: %s of %d, want %s of 200", share, got, n, want)
		}
	}
	if got, n := (histogram{}).quantile(0.5); got != 0 || n != 0 {
		t.Errorf("of nothing: %s of %d", got, n)
	}
}
