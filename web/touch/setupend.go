package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

type setupOverviewPage struct {
	frame
	Tiles []staffTile
	Key   kiosk.ID // of the readiness slip
	Open  int      // steps that want a hand
	PIN   bool     // there is one: the first run may end
	First bool     // this is the first run
}

// setupOverview shows every step and what is still open, and ends the first run.
func (s *screen) setupOverview(c echo.Context) error { return s.showOverview(c, http.StatusOK) }

func (s *screen) showOverview(c echo.Context, status int) error {
	page := setupOverviewPage{frame: s.setupFrame(c, "setup.overview_title"), Key: kiosk.RandomID(), PIN: s.booth.Settings().PIN, First: s.settingUp()}
	page.Return = overviewURL
	if at := s.setup.state().at; at != "" && page.First {
		page.Back = at.url()
	} else if !page.First {
		page.Back = staffURL
	}
	for _, step := range setupSteps() {
		state, note := s.stepState(c, step)
		if state != kiosk.DeviceOK && state != kiosk.DeviceNone {
			page.Open++
		}
		page.Tiles = append(page.Tiles, staffTile{step.url(), step.icon(), s.say(c, "setup.tile_"+string(step)), state, note})
	}
	return s.write(c, status, s.prefsOf(c), "setup-overview", page)
}

func (p setupStep) icon() string {
	return map[setupStep]string{setupLanguage: "message-square-text", setupPanel: "arrow-up-down", setupNetwork: "radio-tower", setupEnrol: "qr-code",
		setupPIN: "key-round", setupPrint: "printer", setupDoor: "door-closed", setupClock: "clock"}[p]
}

// stepState puts how a step stands into a state and a word.
func (s *screen) stepState(c echo.Context, step setupStep) (kiosk.DeviceState, string) {
	set, done := s.booth.Settings(), s.setup.state()
	switch step {
	case setupLanguage:
		return kiosk.DeviceOK, s.say(c, "language."+string(set.Language))
	case setupPanel:
		return s.todo(c, set.Diagonal > 0, s.say(c, "setup.inches", "n", inches(s.diagonal())))
	case setupNetwork:
		n := s.opts.Inspector.Network()
		return s.todo(c, n.connected(), s.say(c, "setup.network_short"))
	case setupEnrol:
		j := s.opts.Installer.Joining()
		return s.todo(c, j.Booth != "", s.say(c, "brand.booth", "id", j.Booth))
	case setupPIN:
		return s.todo(c, set.PIN, s.say(c, "setup.is_set"))
	case setupPrint:
		return s.tried(c, kiosk.DevicePrinter, done.print == printGood, done.print == printNone)
	case setupDoor:
		return s.tried(c, kiosk.DeviceDoor, done.opened, false)
	}
	now := s.booth.Now()
	if now.State.Trusted() || now.State == kiosk.ClockSetByHand {
		return kiosk.DeviceOK, s.say(c, "clock."+now.State.String())
	}
	return kiosk.DeviceWarning, s.say(c, "clock."+now.State.String())
}

// todo is a step that is done, with what came of it, or open.
func (s *screen) todo(c echo.Context, done bool, note string) (kiosk.DeviceState, string) {
	if done {
		return kiosk.DeviceOK, note
	}
	return kiosk.DeviceWarning, s.say(c, "setup.open")
}

// tried is a step that tries out a device.
func (s *screen) tried(c echo.Context, kind kiosk.DeviceKind, works, none bool) (kiosk.DeviceState, string) {
	state, word, _ := s.deviceWords(c, kind)
	switch {
	case works:
		return kiosk.DeviceOK, s.say(c, "setup.works")
	case none || state == kiosk.DeviceNone:
		return kiosk.DeviceNone, s.say(c, "device."+string(kind)+"_none")
	case state.Wrong():
		return state, word
	}
	return kiosk.DeviceWarning, s.say(c, "setup.untried")
}

// endSetup ends the first run: from now on the booth serves residents. Where the
// printer works it says on paper how the booth is.
func (s *screen) endSetup(c echo.Context) error {
	err := s.booth.FinishFirstRun(c.Request().Context())
	if kiosk.CodeOf(err) == kiosk.CodeConflict {
		return web.SeeOther(c, setupPIN.url())
	}
	if err != nil {
		return err
	}
	if s.setup.state().print == printGood {
		if _, err := s.takeReadiness(c); err != nil {
			s.opts.Log.WarnContext(c.Request().Context(), "readiness slip not printed", "err", err)
		}
	}
	return web.SeeOther(c, "/")
}
