// Package browser keeps the touch screen's browser alive.
//
// A panel in the street has nobody who presses reload. So this process waits until
// the booth answers and a display is connected, starts the browser with a profile
// that is thrown away afterwards, and watches two things: that the browser runs,
// and that its page still says so. The page posts a heartbeat to the booth, whose
// /healthz tells how old the last one is. A browser that ended, or whose page has
// fallen silent, is ended with all its processes and started anew.
//
// What it cannot mend that way it leaves to systemd: the watchdog is fed only while
// the page lives, or while what it waits for lies outside (the booth is being
// restarted, the display is unplugged). A browser that comes up again and again
// without a living page ends the whole service, and its terminal and session with it.
package browser
