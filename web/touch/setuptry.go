package touch

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// What can be said of the test print.
const (
	printGood = "good"
	printBad  = "bad"
	printNone = "none"
)

// setupPIN asks for the staff's PIN.
func (s *screen) setupPIN(c echo.Context) error { return s.showSetupPIN(c, "", nil) }

// setupDigitsPage asks for a PIN or for the time.
type setupDigitsPage struct {
	digitsPage
	stepView
	Set bool // there is a PIN already
}

func (s *screen) showSetupPIN(c echo.Context, first string, wrong error) error {
	f := s.setupPage(c, setupPIN)
	page := setupDigitsPage{digitsPage: digitsPage{frame: f.frame, Action: setupPIN.url(), Label: f.Title, Hint: s.say(c, "setup.pin_hint"),
		Entry: "pin", Max: kiosk.MaxPIN, First: first}, stepView: f.stepView, Set: s.booth.Settings().PIN}
	if first != "" {
		page.Label, page.Hint, page.Back = s.say(c, "staff.pin_again"), s.say(c, "staff.pin_again_hint"), setupPIN.url()
	}
	if wrong != nil {
		page.Error = s.say(c, kiosk.KeyOf(wrong))
	}
	return s.writeStep(c, setupPIN, wrong, page)
}

// setSetupPIN takes the PIN, asks for it again, and sets it when both are the same.
// Whoever set it is signed in.
func (s *screen) setSetupPIN(c echo.Context) error {
	ctx, digits, first := c.Request().Context(), c.FormValue("digits"), c.FormValue("first")
	if digits == "" && first == "" && s.booth.Settings().PIN {
		return web.SeeOther(c, setupPIN.after()) // it stays as it is
	}
	if first == "" {
		if err := kiosk.CheckPIN(digits); err != nil {
			return s.showSetupPIN(c, "", err)
		}
		return s.showSetupPIN(c, digits, nil)
	}
	if digits != first {
		return s.showSetupPIN(c, "", kiosk.Errorf(kiosk.CodeInvalid, "error.pin_differs", "the second PIN is another"))
	}
	if err := s.beginSetup(c); err != nil {
		return err
	}
	if err := s.booth.SetPIN(ctx, digits); err != nil {
		return err
	}
	setCookie(c, staffCookie, s.staff.begin(s.booth.Now().Since), 0)
	return web.SeeOther(c, setupPIN.after())
}

type setupPrintPage struct {
	setupPage
	Device kiosk.DeviceState
	Word   string
	Remedy string
	Slip   kiosk.ID // the test print; zero = none yet
	Print  string
	Prints []string
	Key    kiosk.ID // of the next one
}

// setupPrint shows how the printer is and prints a slip when asked to.
func (s *screen) setupPrint(c echo.Context) error { return s.showPrint(c, kiosk.ID{}) }

func (s *screen) showPrint(c echo.Context, id kiosk.ID) error {
	page := setupPrintPage{setupPage: s.setupPage(c, setupPrint), Key: kiosk.RandomID(), Slip: id}
	page.Device, page.Word, page.Remedy = s.deviceWords(c, kiosk.DevicePrinter)
	if page.Slip != (kiosk.ID{}) {
		slip, err := s.booth.Slip(c.Request().Context(), page.Slip)
		if err != nil {
			return err
		}
		page.Print, page.Prints, page.Back = printOf(slip.State, s.booth.Status()), prints(), setupPrint.url()
		page.Return = setupPrint.url() + "/" + id.String()
	}
	return s.writeStep(c, setupPrint, nil, page)
}

// deviceWords tells how the first device of a kind is and what to do about it.
func (s *screen) deviceWords(c echo.Context, kind kiosk.DeviceKind) (state kiosk.DeviceState, word, remedy string) {
	devices := s.opts.Inspector.Devices(c.Request().Context())
	i := slices.IndexFunc(devices, func(d kiosk.Device) bool { return d.Kind == kind })
	if i < 0 {
		devices, i = []kiosk.Device{kiosk.DeviceWithout(kind)}, 0
	}
	d := devices[i]
	if key := d.Remedy(); key != "" {
		remedy = s.say(c, key)
	}
	return d.State, s.say(c, d.Sentence(), d.Args...), remedy
}

// printTest prints the readiness slip, which is a test as good as any.
func (s *screen) printTest(c echo.Context) error {
	slip, err := s.takeReadiness(c)
	if err != nil {
		return err
	}
	s.setup.update(func(u *setup) { u.print = "" })
	return web.SeeOther(c, setupPrint.url()+"/"+slip.ID.String())
}

// printed shows the picture of the slip beside the question whether the paper is
// the same.
func (s *screen) printed(c echo.Context) error {
	id, err := kiosk.ParseID(c.Param("id"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "slip id: %w", err)
	}
	return s.showPrint(c, id)
}

// judgePrint takes what was said of the paper.
func (s *screen) judgePrint(c echo.Context) error {
	said := c.FormValue("verdict")
	if !slices.Contains([]string{printGood, printBad, printNone}, said) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.choice", "verdict %q is none", said)
	}
	s.setup.update(func(u *setup) { u.print = said })
	if said == printBad {
		return web.SeeOther(c, setupPrint.url())
	}
	return web.SeeOther(c, setupPrint.after())
}

type setupDoorPage struct {
	setupPage
	State  kiosk.DeviceState
	Word   string
	Remedy string
	Open   bool
	Works  bool // it has been opened and closed while the page was shown
}

// setupDoor shows the door as it moves.
func (s *screen) setupDoor(c echo.Context) error {
	st := s.booth.Status()
	open := st.Door == kiosk.DoorOpened || st.Door == kiosk.DoorLeftOpen
	now := s.setup.update(func(u *setup) {
		if !u.asked {
			u.asked, u.doors = true, st.DoorCount
		}
		u.opened = u.opened || !open && st.DoorCount >= u.doors+2
	})
	page := setupDoorPage{setupPage: s.setupPage(c, setupDoor), Open: open, Works: now.opened}
	page.State, page.Word, page.Remedy = s.deviceWords(c, kiosk.DeviceDoor)
	return s.writeStep(c, setupDoor, nil, page)
}

type setupClockPage struct {
	setupPage
	Day, Time  string
	Trust, Why string
	Kept       bool // nothing to set
}

// setupClock shows what the clock reads.
func (s *screen) setupClock(c echo.Context) error {
	now := s.booth.Now()
	local, key := now.Wall.In(s.booth.Zone()), "clock."+now.State.String()
	return s.writeStep(c, setupClock, nil, setupClockPage{setupPage: s.setupPage(c, setupClock),
		Day: local.Format(time.DateOnly), Time: local.Format("15:04"), Trust: s.say(c, key), Why: s.say(c, key+"_why"), Kept: now.State >= kiosk.ClockNTP})
}

// setupHand asks for the time.
func (s *screen) setupHand(c echo.Context) error { return s.showHand(c, nil) }

func (s *screen) showHand(c echo.Context, wrong error) error {
	f := s.setupPage(c, setupClock)
	page := setupDigitsPage{digitsPage: digitsPage{frame: f.frame, Action: setupURL + "/hand", Label: s.say(c, "staff.clock_label"),
		Hint: s.say(c, "staff.clock_hint"), Entry: "time", Max: len(typedTime)}, stepView: f.stepView}
	page.Back, page.Return = setupClock.url(), setupURL+"/hand"
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.say(c, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, s.prefsOf(c), "setup-hand", page)
}

// setSetupClock sets the clock. The page that follows shows what it reads then.
func (s *screen) setSetupClock(c echo.Context) error {
	wall, err := s.parseTime(c.FormValue("digits"))
	if err == nil {
		err = s.booth.SetClock(c.Request().Context(), wall)
	}
	switch kiosk.CodeOf(err) {
	case "":
		return web.SeeOther(c, setupClock.url())
	case kiosk.CodeInvalid, kiosk.CodeUnavailable:
		return s.showHand(c, err)
	}
	return err
}
