package touch

import (
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// An emergency notice of the city lies over every page of the residents until
// somebody says that they have read it. Nothing beneath is lost. It comes back with
// the next visit, as long as it runs.

// noticeView is a notice in one language.
type noticeView struct {
	ID    string
	Title string
	Lines []string
	When  string // since when, until when
	Size  string // of the type: "short", "middle", "long"
}

func (s *screen) viewNotice(n kiosk.CityNotice, lang kiosk.Lang) noticeView {
	v := noticeView{ID: n.ID, Title: n.Title.In(lang), Size: "short"}
	long := 2 * utf8.RuneCountInString(v.Title)
	for _, l := range n.Lines {
		v.Lines = append(v.Lines, l.In(lang))
		long += max(20, utf8.RuneCountInString(l.In(lang)))
	}
	if lang == kiosk.English {
		long /= 2 // a Latin letter is half as wide
	}
	switch {
	case long > 200:
		v.Size = "long"
	case long > 90:
		v.Size = "middle"
	}
	from, until := n.From.In(s.booth.Zone()), n.Until.In(s.booth.Zone())
	day := func(t time.Time) string { label, _ := s.viewDay(t.Format(time.DateOnly), lang); return label }
	v.When = s.words.Say(lang, "notice.when", "day", day(from),
		"until", s.words.Say(lang, "date.at", "day", day(until), "time", until.Format("15:04")))
	return v
}

// notices are those that are to be shown now, in one language, the newest first.
func (s *screen) notices(lang kiosk.Lang) []noticeView {
	var all []noticeView
	for _, n := range s.booth.Notices() {
		all = append(all, s.viewNotice(n, lang))
	}
	return all
}

// urgent serves the first emergency notice that this browser's visit has not read, as
// a dialog for the page to lay over itself; nothing where there is none.
func (s *screen) urgent(c echo.Context) error {
	read := s.read.of(s.browser(c))
	for _, n := range s.booth.Notices() {
		if n.Level == kiosk.LevelEmergency && !slices.Contains(read, n.ID) {
			p := s.prefsOf(c)
			return s.write(c, http.StatusOK, p, "urgent", s.viewNotice(n, p.Lang))
		}
	}
	return c.NoContent(http.StatusNoContent)
}

// readNotice notes that the visit has read a notice, and serves the next. One that was
// taken down in the meantime needs no reading.
func (s *screen) readNotice(c echo.Context) error {
	id, browser := c.FormValue("notice"), s.browser(c)
	if s.read.add(browser, id) {
		if err := s.booth.ReadNotice(c.Request().Context(), id); err != nil {
			s.read.drop(browser, id)
			if kiosk.CodeOf(err) != kiosk.CodeNotFound {
				return err
			}
		}
	}
	return s.urgent(c)
}

// readings are which notices were read in the visits that are going on. It is apart
// from the visits themselves because home, which ends them, ends no reading.
type readings struct {
	limit time.Duration // without a sign of the resident

	mu   sync.Mutex
	open []reading
}

type reading struct {
	browser string
	ids     []string
	seen    time.Time
}

// find returns the reading of a browser, nil where there is none. mu must be held.
func (r *readings) find(browser string) *reading {
	now := time.Now()
	r.open = slices.DeleteFunc(r.open, func(v reading) bool { return now.Sub(v.seen) >= r.limit })
	i := slices.IndexFunc(r.open, func(v reading) bool { return v.browser == browser })
	if i < 0 {
		return nil
	}
	r.open[i].seen = now
	return &r.open[i]
}

// of returns what the browser's visit has read.
func (r *readings) of(browser string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.find(browser); v != nil {
		return slices.Clone(v.ids)
	}
	return nil
}

// add notes that a notice was read, and reports false where it had been before.
func (r *readings) add(browser, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.find(browser)
	if v == nil {
		if len(r.open) == visitsKept {
			r.open = slices.Delete(r.open, 0, 1)
		}
		r.open = append(r.open, reading{browser: browser, seen: time.Now()})
		v = &r.open[len(r.open)-1]
	}
	if slices.Contains(v.ids, id) {
		return false
	}
	v.ids = append(v.ids, id)
	return true
}

// drop takes back that a notice was read.
func (r *readings) drop(browser, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.find(browser); v != nil {
		v.ids = slices.DeleteFunc(v.ids, func(s string) bool { return s == id })
	}
}

// end forgets what a browser's visit has read.
func (r *readings) end(browser string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.DeleteFunc(r.open, func(v reading) bool { return v.browser == browser })
}
