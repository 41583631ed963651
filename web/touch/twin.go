package touch

import (
	"crypto/sha256"
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Staff type in what somebody filled in with a pen, on the pages that residents use.
// What they see of it afterwards is its receipt number.

const twinsURL = "/staff/twins"

type twinsPage struct {
	frame
	Tiles []tile
}

// twins lists the services that have a form.
func (s *screen) twins(c echo.Context) error {
	p := s.prefsOf(c)
	page := twinsPage{frame: s.staffFrame(c, "staff-twins", "twin.title")}
	page.Back, page.Inner, page.Return = staffURL, true, twinsURL
	for _, f := range s.booth.Catalogue().Functions {
		for i := range f.Services {
			v := &f.Services[i]
			if a, ok := v.Filing(); ok && a.Files() && s.booth.Offers(v, a) {
				page.Tiles = append(page.Tiles, tile{Href: twinsURL + "/" + v.ID, Icon: v.Icon, Family: f.Family, Label: v.Name.In(p.Lang)})
			}
		}
	}
	return s.write(c, http.StatusOK, p, "twins", page)
}

// twin asks for the number that stands on the paper.
func (s *screen) twin(c echo.Context) error {
	v, _, err := s.findForm(c)
	if err != nil {
		return err
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "digits", s.twinPage(c, v))
}

func (s *screen) twinPage(c echo.Context, v *kiosk.Service) digitsPage {
	p := s.prefsOf(c)
	say := func(key string) string { return s.words.Say(p.Lang, key) }
	page := digitsPage{frame: s.staffFrame(c, "staff", "twin.title"), Action: twinsURL + "/" + v.ID, Entry: "twin", Max: 8,
		Label: say("twin.number"), Hint: v.Name.In(p.Lang) + " · " + say("twin.hint"), Next: say("frame.next")}
	page.Back, page.Inner = twinsURL, true
	return page
}

// typeTwin begins the form of a paper.
func (s *screen) typeTwin(c echo.Context) error {
	v, fn, err := s.findForm(c)
	if err != nil {
		return err
	}
	number, err := kiosk.ParseTwin(c.FormValue("digits"))
	if err != nil {
		page := s.twinPage(c, v)
		page.Error = s.words.Say(s.prefsOf(c).Lang, kiosk.KeyOf(err))
		return s.write(c, web.StatusOf(kiosk.CodeInvalid), s.prefsOf(c), "digits", page)
	}
	key := kiosk.TwinKey(number)
	if slip, err := s.booth.Slip(c.Request().Context(), key); err == nil {
		return web.SeeOther(c, slipURL(slip.ID)) // it was typed in before
	} else if kiosk.CodeOf(err) != kiosk.CodeNotFound {
		return err
	}
	d := &draft{pack: s.pack(c), service: v, fn: fn, key: key, twin: number, answers: kiosk.Answers{}}
	return s.showPage(c, s.prefsOf(c), d, 0, nil)
}

// noticeKey is the key of the notice that is printed beside a form, one a language.
func noticeKey(form kiosk.ID, lang kiosk.Lang) kiosk.ID {
	h := sha256.Sum256([]byte("redstation notice " + form.String() + string(lang)))
	return kiosk.ID(h[:16])
}
