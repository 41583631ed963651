package agent_test

import (
	"context"
	"fmt"
	"testing"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// TestManyBoothsAndAReader lets 20 booths come back at once, in small batches that
// share transactions, while a reader follows: it must see every position once.
func TestManyBoothsAndAReader(t *testing.T) {
	const booths, each = 20, 300
	c := hubtest.New(t)
	token, err := c.CreateToken(t.Context(), "reader")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read := make(chan error, 1)
	go func() {
		var pos int64
		for r, err := range wire.Pull(ctx, c.URL, token, wire.PullOpts{Follow: true, Limit: 70}) {
			if err != nil {
				read <- err
				return
			}
			if pos++; r.Pos != pos {
				read <- fmt.Errorf("position %d after %d", r.Pos, pos-1)
				return
			}
			if pos == booths*each {
				read <- nil
				return
			}
		}
	}()
	var all []*hubtest.Booth
	for i := range booths {
		b := c.Enrol(fmt.Sprintf("%02d", i))
		b.Book.Write(t, kiosk.LaneLog, each-50)
		all = append(all, b)
	}
	for _, b := range all {
		defer run(t, b, agent.Opts{})()
	}
	for range 50 {
		for _, b := range all {
			b.Book.Write(t, kiosk.LaneUrgent, 1)
		}
	}
	for _, b := range all {
		eventually(t, "all of "+b.Booth, drained(b))
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
	if n := whole(t, c); n != booths*each {
		t.Errorf("the hub has %d records, want %d", n, booths*each)
	}
}
