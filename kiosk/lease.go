package kiosk

import "time"

// LeaseTime is how long a booth may use personal data of the city without contact.
const LeaseTime = 30 * 24 * time.Hour

// Lease counts how long a booth has had no contact with its city. It ends at the
// earlier of two limits, because a booth has no clock that could be trusted alone:
// the time that it has been running, added up over all boots, and a floor of the
// true time. The first stands still while the booth is off; the second begins with
// the hub's time and is moved on by what vouches for the time (a time server, a
// battery clock), only forwards, so that a month without power ends the lease, too.
type Lease struct {
	Boot    ID            // the boot that Since belongs to
	Since   time.Duration // time since that boot, when it was counted last
	Used    time.Duration // running time since the last contact
	Contact time.Time     // the hub's time at the last contact; zero: never
	Floor   time.Time     // it is later than this
}

// Touch begins the lease anew: the hub was reached, and its answer says its time.
func (l *Lease) Touch(boot ID, since time.Duration, hub time.Time) {
	l.Boot, l.Since, l.Used, l.Contact, l.Floor = boot, since, 0, hub, hub
}

// Count adds the time since it was last called.
func (l *Lease) Count(boot ID, r Reading) {
	if boot == l.Boot {
		l.Used += max(r.Since-l.Since, 0)
	} else {
		l.Used += r.Since // of a new boot: all of it
	}
	l.Boot, l.Since = boot, r.Since
	if r.State.Trusted() && r.Wall.After(l.Floor) {
		l.Floor = r.Wall
	}
}

// Over reports whether the lease has ended. Where there never was a contact there is
// nothing to be used.
func (l *Lease) Over() bool {
	return l.Contact.IsZero() || l.Used >= LeaseTime || l.Floor.Sub(l.Contact) >= LeaseTime
}
