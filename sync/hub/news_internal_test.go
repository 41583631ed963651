package hub

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

func woken(l *listener) bool {
	select {
	case <-l.C:
		return true
	default:
		return false
	}
}

func TestAThousandWhoWaitLookOnceASecondTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks, last atomic.Int64
		n := newNews(func(context.Context) (int64, error) { looks.Add(1); return last.Load(), nil })
		var all []*listener
		for range 1000 {
			all = append(all, n.listen(interest{}))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := looks.Load(); got > 11 {
			t.Errorf("%d looks at the store in ten seconds", got)
		}
		last.Store(5) // another process writes
		time.Sleep(lookEvery)
		synctest.Wait()
		for i, l := range all {
			if !woken(l) {
				t.Fatalf("listener %d sleeps on", i)
			}
			n.leave(l)
		}
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		before := looks.Load()
		time.Sleep(time.Minute)
		if looks.Load() != before {
			t.Error("it looks although nobody waits")
		}
	})
}

func TestOnlyThoseAreWokenForWhomSomethingCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNews(func(context.Context) (int64, error) { return 0, nil })
		urgent, log := kiosk.LaneUrgent, kiosk.LaneLog
		batch := func(pos int64, fresh int, kinds ...string) *checked {
			c := &checked{Batch: &wire.Batch{Booth: "07", Stream: kiosk.Stream{Lane: log}}, pos: pos, fresh: fresh}
			for _, k := range kinds {
				c.records = append(c.records, sqldb.Record{Kind: k})
			}
			return c
		}
		tests := []struct {
			name string
			i    interest
			want bool
		}{
			{"everything", interest{}, true},
			{"the booth", interest{booths: []string{"06", "07"}}, true},
			{"another booth", interest{booths: []string{"06"}}, false},
			{"the kind", interest{kinds: []kiosk.Kind{"a.b"}}, true},
			{"a kind that the hub had already", interest{kinds: []kiosk.Kind{"old.one"}}, false},
			{"the lane", interest{lane: &log}, true},
			{"the other lane", interest{lane: &urgent}, false},
		}
		n.arrived(batch(1, 0, "x.y"))
		for _, tt := range tests {
			l := n.listen(tt.i)
			n.arrived(batch(n.seen+1, 1, "old.one", "a.b"))
			if got := woken(l); got != tt.want {
				t.Errorf("who waits for %s: woken %v", tt.name, got)
			}
			n.arrived(&checked{})
			if woken(l) {
				t.Errorf("who waits for %s is woken by a batch that brought nothing", tt.name)
			}
			n.arrived(batch(n.seen+7, 0, "x.y"))
			if !woken(l) {
				t.Errorf("who waits for %s sleeps through a gap that another process may have filled", tt.name)
			}
			n.tell()
			if !woken(l) {
				t.Errorf("who waits for %s sleeps although all are told", tt.name)
			}
			n.leave(l)
		}
		time.Sleep(2 * lookEvery) // the watch ends
	})
}
