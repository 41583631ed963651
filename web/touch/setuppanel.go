package touch

import (
	"math"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

type setupLanguagePage struct {
	setupPage
	Options []optionView
}

// setupLanguage asks which language the screen speaks when nobody uses it.
func (s *screen) setupLanguage(c echo.Context) error {
	page := setupLanguagePage{setupPage: s.setupPage(c, setupLanguage)}
	for _, l := range s.spoken() {
		page.Options = append(page.Options, optionView{ID: string(l), Label: s.words.Say(l, "language."+string(l)), Chosen: l == page.Prefs.Lang})
	}
	return s.writeStep(c, setupLanguage, nil, page)
}

// setSetupLanguage takes it, and goes on in it.
func (s *screen) setSetupLanguage(c echo.Context) error {
	ctx, l := c.Request().Context(), kiosk.Lang(c.FormValue("language"))
	if !slices.Contains(s.spoken(), l) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.choice", "language %q has no pages", l)
	}
	if err := s.beginSetup(c); err != nil {
		return err
	}
	if err := s.booth.SetLanguage(ctx, l); err != nil {
		return err
	}
	setCookie(c, langCookie, "", -1)
	return web.SeeOther(c, setupLanguage.after())
}

// usualDiagonals are those that panels for booths are sold in, in inches.
func usualDiagonals() []float64 { return []float64{7, 8, 10.1, 11.6, 13.3, 15.6, 21.5, 23.8} }

// panelStep is what one press of plus or minus changes, in inches.
const panelStep = 0.1

type setupPanelPage struct {
	setupPage
	Diagonal   string
	Less, More string // what minus and plus make of it
	Usual      []string
	Ticks      []tick
}

// tick is a line of the ruler, in millimetres.
type tick struct {
	X, Length int
	Label     string // "" = none
}

// rulerLength is that of the ruler on the glass, in millimetres.
const rulerLength = 100

func rulerTicks() []tick {
	var ticks []tick
	for x := 0; x <= rulerLength; x++ {
		switch {
		case x%10 == 0:
			ticks = append(ticks, tick{x, 7, strconv.Itoa(x / 10)})
		case x%5 == 0:
			ticks = append(ticks, tick{x, 5, ""})
		default:
			ticks = append(ticks, tick{x, 3, ""})
		}
	}
	return ticks
}

// setupPanel shows a ruler to hold another against: once they agree, so does every
// size on every page.
func (s *screen) setupPanel(c echo.Context) error {
	page := setupPanelPage{setupPage: s.setupPage(c, setupPanel), Diagonal: inches(s.diagonal()), Ticks: rulerTicks()}
	page.Less, page.More = inches(tenth(s.diagonal()-panelStep)), inches(tenth(s.diagonal()+panelStep))
	for _, d := range usualDiagonals() {
		page.Usual = append(page.Usual, inches(d))
	}
	return s.writeStep(c, setupPanel, nil, page)
}

func tenth(d float64) float64 { return math.Round(d*10) / 10 }

// setSetupPanel takes the diagonal. Without script every press of a key comes here
// too, to show the ruler again.
func (s *screen) setSetupPanel(c echo.Context) error {
	ctx, to := c.Request().Context(), setupPanel.after()
	text := c.FormValue("diagonal")
	if pressed := c.FormValue("to"); pressed != "" {
		text, to = pressed, setupPanel.url()
	}
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.diagonal", "diagonal: want inches: %w", err)
	}
	if err := s.beginSetup(c); err != nil {
		return err
	}
	if err := s.booth.SetDiagonal(ctx, d); err != nil {
		return err
	}
	return web.SeeOther(c, to)
}
