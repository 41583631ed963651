package agent_test

import (
	"context"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// run starts the agent of a booth and returns a function that ends it.
func run(t testing.TB, b *hubtest.Booth, o agent.Opts) (stop func()) {
	t.Helper()
	if o.Log == nil {
		o.Log = hubtest.Quiet()
	}
	o.Appended = b.Book.Appended
	if o.MinBackoff == 0 {
		o.MinBackoff = 10 * time.Millisecond
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = 50 * time.Millisecond
	}
	a, err := agent.New(b.Book, b.Enrolment, b.Key, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stop = func() {
		cancel()
		if err, open := <-done; open && err != nil {
			t.Error(err)
		}
		close(done)
	}
	return stop
}

// eventually waits for something that must come true soon.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}

func TestEverythingArrivesOnceAndInOrder(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 7000)
	b.Book.Write(t, kiosk.LaneUrgent, 3)
	stop := run(t, b, agent.Opts{})
	defer stop()
	eventually(t, "all acknowledged", func() bool { return b.Book.Behind() == 0 })
	next := map[kiosk.Lane]uint64{}
	for i, e := range c.Entries() {
		next[e.Lane]++
		if e.Seq != next[e.Lane] || e.Pos != int64(i+1) || e.Booth != "07" || e.Name != "Booth 07" || e.Facts == nil {
			t.Fatalf("entry %d: %+v", i, e)
		}
	}
	if next[kiosk.LaneLog] != 7000 || next[kiosk.LaneUrgent] != 3 {
		t.Errorf("the hub has %v", next)
	}
}
