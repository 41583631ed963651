package sqlite_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// cutRuns are the environments of two runs of a booth, one after the other: with what
// both confirm, 200 numbers.
var cutRuns = [][]string{{envWrites + "=150"}, {envWrites + "=150"}}

// rehearse writes down what a booth's book does in its runs.
func rehearse(t *testing.T, env ...string) []call {
	t.Helper()
	dir := fastDir(t)
	var calls []call
	for _, run := range cutRuns {
		calls = append(calls, record(t, dir, append(env, run...))...)
	}
	return calls
}

// lay puts the files of a power cut into a new folder. The book is as old as its
// checksums say, so that they are taken at their word.
func lay(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := fastDir(t)
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if b := files[sqlite.FileName+".sums"]; len(b) > 24 && files[sqlite.FileName] != nil {
		at := time.Unix(0, int64(binary.BigEndian.Uint64(b[16:])))
		if err := os.Chtimes(filepath.Join(dir, sqlite.FileName), at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// One seed cuts at every fsync and at every fourth other call; four seeds cut at all.
func TestT3NothingConfirmedIsLostInAPowerCut(t *testing.T) {
	p := kiosktest.Prove(t, "T3", "power cut in a run of 200 numbers: at every fsync, and in 3 ways at every fourth write", kiosktest.Runs{Short: 1, Release: 10})
	p.Count("lost", 0)
	for p.Next() {
		calls := rehearse(t)
		d := newDisk()
		random := rand.New(rand.NewPCG(p.Seed(), 3))
		for i, c := range calls {
			if c.deed == "sync" { // what comes before it is as it was since the last one, but for what was shown
				cutHere(t, p, d, cutDropped, random, i)
			}
			d.do(c)
			if c.deed == "sync" || c.deed == "show" && d.idle() {
				continue
			}
			// Every fourth call in one of three ways; the next seeds take the others.
			if turn := uint64(i) + p.Seed(); turn%4 == 0 {
				cutHere(t, p, d, [...]int{cutReordered, cutTorn, cutReordered, cutTorn, cutKept}[turn/4%5], random, i)
			}
		}
		p.Count("calls", len(calls))
		p.Count("confirmed", len(d.shown))
	}
}

// cutHere cuts the power and starts again.
func cutHere(t *testing.T, p *kiosktest.Proof, d *disk, mode int, random *rand.Rand, i int) {
	t.Helper()
	p.Count("cuts", 1)
	dir := lay(t, d.after(mode, random))
	defer os.RemoveAll(dir)
	lost := holdShown(t, dir, d.shown)
	p.Count("lost", lost)
	aside, err := sqlite.Aside(dir)
	if lost > 0 || err != nil || len(aside) > 0 {
		t.Fatalf("after call %d in mode %d: %d of %d numbers are lost; set aside: %v, %v; %v", i, mode, lost, len(d.shown), aside, err,
			rowsOf(t, dir, "damaged", "n", "facts"))
	}
}

// The harness itself is proven by a book that does not fsync its commits: if it lost
// nothing here, the harness would see nothing.
func TestT3SeesALossWhereCommitsAreNotFsynced(t *testing.T) {
	p := kiosktest.Prove(t, "T3", "negative control: with synchronous=NORMAL a cut must lose", kiosktest.Runs{Short: 1, Release: 1})
	for p.Next() {
		calls := rehearse(t, envRelax+"=1")
		d := newDisk()
		random := rand.New(rand.NewPCG(p.Seed(), 3))
		for i, c := range calls {
			d.do(c)
			if c.deed != "show" || i%16 != 0 {
				continue
			}
			p.Count("cuts", 1)
			if holdShown(t, lay(t, d.after(cutDropped, random)), d.shown) > 0 {
				p.Count("cuts with a loss", 1)
				return
			}
		}
		t.Fatal(fmt.Sprint("nothing was lost in ", len(calls), " calls: the harness is blind"))
	}
}
