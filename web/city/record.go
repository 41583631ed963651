package city

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

type recordPage struct {
	frame
	Pos       string
	Entry     kiosk.Entry
	KindName  string
	Urgent    bool
	Written   stamp
	Bounds    string // "" where they say no more
	Wall      stamp  // as the booth's clock showed it
	Clock     string
	ClockWhy  string
	Received  stamp
	Delay     string // between writing and arrival, in words; "" where the first is not known
	Facts     []pair
	Details   []pair // facts of use to programs
	Erased    bool
	Decoded   bool // the header could be read; else only its bytes are shown
	Header    kiosk.Header
	Running   string // how long the machine had run
	Raw       []string
	Previous  string
	Next      string
	OpenURL   string
	Reason    string
	ReasonBad string
	Opened    []pair
	OpenedNow bool
}

// The bounds of a reason for opening, in characters.
const (
	minReason = 4
	maxReason = 200
)

// record serves one record in full.
func (s *console) record(c echo.Context) error {
	p, err := s.recordPage(c)
	if err != nil {
		return err
	}
	return s.write(c, http.StatusOK, "record", p)
}

// openSealed opens what was sealed in a record and shows it in this one answer. It
// asks for a reason; the audit line is written before anything is shown.
func (s *console) openSealed(c echo.Context) error {
	form, err := postForm(c)
	if err != nil {
		return err
	}
	p, err := s.recordPage(c)
	if err != nil {
		return err
	}
	v, who := s.voice(c), p.Who
	p.Reason = strings.Join(strings.Fields(form.Get("reason")), " ")
	switch n := utf8.RuneCountInString(p.Reason); {
	case n < minReason:
		p.ReasonBad = v.say("city.sealed.reason_short", "n", minReason)
	case n > maxReason:
		p.ReasonBad = v.say("city.sealed.reason_long", "n", maxReason)
	}
	if p.ReasonBad != "" {
		return s.write(c, http.StatusUnprocessableEntity, "record", p)
	}
	plain, err := s.Log.OpenSealed(c.Request().Context(), who, p.Entry.Pos, p.Reason)
	switch kiosk.CodeOf(err) {
	case "":
	case kiosk.CodeDenied:
		p.ReasonBad = v.say("city.sealed.no_key")
		return s.write(c, http.StatusForbidden, "record", p)
	default:
		return err
	}
	p.Opened, p.OpenedNow = v.sealedFields(plain, v.serviceOf(flatten(p.Entry.Facts))), true
	return s.write(c, http.StatusOK, "record", p)
}

func (s *console) recordPage(c echo.Context) (recordPage, error) {
	pos, err := strconv.ParseInt(c.Param("pos"), 10, 64)
	if err != nil || pos <= 0 {
		return recordPage{}, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "a record's place is a number")
	}
	e, err := s.Log.Entry(c.Request().Context(), pos)
	if err != nil {
		return recordPage{}, err
	}
	v := s.voice(c)
	p := recordPage{frame: s.frame(c, "log", "city.record.title"), Pos: strconv.FormatInt(pos, 10), Entry: e, KindName: v.kind(e.Kind),
		Urgent: e.Lane == kiosk.LaneUrgent, Written: v.written(e), Bounds: v.bounds(e), Wall: v.stamp(e.Wall), Clock: v.clock(e.Clock), ClockWhy: v.clockWhy(e.Clock),
		Received: v.stamp(e.Received), Erased: e.Facts == nil,
		Raw: hexLines(e.Header), OpenURL: recordURL(pos) + "/open"}
	p.Title = v.say("city.record.heading", "pos", p.Pos)
	for _, f := range v.facts(e.Kind, e.Facts, false) {
		if f.Minor {
			p.Details = append(p.Details, f)
		} else {
			p.Facts = append(p.Facts, f)
		}
	}
	if h, err := kiosk.DecodeHeader(e.Header); err == nil {
		p.Header, p.Decoded, p.Running = h, true, v.span(time.Duration(h.BoottimeNS))
	}
	if e.When.Confidence == kiosk.TimeExact {
		p.Delay = v.delay(e.Received.Sub(e.When.Best))
	}
	return p, s.neighbours(c, &p)
}

// delay says how long a record was on its way; "" where the clocks disagree.
func (v voice) delay(d time.Duration) string {
	switch {
	case d < -time.Second:
		return ""
	case d < time.Second:
		return v.say("city.record.at_once")
	}
	return v.say("city.record.delay", "span", v.span(d))
}

// neighbours finds the records before and after in the same stream. The hub takes
// a stream in its order, so they are the nearest ones of the booth's lane.
func (s *console) neighbours(c echo.Context, p *recordPage) error {
	e := p.Entry
	q := kiosk.LogQuery{Booth: e.Booth, Lane: &e.Lane, Limit: 1}
	older, newer := q, q
	older.Before, older.Backward = e.Pos, true
	newer.After = e.Pos
	for _, side := range [...]struct {
		query kiosk.LogQuery
		url   *string
	}{{older, &p.Previous}, {newer, &p.Next}} {
		list, err := s.Log.Log(c.Request().Context(), side.query)
		if err != nil {
			return err
		}
		if len(list) == 1 && list[0].Epoch == e.Epoch {
			*side.url = recordURL(list[0].Pos)
		}
	}
	return nil
}

// hexLines writes bytes as hex, 32 a line.
func hexLines(b []byte) []string {
	var lines []string
	for len(b) > 0 {
		n := min(32, len(b))
		lines = append(lines, hex.EncodeToString(b[:n]))
		b = b[n:]
	}
	return lines
}

// HexOf writes a header's bytes as hex for the template.
func (p recordPage) HexOf(b []byte) string { return hex.EncodeToString(b) }
