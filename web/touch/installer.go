package touch

import "context"

// Installer is what the first run needs of the machine.
type Installer interface {
	// Fresh reports whether nobody has given the booth to a city, and nobody was
	// about to when it was started.
	Fresh() bool
	// HubAnswers reports whether it is known where the city's hub is, and whether
	// somebody answers there.
	HubAnswers(ctx context.Context) (known, answers bool)
	// Await makes the scans of the next seconds count as enrolment strings.
	Await()
	// JoinFromStick spends the enrolment string on the USB stick. The error has
	// kiosk.CodeNotFound where there is none that can be read.
	JoinFromStick() error
	// Joining tells what has come of it.
	Joining() Joining
}

// Joining is how far the booth is on its way into a city. Nothing in it is secret.
type Joining struct {
	Busy    bool   // an enrolment string is being spent
	Err     error  // what came of the last one, if it failed
	Booth   string // the booth's id in its city; "" = it belongs to none
	Name    string // and its name there
	Scanner bool   // there is a scanner
	Stick   bool   // a stick with an enrolment string is plugged in
}
