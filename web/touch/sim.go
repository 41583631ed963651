package touch

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Devices are the simulated devices of a demo, as the page /sim shows them.
type Devices interface {
	// State returns how the devices are.
	State() DeviceState
	// Press presses one of Buttons. The error has CodeInvalid for any other name.
	Press(ctx context.Context, button string) error
	// Papers lists what came out of the printer, newest first.
	Papers() []PaperInfo
	// Paper returns the picture of one paper, false where it is gone.
	Paper(n int) (png []byte, ok bool)
}

// DeviceState is the state of the simulated devices.
type DeviceState struct {
	Printer   kiosk.PrinterState
	PaperOut  bool
	PaperLow  bool
	CoverOpen bool
	DoorOpen  bool
	Scanner   bool // a simulated scanner is there
}

// PaperInfo names one paper. Numbers are never used again in one run.
type PaperInfo struct {
	N  int
	At time.Time
}

// The buttons of the device page.
const (
	PressPaperOut   = "paper-out"
	PressPaperLow   = "paper-low"
	PressPaperIn    = "paper-in"
	PressCoverOpen  = "cover-open"
	PressCoverClose = "cover-close"
	PressDoorOpen   = "door-open"
	PressDoorClose  = "door-close"
	PressScan       = "scan"
)

// papersShown bounds the pictures on the device page.
const papersShown = 12

type simPage struct {
	frame
	State  DeviceState
	Papers []paperView
}

type paperView struct {
	N  int
	At string // "09:41:07"
}

// sim serves the device page of the demo.
func (s *screen) sim(c echo.Context) error {
	p := s.prefsOf(c)
	return s.write(c, http.StatusOK, p, "sim", s.viewSim(p))
}

// simPapers serves the part of the page that changes by itself.
func (s *screen) simPapers(c echo.Context) error {
	p := s.prefsOf(c)
	return s.write(c, http.StatusOK, p, "simstate", s.viewSim(p))
}

func (s *screen) viewSim(p prefs) simPage {
	page := simPage{frame: s.frame(p, "sim", "sim.title"), State: s.opts.Sim.State()}
	for i, paper := range s.opts.Sim.Papers() {
		if i == papersShown {
			break
		}
		page.Papers = append(page.Papers, paperView{paper.N, paper.At.In(s.booth.Zone()).Format(time.TimeOnly)})
	}
	return page
}

func (s *screen) simPress(c echo.Context) error {
	if err := s.opts.Sim.Press(c.Request().Context(), c.FormValue("button")); err != nil {
		return err
	}
	return web.SeeOther(c, "/sim")
}

func (s *screen) simPaper(c echo.Context) error {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "paper number: %w", err)
	}
	png, ok := s.opts.Sim.Paper(n)
	if !ok {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "paper %d is gone", n)
	}
	return c.Blob(http.StatusOK, "image/png", png)
}
