package kiosktest

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The environment that steers proofs.
const (
	envSoak   = "SOAK"   // how long each proof may go on, as a Go duration; empty: the short counts
	envSeed   = "SEED"   // the seed of the first run; empty = 1
	envRuns   = "RUNS"   // exactly so many runs, to repeat one that failed
	envShare  = "SHARE"  // of the short counts the n-th part, at least one: under the race detector, which makes them slow
	envProofs = "PROOFS" // a file that gets one line for each proof that held
)

// Runs says how often a proof repeats its experiment: in a test run that somebody
// waits for, and before a release.
type Runs struct {
	Short, Release int
}

// Proof is an experiment that is repeated with seeds that grow by one, so that any
// run can be repeated alone. Its counts become a row of the table that "make test"
// and "make soak" print.
type Proof struct {
	t        testing.TB
	id, what string
	most     int
	share    int       // 1: everything
	until    time.Time // zero: the count decides
	first    uint64
	n        int
	begin    time.Time
	counts   map[string]int
}

// Prove begins a proof. The id is that of the list of proofs ("T1"); what says it in
// a few words.
func Prove(t testing.TB, id, what string, runs Runs) *Proof {
	t.Helper()
	p := &Proof{t: t, id: id, what: what, most: runs.Short, share: 1, first: 1, begin: time.Now(), counts: map[string]int{}}
	if s := os.Getenv(envSoak); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatalf("%s: %v", envSoak, err)
		}
		p.most, p.until = runs.Release, p.begin.Add(d)
	}
	if s := os.Getenv(envSeed); s != "" {
		p.first = p.number(envSeed, s)
	}
	if s := os.Getenv(envShare); s != "" && p.until.IsZero() {
		p.share = int(max(1, p.number(envShare, s)))
		p.most = p.Part(p.most)
	}
	if s := os.Getenv(envRuns); s != "" {
		p.most, p.until = int(p.number(envRuns, s)), time.Time{}
	}
	t.Cleanup(p.end)
	return p
}

func (p *Proof) number(name, s string) uint64 {
	p.t.Helper()
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	return n
}

// Next begins the next run, and reports false where there have been enough, the time
// is over, or one has failed. At least one is made.
func (p *Proof) Next() bool {
	if p.t.Failed() || p.n >= p.most || (p.n > 0 && !p.until.IsZero() && time.Now().After(p.until)) {
		return false
	}
	p.n++
	return true
}

// Part returns how much of an amount is to be done: all of it, or the n-th part, at
// least one.
func (p *Proof) Part(amount int) int { return max(1, amount/p.share) }

// Long reports whether this is a long run, which has time for what CI leaves out.
func (p *Proof) Long() bool { return os.Getenv(envSoak) != "" }

// Seed returns the seed of the run.
func (p *Proof) Seed() uint64 { return p.first + uint64(p.n) - 1 }

// Count adds to one of the numbers that the row shows beside the runs: "confirmed",
// "lost". One that must be shown though it stays 0 is counted with n = 0.
func (p *Proof) Count(name string, n int) { p.counts[name] += n }

// end says how to repeat what failed, or writes the row.
func (p *Proof) end() {
	if p.t.Failed() {
		p.t.Logf("%s failed in the run with seed %d: repeat it with %s=%d %s=1", p.id, p.Seed(), envSeed, p.Seed(), envRuns)
		return
	}
	if p.t.Skipped() || p.n == 0 {
		return
	}
	names := make([]string, 0, len(p.counts))
	for name, n := range p.counts {
		names = append(names, fmt.Sprintf("%s %d", name, n))
	}
	sort.Strings(names)
	row := fmt.Sprintf("%s\t%s\t%d\t%d-%d\t%.1f s\t%s\n", p.id, p.what, p.n, p.first, p.Seed(),
		time.Since(p.begin).Seconds(), strings.Join(names, ", "))
	p.t.Log(strings.TrimSpace(row))
	path := os.Getenv(envProofs)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Errorf("write the proof: %v", err)
		return
	}
	defer f.Close() //nolint:errcheck // WriteString says it
	if _, err := f.WriteString(row); err != nil {
		p.t.Errorf("write the proof: %v", err)
	}
}
