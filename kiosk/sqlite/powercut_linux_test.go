package sqlite_test

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// cutter cuts the power of a disk. A disk that lies there as it lay after another cut
// since the last fsync is not started again: what the book holds is known then.
type cutter struct {
	t      *testing.T
	p      *kiosktest.Proof
	d      *disk
	random *rand.Rand
	hash   maphash.Seed
	seen   map[uint64]map[string]int // what was found, by the files
}

// In CI one seed cuts at every fsync, and at every fourth other call in one of three
// ways. A long run cuts after every call, in every way.
func TestT3NothingConfirmedIsLostInAPowerCut(t *testing.T) {
	p := kiosktest.Prove(t, "T3", "power cut in a run of 200 numbers: at every fsync, and in 3 ways at every fourth write; in a long run at every call in 4 ways",
		kiosktest.Runs{Short: 1, Release: 10})
	p.Count("lost", 0)
	for p.Next() {
		calls := rehearse(t)
		c := &cutter{t: t, p: p, d: newDisk(), random: rand.New(rand.NewPCG(p.Seed(), 3)), hash: maphash.MakeSeed(), seen: map[uint64]map[string]int{}}
		for i, call := range calls {
			c.each(i, call)
		}
		p.Count("calls", len(calls))
		p.Count("confirmed", len(c.d.shown))
	}
}

// each carries out one call and cuts where its turn is.
func (c *cutter) each(i int, call call) {
	if call.deed == "sync" {
		if !c.p.Long() { // what comes before it is as it was since the last one, but for what was shown
			c.cut(cutDropped, i)
		}
		c.seen = map[uint64]map[string]int{}
	}
	c.d.do(call)
	switch turn := uint64(i) + c.p.Seed(); {
	case c.p.Long():
		for mode := range cutModes {
			c.cut(mode, i)
		}
	case call.deed == "sync" || call.deed == "show" && c.d.idle():
	case turn%4 == 0: // the next seeds take the others
		c.cut([...]int{cutReordered, cutTorn, cutReordered, cutTorn, cutKept}[turn/4%5], i)
	}
}

// cut cuts the power and starts again.
func (c *cutter) cut(mode, i int) {
	c.t.Helper()
	c.p.Count("cuts", 1)
	files := c.d.after(mode, c.random)
	key := c.key(files)
	found, known := c.seen[key]
	if !known {
		c.p.Count("starts", 1)
		dir := lay(c.t, files)
		defer os.RemoveAll(dir)
		found = filed(c.t, dir)
		c.seen[key] = found
		if aside, err := sqlite.Aside(dir); err != nil || len(aside) > 0 {
			c.t.Fatalf("after call %d in mode %d: set aside: %v, %v; %v", i, mode, aside, err, rowsOf(c.t, dir, "damaged", "n", "facts"))
		}
	}
	lost := missing(c.t, found, c.d.shown)
	c.p.Count("lost", lost)
	if lost > 0 {
		c.t.Fatalf("after call %d in mode %d: %d of %d numbers are lost", i, mode, lost, len(c.d.shown))
	}
}

// key tells files from others.
func (c *cutter) key(files map[string][]byte) uint64 {
	var h maphash.Hash
	h.SetSeed(c.hash)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&h, "%s %d ", name, len(files[name]))
		h.Write(files[name]) //nolint:errcheck // a hash takes everything
	}
	return h.Sum64()
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
