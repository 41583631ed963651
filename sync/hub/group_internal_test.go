package hub

import "testing"

// A transaction takes all alarms, and of the rest no more than is done quickly, in the
// order in which it came; one that is larger than that goes alone.
func TestTransactionsAreBounded(t *testing.T) {
	light, heavy, huge := lightWeight, maxWeight/4, 3*maxWeight
	var g group
	for range 300 {
		g.urgent = append(g.urgent, &job{weight: light})
	}
	for _, w := range []int{heavy, heavy, heavy, heavy, heavy, huge, light, light} {
		g.waiting = append(g.waiting, &job{weight: w})
	}
	for range 300 {
		g.waiting = append(g.waiting, &job{weight: light})
	}
	for i, want := range []int{300, 4, 1, 1, maxJobs, 302 - maxJobs, 0} {
		if got := len(g.take()); got != want {
			t.Errorf("transaction %d has %d jobs, want %d", i, got, want)
		}
	}
}
