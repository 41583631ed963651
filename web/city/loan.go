package city

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// Loans lists what is lent and not back, over all booths. It names nobody: who it was
// is opened through the record, with a reason.
type Loans interface {
	// LoansOut lists what is out behind a due day and a receipt's number, the earliest
	// due day first.
	LoansOut(ctx context.Context, due, number string, limit int) ([]kiosk.LoanLine, error)
}

// loanRows is how many lines a page shows.
const loanRows = 100

type loanPage struct {
	frame
	Rows  []loanRow
	Older string
	Newer bool // this is not the first page
}

type loanRow struct {
	kiosk.LoanLine
	Kind  string // what it is, in words
	Late  bool
	Doubt string // in words; "" = none
	URL   string // of its record
}

// loansOut serves what is out, the earliest due day first.
func (s *console) loansOut(c echo.Context) error {
	q := c.QueryParams()
	lines, err := s.Loans.LoansOut(c.Request().Context(), q.Get("due"), q.Get("number"), loanRows+1)
	if err != nil {
		return err
	}
	v := s.voice(c)
	p := loanPage{frame: s.frame(c, "loan", "city.loan.title"), Newer: q.Get("number") != ""}
	if len(lines) > loanRows {
		lines = lines[:loanRows]
		last := lines[loanRows-1]
		p.Older = "/loans?" + url.Values{"due": {last.Due}, "number": {last.Number}}.Encode()
	}
	day := s.now().In(s.opts.Zone).Format("2006-01-02")
	for _, l := range lines {
		r := loanRow{LoanLine: l, Kind: l.Thing, Late: l.Due < day, URL: recordURL(l.Pos)}
		if s.opts.Catalogue != nil {
			if t, ok := s.opts.Catalogue.ThingNamed(l.Service, l.Thing); ok {
				r.Kind = t.Name.In(langOf(c))
			}
		}
		if l.Doubt != kiosk.DoubtNone {
			r.Doubt = v.say("city.loan.doubt." + string(l.Doubt))
		}
		p.Rows = append(p.Rows, r)
	}
	return s.write(c, http.StatusOK, "loan", p)
}
