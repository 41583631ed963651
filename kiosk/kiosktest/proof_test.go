package kiosktest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk/kiosktest"
)

func TestAProofRepeatsItsExperimentAndWritesARow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "proofs")
	tests := []struct {
		name       string
		env        map[string]string
		seeds      []uint64
		wantInARow string
	}{
		{"short", nil, []uint64{1, 2, 3}, "T0\ta thing\t3\t1-3\t"},
		{"a release, in no time", map[string]string{"SOAK": "0s"}, []uint64{1}, "T0\ta thing\t1\t1-1\t"},
		{"a release, to its end", map[string]string{"SOAK": "1h"}, []uint64{1, 2, 3, 4, 5}, "T0\ta thing\t5\t1-5\t"},
		{"half of them, at least one", map[string]string{"SHARE": "2"}, []uint64{1}, "T0\ta thing\t1\t1-1\t"},
		{"one again", map[string]string{"SEED": "40", "RUNS": "1"}, []uint64{40}, "T0\ta thing\t1\t40-40\t"},
	}
	for _, tt := range tests {
		for _, name := range []string{"SOAK", "SEED", "RUNS", "SHARE"} {
			t.Setenv(name, tt.env[name])
		}
		t.Setenv("PROOFS", file)
		var seeds []uint64
		t.Run(tt.name, func(t *testing.T) {
			p := kiosktest.Prove(t, "T0", "a thing", kiosktest.Runs{Short: 3, Release: 5})
			for p.Next() {
				seeds = append(seeds, p.Seed())
				p.Count("done", 2)
				p.Count("lost", 0)
			}
		})
		if !slices.Equal(seeds, tt.seeds) {
			t.Errorf("%s: seeds %v, want %v", tt.name, seeds, tt.seeds)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(string(b)), "\n")
		row := rows[len(rows)-1]
		if !strings.HasPrefix(row, tt.wantInARow) || !strings.Contains(row, "lost 0") {
			t.Errorf("%s: row %q, want %q and what was counted", tt.name, row, tt.wantInARow)
		}
	}
}
