package touch

import (
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// tile is a big button with an icon.
type tile struct {
	Href    string
	Number  int // 0 = none
	Icon    string
	Family  kiosk.Family
	Label   string
	Summary string
}

type homePage struct {
	frame
	Tiles []tile
	Help  string // address of the page that calls a person; "" = none is offered
	Asks  string
}

// homeKey is all that the home page depends on.
type homeKey struct {
	prefs   prefs
	station string
	clock   string
	about   bool
	line    lineView
	build   string
	pack    *kiosk.Catalogue
}

// homeCache keeps the last few renderings of the home page, which is the page that
// is asked for most and changes once a minute. The page's exact time is that of
// its first rendering in the minute; the event stream corrects it.
type homeCache struct {
	mu    sync.Mutex
	pages map[homeKey][]byte
}

// homesKept bounds the cache: two languages, two sizes, and a line that flaps.
const homesKept = 8

func (h *homeCache) find(k homeKey) ([]byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	page, ok := h.pages[k]
	return page, ok
}

func (h *homeCache) keep(k homeKey, page []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages == nil || len(h.pages) >= homesKept {
		h.pages = make(map[homeKey][]byte)
	}
	h.pages[k] = page
}

// home serves the twelve tiles, always in the same places, and ends the visit.
// Whoever has typed something is asked first; whose browser died in mid-form goes on
// there.
func (s *screen) home(c echo.Context) error {
	if s.settingUp() {
		return web.SeeOther(c, setupURL)
	}
	s.leaveStaff(c)
	s.leaveDesk(c)
	if d := s.resume(c); d != nil {
		return web.SeeOther(c, formURL(d.service.ID))
	}
	p := s.prefsOf(c)
	if d := s.visits.typed(s.browser(c)); d != nil {
		return s.leave(c, p, d)
	}
	s.visits.end(s.browser(c))
	f := s.frame(p, "home", "home.title")
	catalogue := s.booth.Catalogue()
	key := homeKey{p, f.Station, f.Clock.Text, f.Clock.About, f.Line, f.Build, catalogue}
	if page, ok := s.homes.find(key); ok {
		return c.HTMLBlob(http.StatusOK, page)
	}
	view := homePage{frame: f, Tiles: homeTiles(catalogue, p.Lang)}
	if v := helpService(catalogue); v != nil {
		view.Help, view.Asks = callURL(v.ID), s.words.Say(p.Lang, "home.help")
	}
	page, err := s.pages.Bytes(p.Lang, "home", view)
	if err != nil {
		return err
	}
	s.homes.keep(key, page)
	return c.HTMLBlob(http.StatusOK, page)
}

// helpService returns the service that exists to call a person: the first that does
// nothing else.
func helpService(c *kiosk.Catalogue) *kiosk.Service {
	for i := range c.Functions {
		for j := range c.Functions[i].Services {
			if v := &c.Functions[i].Services[j]; len(v.Actions) == 1 && v.Does(kiosk.ActionCall) {
				return v
			}
		}
	}
	return nil
}

func homeTiles(c *kiosk.Catalogue, lang kiosk.Lang) []tile {
	tiles := make([]tile, 0, len(c.Functions))
	for _, f := range c.Functions {
		tiles = append(tiles, tile{Href: functionURL(f.Number), Number: f.Number, Icon: f.Icon,
			Family: f.Family, Label: f.Tile.In(lang)})
	}
	return tiles
}
