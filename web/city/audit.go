package city

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// auditRows is how many lines a page shows.
const auditRows = 100

type auditPage struct {
	frame
	Rows  []auditRow
	Older string
	Newer bool // this is not the first page
}

type auditRow struct {
	At     stamp
	Who    string
	Deed   string
	Code   string
	Object string
	URL    string // of what the line is about; "" = none
	Reason string
	Opened bool // somebody looked at what residents said
}

// auditTrail serves a page of the audit log, newest first.
func (s *console) auditTrail(c echo.Context) error {
	before := cursor(c, "before")
	lines, next, err := s.Audit.AuditTrail(c.Request().Context(), before, auditRows)
	if err != nil {
		return err
	}
	v := s.voice(c)
	p := auditPage{frame: s.frame(c, "audit", "city.audit.title"), Newer: before > 0}
	for _, l := range lines {
		p.Rows = append(p.Rows, v.auditRow(l))
	}
	if next > 0 {
		p.Older = "/audit?before=" + strconv.FormatInt(next, 10)
	}
	return s.write(c, http.StatusOK, "audit", p)
}

// about is how audit lines name one thing.
var about = regexp.MustCompile(`^(record|booth|account|token|address) (\S+)$`)

func (v voice) auditRow(l kiosk.AuditLine) auditRow {
	r := auditRow{At: v.stamp(l.At), Who: l.Who, Deed: v.deed(l.Deed), Code: l.Deed, Object: l.Object, Reason: l.Reason, Opened: l.Deed == deedOpened}
	m := about.FindStringSubmatch(l.Object)
	if m == nil {
		return r
	}
	if m[1] != "record" {
		r.Object = v.say("city.object."+m[1], "name", m[2])
	} else if pos, err := strconv.ParseInt(m[2], 10, 64); err == nil && pos > 0 {
		r.URL, r.Object = recordURL(pos), v.say("city.record.heading", "pos", pos)
	}
	if m[1] == "booth" {
		r.URL = filter{Booth: m[2]}.url("/log")
	}
	return r
}

// The deeds that this package writes or marks; others come from the hub.
const (
	deedExportBegun = "export_begun"
	deedExported    = "exported"
	deedOpened      = "opened_sealed"
)
