package kiosk

import (
	"testing"
	"time"
)

func TestThePauseDoublesAndARebootWaitsItAnew(t *testing.T) {
	var tries Tries
	at := time.Hour
	for n, want := range []time.Duration{0, 0, 0, 0, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, time.Hour} {
		tries = tries.fail(3, at)
		if got := tries.wait(3, at); got != want {
			t.Errorf("after wrong PIN %d: wait %v, want %v", n+1, got, want)
		}
		at += tries.Pause
		if got := tries.wait(3, at); got != 0 {
			t.Errorf("after the pause of wrong PIN %d: wait %v", n+1, got)
		}
	}
	if got, want := tries.wait(4, time.Minute), 59*time.Minute; got != want {
		t.Errorf("a minute after a reboot: wait %v, want %v", got, want)
	}
}
