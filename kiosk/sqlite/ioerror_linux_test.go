package sqlite_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"redstation/kiosk/kiosktest"
)

func TestT4NothingConfirmedIsLostWhenACallFails(t *testing.T) {
	p := kiosktest.Prove(t, "T4", "the n-th call of a kind gets EIO, ENOSPC or is cut short", kiosktest.Runs{Short: 300, Release: 3000})
	p.Count("lost", 0)
	for p.Next() {
		n := int(p.Seed()-1)%300 + 1
		random := rand.New(rand.NewPCG(p.Seed(), 4))
		dir := fastDir(t)
		before := runChild(t, dir, []string{envWrites + "=9"}, nil) // so that there is something to lose
		env, strace := []string{envWrites + "=40"}, []string(nil)
		switch p.Seed() % 3 {
		case 0: // what does not fit under the limit is cut short, and then refused
			env = append(env, fmt.Sprintf("%s=%d", envLimit, 4096*60+random.IntN(400_000)))
		case 1:
			strace = failing([]string{"fsync", "pwrite64", "pread64", "ftruncate"}[random.IntN(4)], "EIO", n)
		case 2:
			strace = failing([]string{"pwrite64", "ftruncate", "openat"}[random.IntN(3)], "ENOSPC", n)
		}
		e := runChild(t, dir, env, strace)
		if e.status == notLoaded { // the call was one of the linker's
			p.Count("not begun", 1)
			continue
		}
		p.Count(fmt.Sprintf("ended with %d", e.status), 1)
		if !slices.Contains([]int{childDone, childGone, childNotYet}, e.status) {
			t.Fatalf("the child ended with %d: %s", e.status, e.said)
		}
		shown := map[string]bool{}
		for _, number := range slices.Concat(before.shown, e.shown) {
			shown[number] = true
		}
		p.Count("confirmed", len(shown))
		lost := holdShown(t, dir, shown)
		p.Count("lost", lost)
		if lost > 0 {
			t.Fatalf("%d of %d confirmed numbers are lost: %v; %s", lost, len(shown), slices.Sorted(maps.Keys(shown)), e.said)
		}
	}
}

// failing makes the n-th call of that name fail.
func failing(name, with string, n int) []string {
	return []string{"-e", "trace=" + name, "-o", "/dev/null", "-e", fmt.Sprintf("inject=%s:error=%s:when=%d", name, with, n)}
}
