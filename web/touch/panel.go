package touch

import (
	"cmp"
	"fmt"
	"math"
	"net/http"

	"github.com/labstack/echo/v4"
)

const mmPerInch = 25.4

// lowest is the height in millimetres below which a panel has no room for a
// header: header and footer become one bar.
const lowest = 105

// panel serves the one rule that ties the style sheets to the glass: how many
// pixels a millimetre has. The window fills the panel, so its diagonal in pixels
// is the panel's in inches, whatever the resolution and its scaling. A browser
// without hypot() gets the figure of a 10.1 inch panel of 1280x800.
func (s *screen) panel(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", fmt.Appendf(nil,
		":root{--mm:5.88px}\n@supports (width:hypot(1px,1px)){:root{--mm:calc(hypot(100vw,100vh)/%.2f)}}\n",
		s.diagonal()*mmPerInch))
}

// usualDiagonal is that of a panel of which nobody said how large it is.
const usualDiagonal = 10.1

// diagonal returns the panel's, in inches: what staff set on the screen with a ruler
// in their hands, else what the program was told.
func (s *screen) diagonal() float64 {
	return cmp.Or(s.booth.Settings().Diagonal, max(0, s.opts.DiagonalInch), usualDiagonal)
}

// look is what pages need to know of the panel.
type look struct {
	diagonal float64
	build    string // changes when style, script or panel do: a page then loads anew
	compact  string // media query of panels too low for a header
}

func (s *screen) look() look {
	d := s.diagonal()
	if l := s.looks.Load(); l != nil && l.diagonal == d {
		return *l
	}
	l := look{d, fmt.Sprintf("%s %v", s.build, d), compactMedia(d)}
	s.looks.Store(&l)
	return l
}

// compactMedia returns the media query that holds where the panel is lower than
// lowest. For a given diagonal that is a question of the aspect ratio alone.
func compactMedia(diagonalInch float64) string {
	sin := lowest / (diagonalInch * mmPerInch)
	if sin >= 1 {
		return "all"
	}
	return fmt.Sprintf("(min-aspect-ratio: %d/1000)", int(math.Ceil(1000/math.Tan(math.Asin(sin)))))
}
