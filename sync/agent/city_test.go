package agent_test

import (
	"fmt"
	"testing"
	"time"

	"redstation/kiosk/kiosktest"
)

// TestT19TheWholeCity lets 23 booths live through 30 days in which everything goes
// wrong: lines fail, lose, delay, double and garble what they carry; programs crash;
// disks fill; clocks jump; cards are restored and cloned; the hub stops, restarts and
// is restored. Then the faults stop, and everything must be where it belongs.
func TestT19TheWholeCity(t *testing.T) {
	p := kiosktest.Prove(t, "T19", "a city of 23 booths in 30 bad days", kiosktest.Runs{Short: 20, Release: 50_000})
	for p.Next() { // one goroutine each: the race detector has nothing to find here
		t.Run(fmt.Sprintf("seed %d", p.Seed()), func(t *testing.T) {
			s := newSimulation(t, p.Seed())
			s.live()
			took := s.drain()
			s.check()
			for name, n := range s.counts {
				p.Count(name, n)
			}
			p.Count("lost", 0)
			t.Logf("drained in %s: %v", took.Round(time.Second), s.counts)
		})
	}
}
