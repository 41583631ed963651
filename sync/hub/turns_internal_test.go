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

// Whoever is refused comes again when all who were refused can have been served.
func TestRefusedComeAgainAtThePaceOfTheHub(t *testing.T) {
	turns, now := newTurns(), time.Unix(1_800_000_000, 0)
	for n := 1; n <= 5; n++ {
		if got, want := turns.refuse(now), time.Duration(n)*slowPace; got != want {
			t.Errorf("refusal %d of a hub that has served nobody yet: %s, want %s", n, got, want)
		}
	}
	for range 2000 {
		turns.serve(now.Add(time.Second))
	}
	if got, want := turns.refuse(now.Add(2*time.Second)), 6*time.Millisecond; got != want {
		t.Errorf("refusal 6 of a hub that serves 1,000 a second: %s, want %s", got, want)
	}
	if got, want := turns.refuse(now.Add(countSpan+2*time.Second)), 7*6*time.Millisecond/2; got != want {
		t.Errorf("refusal 7, in the next span: %s, want %s", got, want)
	}
	if got := turns.refuse(now.Add(5 * countSpan)); got != slowPace {
		t.Errorf("long after: %s, want %s", got, slowPace)
	}
}
