package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

type resultsPage struct {
	frame
	Service   subject
	People    int // who took part at this station
	Questions []resultsView
}

type resultsView struct {
	Label string
	Bars  []barView
}

type barView struct {
	Label   string
	N       int
	Percent int // of those who answered this question, rounded
}

// surveyResults serves what was answered at this booth, once enough people have.
func (s *screen) surveyResults(c echo.Context) error {
	v, f, err := s.find(c, kiosk.ActionSurvey)
	if err != nil {
		return err
	}
	counts, people, err := s.booth.SurveyResults(c.Request().Context(), v.ID)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := resultsPage{frame: s.titled(p, "results", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang), People: people}
	page.Back, page.Return = serviceURL(v.ID), serviceURL(v.ID)+"/results"
	for i := range v.Form.Fields {
		if q := viewResults(&v.Form.Fields[i], counts, p.Lang); q.Bars != nil {
			page.Questions = append(page.Questions, q)
		}
	}
	return s.write(c, http.StatusOK, p, "results", page)
}

// viewResults are the counts of one question.
func viewResults(f *kiosk.Field, counts []kiosk.Tally, lang kiosk.Lang) resultsView {
	q := resultsView{Label: f.Label.In(lang)}
	all := 0
	for _, t := range counts {
		if o, ok := f.Option(t.Option); ok && t.Field == f.ID {
			q.Bars = append(q.Bars, barView{Label: o.Name.In(lang), N: t.N})
			all += t.N
		}
	}
	for i := range q.Bars {
		q.Bars[i].Percent = (200*q.Bars[i].N + all) / (2 * max(all, 1))
	}
	return q
}
