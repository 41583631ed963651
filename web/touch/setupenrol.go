package touch

import (
	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

type setupNetworkPage struct {
	setupPage
	State      kiosk.DeviceState
	Word       string // what the state is
	Remedy     string
	Interfaces []Interface
	Hub        string
}

// setupNetwork shows what is plugged in, and whether the city answers.
func (s *screen) setupNetwork(c echo.Context) error {
	page := setupNetworkPage{setupPage: s.setupPage(c, setupNetwork)}
	n := s.opts.Inspector.Network()
	page.Interfaces, page.Hub = n.Interfaces, n.Hub
	known, answers := s.opts.Installer.HubAnswers(c.Request().Context())
	word := "plugged"
	switch {
	case !n.connected():
		page.State, word = kiosk.DeviceOffline, "none"
	case known && answers:
		page.State, word = kiosk.DeviceOK, "answers"
	case known:
		page.State, word = kiosk.DeviceWarning, "silent"
	default:
		page.State = kiosk.DeviceOK
	}
	page.Word, page.Remedy = s.say(c, "setup.network_"+word), s.say(c, "setup.network_"+word+"_do")
	return s.writeStep(c, setupNetwork, nil, page)
}

// connected reports whether the machine has an address in any network.
func (n Network) connected() bool {
	for _, i := range n.Interfaces {
		if len(i.Addresses) > 0 {
			return true
		}
	}
	return false
}

type setupEnrolPage struct {
	setupPage
	Join  Joining
	Phase string // "scan", "stick", "busy" or "joined"
}

// setupEnrol waits for the city's code: while the page is shown, what is scanned is
// tried as one.
func (s *screen) setupEnrol(c echo.Context) error { return s.showEnrol(c, nil) }

func (s *screen) showEnrol(c echo.Context, wrong error) error {
	page := setupEnrolPage{setupPage: s.setupPage(c, setupEnrol), Join: s.opts.Installer.Joining()}
	switch {
	case page.Join.Booth != "":
		page.Phase = "joined"
	case page.Join.Busy:
		page.Phase = "busy"
	case page.Join.Scanner:
		page.Phase = "scan"
	default:
		page.Phase = "stick"
	}
	if page.Phase != "joined" {
		if err := s.beginSetup(c); err != nil { // a booth with a city would not look new any more
			return err
		}
		s.opts.Installer.Await()
	}
	if err := wrong; err != nil || page.Join.Err != nil && page.Phase != "joined" {
		if err == nil {
			err = page.Join.Err
		}
		page.Error = s.say(c, enrolSentence(err))
	}
	return s.writeStep(c, setupEnrol, wrong, page)
}

// enrolSentence returns the key of what to say when a booth was not enrolled.
func enrolSentence(err error) string {
	switch key := kiosk.KeyOf(err); key {
	case "error.enrol_unknown", "error.enrol_spent", "error.enrol_expired", "error.enrol_busy", "error.enrol_stick":
		return key
	}
	switch kiosk.CodeOf(err) {
	case kiosk.CodeInvalid:
		return "error.enrol_string"
	case kiosk.CodeOffline:
		return "error.enrol_offline"
	case kiosk.CodeDenied:
		return "error.enrol_refused"
	}
	return "error.internal"
}

// enrolFromStick spends the code on the USB stick.
func (s *screen) enrolFromStick(c echo.Context) error {
	if err := s.opts.Installer.JoinFromStick(); err != nil {
		return s.showEnrol(c, err)
	}
	return web.SeeOther(c, setupEnrol.url())
}
