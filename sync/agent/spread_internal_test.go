package agent

import (
	"math/rand/v2"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/wire"
)

// TestT13FirstContactsAreSpread starts ten thousand booths in the same moment, as
// after a power cut: they call one after the other within two minutes, and those with
// an urgent record call at once.
func TestT13FirstContactsAreSpread(t *testing.T) {
	const booths, spread = 10_000, 2 * time.Minute
	p := kiosktest.Prove(t, "T13", "first contacts of 10,000 booths after a power cut", kiosktest.Runs{Short: 5, Release: 1000})
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 13))
		now := time.Unix(1_800_000_000, 0)
		calls := map[int]int{} // by second
		for i := range booths {
			c := core{hello: 30 * time.Second, minBackoff: time.Second, maxBackoff: 5 * time.Minute, spread: spread,
				jitter: func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d) + 1)) }}
			heads := []kiosk.Head{{Stream: kiosk.Stream{Lane: kiosk.LaneUrgent}}, {Stream: kiosk.Stream{Lane: kiosk.LaneLog}, Last: 5}}
			alarm := i%100 == 0
			if alarm {
				heads[0].Last = 1
			}
			c.read(now, heads)
			o := c.next(now)
			switch {
			case alarm && len(o.pushes) != 1:
				t.Fatal("an alarm waits for its turn")
			case alarm && o.hello:
				t.Fatal("an alarm shares the line with the hello")
			case alarm:
				p.Count("alarms at once", 1)
				c.ended(now, pushed{push: o.pushes[0], outcome: answered, last: 1, ack: wire.Ack{Acked: 1}})
				o = c.next(now)
			}
			if !o.hello && (o.wake.Before(now) || o.wake.After(now.Add(spread))) {
				t.Fatalf("the first contact comes after %s", o.wake.Sub(now))
			}
			calls[int(o.wake.Sub(now)/time.Second)]++
		}
		for second, n := range calls {
			if mean := booths / int(spread/time.Second); n > 2*mean {
				t.Errorf("%d booths call in second %d, want about %d", n, second, mean)
			}
		}
	}
}
