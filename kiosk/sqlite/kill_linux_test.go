package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// writing are the calls that change what is on the disk.
const writing = "pwrite64,write,fsync,fdatasync,ftruncate,open,openat,unlinkat,unlink,renameat,rename"

// hitCalls are the calls that a run of 40 writes is hit at, and about how often it
// makes them.
var hitCalls = []struct {
	name string
	most int
}{{"pwrite64", 400}, {"pwrite64", 400}, {"pwrite64", 60}, {"fsync", 60}, {"fsync", 60}, {"ftruncate", 3}, {"unlink", 3}, {"renameat", 3}, {"openat", 40}}

// holdShown holds what was shown against what is in the book, each once.
func holdShown(t testing.TB, dir string, shown map[string]bool) (lost int) {
	t.Helper()
	return missing(t, filed(t, dir), shown)
}

// missing holds what was shown against what was found in the book.
func missing(t testing.TB, found map[string]int, shown map[string]bool) (lost int) {
	t.Helper()
	for number := range shown {
		switch n := found[number]; {
		case n == 0:
			lost++
		case n > 1:
			t.Errorf("number %s is in the book %d times", number, n)
		}
	}
	return lost
}

func TestT1NothingConfirmedIsLostWhenTheBookIsKilled(t *testing.T) {
	p := kiosktest.Prove(t, "T1", "kill -9 at a random write, in one book that lives on", kiosktest.Runs{Short: 500, Release: 20000})
	p.Count("lost", 0)
	p.Count("set aside", 0)
	dir, shown := fastDir(t), map[string]bool{}
	for p.Next() {
		if p.Seed()%50 == 0 { // so that no run has to read all that came before
			dir, shown = fastDir(t), map[string]bool{}
		}
		random := rand.New(rand.NewPCG(p.Seed(), 1))
		c := hitCalls[random.IntN(len(hitCalls))]
		e := runChild(t, dir, []string{envWrites + "=40"}, []string{"-e", "trace=" + c.name, "-o", "/dev/null",
			"-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", c.name, 1+random.IntN(c.most))})
		for _, number := range e.shown {
			if shown[number] {
				t.Fatalf("number %s was shown to two residents", number)
			}
			shown[number] = true
		}
		p.Count("confirmed", len(e.shown))
		if e.status == childDone {
			p.Count("not killed", 1)
		} else if e.status >= 0 && e.status != 128+9 {
			t.Fatalf("the child ended with %d: %s", e.status, e.said)
		}
		if lost := holdShown(t, dir, shown); lost > 0 {
			t.Fatalf("%d of %d confirmed numbers are lost", lost, len(shown))
		}
		if aside, err := sqlite.Aside(dir); err != nil || len(aside) > 0 {
			t.Fatalf("a kill is no damage, and %v was set aside (%v)", aside, err)
		}
	}
}
