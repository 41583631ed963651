package touch

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

type functionPage struct {
	frame
	Number int
	Icon   string
	Family kiosk.Family
	Open   []tile
	Closed []string // names of what is not open today
}

func functionURL(number int) string { return "/f/" + strconv.Itoa(number) }

// function serves a function's services: those that are open today as tiles, the
// others by name.
func (s *screen) function(c echo.Context) error {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "function number: %w", err)
	}
	f, ok := s.pack(c).Function(n)
	if !ok {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no function %d", n)
	}
	p := s.prefsOf(c)
	page := functionPage{frame: s.titled(p, "function", f.Name.In(p.Lang)), Number: f.Number, Icon: f.Icon, Family: f.Family}
	page.Back, page.Return = "/", functionURL(n)
	for i := range f.Services {
		v := &f.Services[i]
		if len(s.offered(v)) == 0 && !v.Follow {
			page.Closed = append(page.Closed, v.Name.In(p.Lang))
			continue
		}
		page.Open = append(page.Open, tile{Href: serviceURL(v.ID), Icon: v.Icon, Family: f.Family,
			Label: v.Name.In(p.Lang), Summary: v.Summary.In(p.Lang)})
	}
	return s.write(c, http.StatusOK, p, "function", page)
}

// offered returns what a resident can do with the service here and now.
func (s *screen) offered(v *kiosk.Service) []kiosk.Action {
	var can []kiosk.Action
	for _, a := range v.Actions {
		if s.booth.Offers(v, a) {
			can = append(can, a)
		}
	}
	return can
}
