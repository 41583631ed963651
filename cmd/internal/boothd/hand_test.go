package boothd

import (
	"testing"
	"time"

	"redstation/kiosk"
)

func TestAClockSetByHandGoesOnUntilSomethingBetterVouches(t *testing.T) {
	b := &bench{wall: time.Unix(0, 0), since: time.Minute, boot: kiosk.RandomID()}
	file := handFileIn(t.TempDir())
	c := newClock(built, b.machine())
	c.handFile = file
	said := built.AddDate(0, 1, 0)
	c.SetByHand(said)
	b.pass(time.Hour)
	want := kiosk.Reading{Wall: said.Add(time.Hour), Since: b.since, State: kiosk.ClockSetByHand}
	if got := c.Read(); !got.Wall.Equal(want.Wall) || got.State != want.State {
		t.Errorf("an hour later: got %v, want %v", got, want)
	}
	if got := c.AtLeastBuilt(); !got.Equal(want.Wall) {
		t.Errorf("certificates are checked at %v, want %v", got, want.Wall)
	}

	again := newClock(built, b.machine())
	again.handFile = file
	again.loadHand()
	if got := again.Read(); !got.Wall.Equal(want.Wall) || got.State != want.State {
		t.Errorf("after a restart of the program: got %v, want %v", got, want)
	}

	b.wall, b.synced = said.Add(90*time.Minute), true
	if got := c.Read(); !got.Wall.Equal(b.wall) || got.State != kiosk.ClockNTP {
		t.Errorf("with a time server: got %v", got)
	}

	b.wall, b.synced, b.boot = time.Unix(0, 0), false, kiosk.RandomID()
	after := newClock(built, b.machine())
	after.handFile = file
	after.loadHand()
	if got := after.Read(); got.State != kiosk.ClockBelowBuild {
		t.Errorf("after a boot: got %v, want a clock that nobody vouches for", got)
	}
}
