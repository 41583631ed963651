//go:build !linux

package boothd

import (
	"time"

	"redstation/kiosk"
)

// thisMachine is a developer's machine: it counts time from the program's start
// and claims nothing about its clock, so that the demo runs there too.
func thisMachine() machine {
	started := time.Now()
	return machine{
		now:    time.Now,
		since:  func() time.Duration { return time.Since(started) },
		synced: func() bool { return false },
		rtc:    func() (time.Time, bool) { return time.Time{}, false },
		bootID: func() (kiosk.ID, bool) { return kiosk.ID{}, false },
	}
}
