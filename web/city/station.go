package city

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// condition is how a booth is, in one word; a closed sum, worst first.
type condition int

const (
	forked  condition = iota // two books wrote one stream: a cloned card or a restored backup
	silent                   // no contact for too long
	failing                  // its last contact failed
	broken                   // its printer cannot print
	late                     // records wait at the booth for too long
	low                      // paper is running out
	behind                   // records wait, as they do for a moment
	waiting                  // not enrolled yet
	fine
	revoked
)

var conditionNames = [...]string{"forked", "silent", "failing", "printer", "late", "low", "behind", "waiting", "fine", "revoked"}

// needsHand reports whether somebody has to do something.
func (c condition) needsHand() bool { return c <= late }

// level is the condition's weight in the page: "hand", "watch", "quiet" or "gone".
func (c condition) level() string {
	switch {
	case c.needsHand():
		return "hand"
	case c <= waiting:
		return "watch"
	case c == revoked:
		return "gone"
	}
	return "quiet"
}

// judge says how a booth is. patience is how long it may be silent, or keep a
// record to itself.
func judge(b kiosk.Station, now time.Time, patience time.Duration) condition {
	switch {
	case b.Revoked:
		return revoked
	case b.EnrolledAt.IsZero() && b.LastContact.IsZero():
		return waiting
	case b.Forked > 0:
		return forked
	case now.Sub(b.LastContact) > patience:
		return silent
	case b.LastError != "":
		return failing
	case b.Printer != "" && !b.Printer.Prints():
		return broken
	case b.Behind > 0 && !b.Oldest.IsZero() && now.Sub(b.Oldest) > patience:
		return late
	case b.Printer == kiosk.PrinterPaperLow:
		return low
	case b.Behind > 0:
		return behind
	}
	return fine
}

type stationPage struct {
	frame
	Figures []figure
	Sorts   []sortLink
	Rows    []stationRow
	Order   string
}

// figure is a number of the summary.
type figure struct {
	Name, Value, Unit string
	Hand              bool
}

type sortLink struct {
	Name, URL string
	Current   bool
}

type stationRow struct {
	ID, Name    string
	Level, Word string
	Contact     stamp
	Ago         string
	Behind      string // "" = nothing
	Oldest      stamp
	Printer     string
	PrinterHand bool
	Version     string
	Records     string
	Hint        string // what to do, "" = nothing that is not said elsewhere
	Error       string
	URL         string // of its records
}

// stationOrders are the orders that the address may ask for. Worst first is the
// first; ties are broken by id.
var stationOrders = [...]struct {
	name string
	less func(a, b judged) int
}{
	{"worst", func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.condition, b.condition), cmp.Compare(b.Behind, a.Behind))
	}},
	{"id", func(a, b judged) int { return 0 }},
	{"contact", func(a, b judged) int { return a.LastContact.Compare(b.LastContact) }},
	{"behind", func(a, b judged) int { return cmp.Compare(b.Behind, a.Behind) }},
	{"records", func(a, b judged) int { return cmp.Compare(b.Records, a.Records) }},
}

type judged struct {
	kiosk.Station
	condition condition
}

// stations serves the page of booths, the console's home.
func (s *console) stations(c echo.Context) error {
	list, err := s.Stations.Stations(c.Request().Context())
	if err != nil {
		return err
	}
	v, now := s.voice(c), s.now()
	booths := make([]judged, len(list))
	for i, b := range list {
		booths[i] = judged{b, judge(b, now, s.opts.Silent)}
	}
	order := stationOrders[0]
	p := stationPage{frame: s.frame(c, "station", "city.station.title"), Figures: v.figures(booths)}
	for _, o := range stationOrders {
		if o.name == c.QueryParam("sort") {
			order = o
		}
	}
	for _, o := range stationOrders {
		p.Sorts = append(p.Sorts, sortLink{v.say("city.station.sort." + o.name), "/?sort=" + o.name, o.name == order.name})
	}
	slices.SortFunc(booths, func(a, b judged) int { return cmp.Or(order.less(a, b), cmp.Compare(a.ID, b.ID)) })
	for _, b := range booths {
		p.Rows = append(p.Rows, v.stationRow(b, now))
	}
	p.Order = order.name
	return s.write(c, http.StatusOK, "station", p)
}

func (v voice) stationRow(b judged, now time.Time) stationRow {
	r := stationRow{ID: b.ID, Name: b.Name, Level: b.condition.level(), Word: v.say("city.station.is." + conditionNames[b.condition]),
		Contact: v.short(b.LastContact, now), Printer: v.either(string(b.Printer), "city.printer."+string(b.Printer)),
		PrinterHand: b.Printer != "" && !b.Printer.Prints(), Version: b.Version, Records: count(b.Records),
		Error: b.LastError, URL: filter{Booth: b.ID}.url("/log")}
	if b.condition == forked {
		r.Hint = v.say("city.station.forked")
	}
	if b.condition == broken {
		r.Word = r.Printer
	}
	if !b.LastContact.IsZero() {
		r.Ago = v.ago(b.LastContact, now)
	}
	if b.Behind > 0 {
		r.Behind, r.Oldest = count(b.Behind), v.short(b.Oldest, now)
	}
	return r
}

// figures sums the booths up. Revoked ones count only for what they brought.
func (v voice) figures(booths []judged) []figure {
	var all, up, hands, behind, records int64
	for _, b := range booths {
		records += b.Records
		if b.condition == revoked {
			continue
		}
		all++
		behind += b.Behind
		if b.condition != silent && b.condition != waiting {
			up++
		}
		if b.condition.needsHand() {
			hands++
		}
	}
	name := func(what string) string { return v.say("city.station.sum." + what) }
	return []figure{
		{Name: name("hands"), Value: count(hands), Unit: v.say("city.station.unit", "n", hands), Hand: hands > 0},
		{Name: name("up"), Value: count(up), Unit: v.say("city.station.of", "n", count(all))},
		{Name: name("behind"), Value: count(behind), Unit: v.say("city.record.unit", "n", behind)},
		{Name: name("records"), Value: count(records), Unit: v.say("city.record.unit", "n", records)},
	}
}
