package city

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// logRows is how many records a page shows.
const logRows = 50

type logPage struct {
	frame
	Filter   filter
	Faults   faults
	Bad      bool
	Booths   []option
	Kinds    []option
	Lanes    []option
	Chips    []option // ready filters: today, seven days, all
	Filtered bool
	Rows     template.HTML // "" = none
	Older    string        // address of the next page; "" = none
	Newer    string
	Newest   string
	CSV      string
	NDJSON   string
	at       time.Time
}

// option is an entry of a list to choose from, or a link.
type option struct {
	Value, Text string
	Chosen      bool
}

// entries serves a page of the log, newest first.
func (s *console) entries(c echo.Context) error {
	v := s.voice(c)
	p := logPage{frame: s.frame(c, "log", "city.log.title"), at: s.now()}
	q, f, bad := readFilter(c.QueryParams()).query(v)
	p.Filter, p.Faults, p.Bad, p.Filtered = f, bad, bad != faults{}, f != filter{}
	if err := s.choices(c, v, &p); err != nil {
		return err
	}
	if p.Bad {
		return s.write(c, http.StatusUnprocessableEntity, "log", p)
	}
	page, err := s.pageOfLog(c, q)
	if err != nil {
		return err
	}
	if p.Rows, err = s.rowsOf(v, page.entries, p.at); err != nil {
		return err
	}
	if n := len(page.entries); n > 0 && page.older {
		p.Older = f.url("/log", "before", strconv.FormatInt(page.entries[n-1].Pos, 10))
	}
	if len(page.entries) > 0 && page.newer {
		p.Newer = f.url("/log", "after", strconv.FormatInt(page.entries[0].Pos, 10))
	}
	if page.newer {
		p.Newest = f.url("/log")
	}
	p.CSV, p.NDJSON = f.url("/log.csv"), f.url("/log.ndjson")
	return s.write(c, http.StatusOK, "log", p)
}

// pageOf is a page of the log, newest first, and where it goes on.
type pageOf struct {
	entries      []kiosk.Entry
	older, newer bool
}

// pageOfLog reads the page that the cursors before and after name. Without a
// cursor, or with one that leads beyond the newest full page, it is the first.
func (s *console) pageOfLog(c echo.Context, q kiosk.LogQuery) (pageOf, error) {
	ctx := c.Request().Context()
	q.Limit = logRows + 1
	if after := cursor(c, "after"); after > 0 {
		forward := q
		forward.After = after
		list, err := s.Log.Log(ctx, forward)
		if err != nil {
			return pageOf{}, err
		}
		if len(list) > logRows {
			list = list[:logRows]
			slices.Reverse(list)
			return pageOf{list, true, true}, nil
		}
		// Fewer than a page are newer: show the first page, which holds them.
	}
	q.Backward, q.Before = true, cursor(c, "before")
	list, err := s.Log.Log(ctx, q)
	if err != nil {
		return pageOf{}, err
	}
	older := len(list) > logRows
	return pageOf{list[:min(len(list), logRows)], older, q.Before > 0}, nil
}

// cursor reads a cursor from the address; nonsense counts as none.
func cursor(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// choices fills the lists of the form. What the address asks for is among them,
// known or not, so that the form says what is shown.
func (s *console) choices(c echo.Context, v voice, p *logPage) error {
	ctx := c.Request().Context()
	booths, err := s.Stations.Stations(ctx)
	if err != nil {
		return err
	}
	kinds, err := s.Log.Kinds(ctx)
	if err != nil {
		return err
	}
	p.Booths = []option{{Text: v.say("city.filter.all_booths")}}
	slices.SortFunc(booths, func(a, b kiosk.Station) int { return compareIDs(a.ID, b.ID) })
	for _, b := range booths {
		p.Booths = append(p.Booths, option{Value: b.ID, Text: b.ID + " " + b.Name})
	}
	p.Kinds = []option{{Text: v.say("city.filter.all_kinds")}}
	for _, k := range kinds {
		p.Kinds = append(p.Kinds, option{Value: string(k), Text: v.either(string(k), "city.kind."+string(k))})
	}
	p.Lanes = []option{{Text: v.say("city.filter.all_lanes")}}
	for _, l := range kiosk.Lanes() {
		p.Lanes = append(p.Lanes, option{Value: l.String(), Text: v.say("city.lane." + l.String())})
	}
	p.Booths, p.Kinds, p.Lanes = choose(p.Booths, p.Filter.Booth), choose(p.Kinds, p.Filter.Kind), choose(p.Lanes, p.Filter.Lane)
	p.Chips = v.chips(p.Filter, p.at)
	return nil
}

// chips are the periods that are asked for most.
func (v voice) chips(f filter, now time.Time) []option {
	local := now.In(v.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, v.zone)
	chips := make([]option, 0, 3)
	for _, c := range [...]struct {
		name  string
		since time.Time
	}{{"today", today}, {"week", today.AddDate(0, 0, -6)}, {"ever", time.Time{}}} {
		g := f
		g.Since, g.Until = writeTime(c.since, v.zone), ""
		chips = append(chips, option{Value: g.url("/log"), Text: v.say("city.filter." + c.name), Chosen: g == f})
	}
	return chips
}

func choose(list []option, value string) []option {
	for i := range list {
		if list[i].Value == value {
			list[i].Chosen = true
			return list
		}
	}
	return append(list, option{Value: value, Text: value, Chosen: true})
}

// compareIDs orders ids as people do: 2 before 10.
func compareIDs(a, b string) int {
	na, errA := strconv.Atoi(a)
	nb, errB := strconv.Atoi(b)
	if errA == nil && errB == nil && na != nb {
		return na - nb
	}
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

func recordURL(pos int64) string { return "/log/" + strconv.FormatInt(pos, 10) }
