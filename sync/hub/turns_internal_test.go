package hub

import (
	"fmt"
	"testing"
	"time"
)

func TestABoothPaysOnlyWhileOthersWait(t *testing.T) {
	turns, now := newTurns(), time.Unix(0, 0)
	through := func(crowded bool) (n int) {
		for range 100 {
			if turns.enter("07", now, crowded) {
				turns.leave("07")
				n++
			}
		}
		return n
	}
	if n := through(false); n != 100 {
		t.Errorf("alone: %d of 100 requests", n)
	}
	if n := through(true); n != 0 {
		t.Errorf("in a crowd with an empty bucket: %d of 100 requests", n)
	}
	now = now.Add(time.Minute)
	if n := through(true); n != bucketSize {
		t.Errorf("in a crowd with a full bucket: %d of 100 requests, want %d", n, bucketSize)
	}
	now = now.Add(time.Second)
	if n := through(true); n != bucketRate {
		t.Errorf("a second later: %d of 100 requests, want %d", n, bucketRate)
	}
}

func TestTurnsAreForgotten(t *testing.T) {
	turns, now := newTurns(), time.Unix(0, 0)
	turns.enter("still here", now, false)
	for i := range 3 * maxTurns {
		id := fmt.Sprint(i)
		turns.enter(id, now, false)
		turns.leave(id)
		now = now.Add(time.Second)
	}
	if n := len(turns.booths); n > maxTurns {
		t.Errorf("%d booths are remembered, want at most %d", n, maxTurns)
	}
	if turns.booths["still here"] == nil {
		t.Error("one whose request is under way was forgotten")
	}
}

func TestRefusalsOfLateAreCounted(t *testing.T) {
	turns, now := newTurns(), time.Unix(1_800_000_000, 0)
	for want := 1; want <= 5; want++ {
		if got := turns.refuse(now); got != want {
			t.Errorf("refusal %d counts as %d", want, got)
		}
	}
	if got := turns.refuse(now.Add(refusalSpan + time.Second)); got != 6 {
		t.Errorf("in the next refusalSpan: %d, want 6", got)
	}
	if got := turns.refuse(now.Add(5 * refusalSpan)); got != 1 {
		t.Errorf("long after: %d, want 1", got)
	}
}
