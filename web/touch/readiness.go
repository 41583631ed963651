package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// printReadiness prints the slip that says how the booth is: the test of the
// printer is the paper that is wanted anyway.
func (s *screen) printReadiness(c echo.Context) error {
	slip, err := s.takeReadiness(c)
	if err != nil {
		return err
	}
	return web.SeeOther(c, readinessURL(slip.ID))
}

// takeReadiness prints it under the key that came with the form.
func (s *screen) takeReadiness(c echo.Context) (kiosk.Slip, error) {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return kiosk.Slip{}, err
	}
	ctx, p := c.Request().Context(), s.prefsOf(c)
	say := func(key string, args ...any) string { return s.words.Say(p.Lang, key, args...) }
	r := kiosk.Readiness{Version: s.opts.Inspector.Version(), Devices: s.opts.Inspector.Devices(ctx)}
	r.Lines = append(r.Lines, kiosk.Pair{Name: say("staff.booth"), Value: s.booth.ID()},
		kiosk.Pair{Name: say("staff.clock"), Value: say("clock." + s.booth.Now().State.String())})
	for _, d := range r.Devices {
		r.Lines = append(r.Lines, kiosk.Pair{Name: say("device." + string(d.Kind)), Value: say(d.Sentence(), d.Args...)})
	}
	up := s.booth.Status().Uplink
	r.Lines = append(r.Lines, kiosk.Pair{Name: say("staff.network"), Value: say("line." + viewLine(up).State)},
		kiosk.Pair{Name: say("staff.behind"), Value: say("staff.records", "n", up.Behind)})
	return s.booth.TakeReadiness(ctx, key, r, p.Lang)
}

func readinessURL(id kiosk.ID) string { return "/staff/readiness/" + id.String() }

type readinessPage struct {
	frame
	ID     kiosk.ID
	Key    kiosk.ID // of another one
	Print  string
	Prints []string
}

// readiness serves the picture of the readiness slip and what becomes of the paper.
func (s *screen) readiness(c echo.Context) error {
	id, err := kiosk.ParseID(c.Param("id"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "slip id: %w", err)
	}
	slip, err := s.booth.Slip(c.Request().Context(), id)
	if err != nil {
		return err
	}
	page := readinessPage{frame: s.staffFrame(c, "staff-readiness", "staff.readiness"), ID: slip.ID, Key: kiosk.RandomID(),
		Print: printOf(slip.State, s.booth.Status()), Prints: prints()}
	page.Back, page.Inner = deviceURL(kiosk.DevicePrinter), true
	return s.write(c, http.StatusOK, s.prefsOf(c), "readiness", page)
}
