package touch

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// What staff see of what is lent: how many are where, what is overdue, by the numbers
// of receipts alone, and the stickers for new things. Names are opened at the hub.

const (
	lendingURL = "/staff/lending"
	outURL     = lendingURL + "/out"
)

type lendingPage struct {
	frame
	Tiles []staffTile
}

// thingPage is one kind of thing.
type thingPage struct {
	frame
	Service  string
	Thing    string
	Icon     string
	Key      kiosk.ID
	Here     int
	Less     int // what the button "one less" sets
	More     int
	Out      int
	Late     int
	Away     []awayView
	Code     int
	Prints   bool
	Stickers []int // how many a button prints
}

type awayView struct {
	Tag   kiosk.AssetTag
	Booth string
}

type outPage struct {
	frame
	Late, Out, Doubted []outRow
}

type outRow struct {
	Number, Thing, Due string
	Tag                kiosk.AssetTag
}

func (s *screen) lendingRoutes(e *echo.Echo) {
	e.GET(callsURL, s.calls, s.guard)
	e.POST(callsURL, s.step, s.guard)
	e.GET(lendingURL, s.lending, s.guard)
	e.GET(outURL, s.loansOut, s.guard)
	e.GET(lendingURL+"/:service/:thing", s.thing, s.guard)
	e.POST(lendingURL+"/:service/:thing/count", s.countThing, s.guard)
	e.POST(lendingURL+"/:service/:thing/tags", s.printTags, s.guard)
}

func thingURL(service, thing string) string { return lendingURL + "/" + service + "/" + thing }

// lending serves what this booth lends, at a glance.
func (s *screen) lending(c echo.Context) error {
	p := s.prefsOf(c)
	say := func(key string, args ...any) string { return s.words.Say(p.Lang, key, args...) }
	all, err := s.booth.Supplies(c.Request().Context())
	if err != nil {
		return err
	}
	page := lendingPage{frame: s.staffFrame(c, "staff-lending", "lending.title")}
	page.Back, page.Inner = staffURL, true
	out, late := 0, 0
	for _, sh := range all {
		out, late = out+sh.Out, late+sh.Late
	}
	state := kiosk.DeviceOK
	if late > 0 {
		state = kiosk.DeviceWarning
	}
	page.Tiles = append(page.Tiles, staffTile{outURL, "list", say("lending.out"), state, say("lending.out_note", "n", out, "late", late)})
	for _, sh := range all {
		note := say("lending.shelf", "here", sh.Here, "out", sh.Out)
		if sh.Away > 0 {
			note = say("lending.shelf_away", "here", sh.Here, "out", sh.Out, "away", sh.Away)
		}
		page.Tiles = append(page.Tiles, staffTile{thingURL(sh.Service.ID, sh.Thing.ID), sh.Thing.Icon, sh.Thing.Name.In(p.Lang), "", note})
	}
	return s.write(c, http.StatusOK, p, "staff", overviewPage(page))
}

// loansOut serves the overdue list and what else is out.
func (s *screen) loansOut(c echo.Context) error {
	p := s.prefsOf(c)
	loans, err := s.booth.LoansOut(c.Request().Context())
	if err != nil {
		return err
	}
	page := outPage{frame: s.staffFrame(c, "staff-out", "lending.out")}
	page.Back, page.Inner = lendingURL, true
	day := s.today().Format("2006-01-02")
	for _, l := range loans {
		row := outRow{Number: l.Number, Thing: l.Thing, Due: l.Due, Tag: l.Tag}
		if t, ok := s.booth.Catalogue().ThingNamed(l.Service, l.Thing); ok {
			row.Thing = t.Name.In(p.Lang)
		}
		switch {
		case l.Doubt == kiosk.DoubtLentAgain:
			page.Doubted = append(page.Doubted, row)
		case l.Late(day):
			page.Late = append(page.Late, row)
		default:
			page.Out = append(page.Out, row)
		}
	}
	return s.write(c, http.StatusOK, p, "out", page)
}

// supply returns what is known of the kind of thing in the address.
func (s *screen) supply(c echo.Context) (kiosk.Supply, error) {
	all, err := s.booth.Supplies(c.Request().Context())
	if err != nil {
		return kiosk.Supply{}, err
	}
	for _, sh := range all {
		if sh.Service.ID == c.Param("service") && sh.Thing.ID == c.Param("thing") {
			return sh, nil
		}
	}
	return kiosk.Supply{}, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no such thing is lent here")
}

// thing serves one kind of thing: its count, and its stickers.
func (s *screen) thing(c echo.Context) error {
	sh, err := s.supply(c)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := thingPage{frame: s.staffFrame(c, "staff-thing", "lending.title"), Service: sh.Service.ID, Thing: sh.Thing.ID, Icon: sh.Thing.Icon,
		Key: kiosk.RandomID(), Here: sh.Here, Less: max(0, sh.Here-1), More: min(kiosk.MaxAssets, sh.Here+1), Out: sh.Out, Late: sh.Late,
		Code: sh.Thing.Code, Prints: s.booth.Status().Printer != kiosk.PrinterOffline && s.booth.ID() != kiosk.UnenrolledBooth, Stickers: []int{1, 6, 12}}
	page.Title = sh.Thing.Name.In(p.Lang)
	page.Back, page.Inner = lendingURL, true
	for _, a := range s.booth.Elsewhere() {
		if a.Asset.Code() == sh.Thing.Code {
			page.Away = append(page.Away, awayView{a.Asset, a.Booth})
		}
	}
	return s.write(c, http.StatusOK, p, "thing", page)
}

// countThing stores what staff counted.
func (s *screen) countThing(c echo.Context) error {
	n, err := strconv.Atoi(c.FormValue("here"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "count: %w", err)
	}
	service, thing := c.Param("service"), c.Param("thing")
	if err := s.booth.Count(c.Request().Context(), service, thing, n); err != nil {
		return err
	}
	return web.SeeOther(c, thingURL(service, thing))
}

// printTags prints stickers for new things.
func (s *screen) printTags(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.FormValue("n"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "stickers: %w", err)
	}
	slip, err := s.booth.PrintTags(c.Request().Context(), key, c.Param("service"), c.Param("thing"), n, s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, readinessURL(slip.ID))
}
