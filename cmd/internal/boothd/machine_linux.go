package boothd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"redstation/kiosk"
)

// thisMachine asks Linux.
func thisMachine() machine {
	started := time.Now()
	return machine{
		now:    time.Now,
		since:  func() time.Duration { return sinceBoot(started) },
		synced: synced,
		rtc:    func() (time.Time, bool) { return batteryClock("/sys/class/rtc/rtc0") },
		bootID: func() (kiosk.ID, bool) { return bootID("/proc/sys/kernel/random/boot_id") },
	}
}

// sinceBoot reads CLOCK_BOOTTIME (clock_gettime(2)), which counts sleep. Where it
// is refused the time since the program's start stands in.
func sinceBoot(started time.Time) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Since(started)
	}
	return time.Duration(ts.Nano())
}

// synced asks the kernel's clock discipline (adjtimex(2), reading only). Under
// systemd's ProtectClock= the call is forbidden; then the file that
// systemd-timesyncd keeps in /run, gone at each boot, answers.
func synced() bool {
	var t unix.Timex
	if state, err := unix.Adjtimex(&t); err == nil {
		return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
	}
	_, err := os.Stat("/run/systemd/timesync/synchronized")
	return err == nil
}

// batteryClock reads the real-time clock that the kernel set its time from at
// boot; false where there is none or the kernel did not use it.
func batteryClock(dir string) (time.Time, bool) {
	used, err := os.ReadFile(filepath.Join(dir, "hctosys"))
	if err != nil || strings.TrimSpace(string(used)) != "1" {
		return time.Time{}, false
	}
	b, err := os.ReadFile(filepath.Join(dir, "since_epoch"))
	if err != nil {
		return time.Time{}, false
	}
	s, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(s, 0), true
}

func bootID(file string) (kiosk.ID, bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return kiosk.ID{}, false
	}
	id, err := kiosk.ParseID(strings.ReplaceAll(strings.TrimSpace(string(b)), "-", ""))
	return id, err == nil
}
