package city

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// The ledger of consents: who agreed to what, in which words, when, and whether that
// still holds. It names nobody: who is the number of a receipt.

// consentRows is how many lines a page shows.
const consentRows = 50

type consentPage struct {
	frame
	Booths, Services, States []option
	Number                   string
	Filtered                 bool
	Rows                     []consentRow
	Older, Newest            string
	CSV, NDJSON              string
}

type consentRow struct {
	Number, URL string // of the record
	Booth       string
	Service     string
	State       kiosk.ConsentState
	Says        string // the state in words
	When        stamp
	Text        string // fingerprint of the wording
	Wording     string // the words, where the pack of today still has them
	Lang, Pack  string
	How         string // with a helper, from paper
	Withdrawn   stamp
	Back        string // address of the withdrawal's record
}

// consentFilter is what stands in the address.
type consentFilter struct{ Booth, Service, State, Number string }

func readConsentFilter(q url.Values) consentFilter {
	word := func(name string) string { return clip(strings.TrimSpace(q.Get(name)), maxWord) }
	return consentFilter{word("booth"), word("service"), word("state"), word("number")}
}

func (f consentFilter) query() kiosk.ConsentQuery {
	return kiosk.ConsentQuery{Booth: f.Booth, Service: f.Service, Number: f.Number, State: kiosk.ConsentState(f.State), Limit: consentRows + 1}
}

func (f consentFilter) url(path string, more ...string) string {
	q := url.Values{}
	pairs := append([]string{"booth", f.Booth, "service", f.Service, "state", f.State, "number", f.Number}, more...)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// consents serves a page of the ledger, newest first.
func (s *console) consents(c echo.Context) error {
	v, f := s.voice(c), readConsentFilter(c.QueryParams())
	q := f.query()
	q.Before = cursor(c, "before")
	list, err := s.Ledger.Consents(c.Request().Context(), q)
	if err != nil {
		return err
	}
	p := consentPage{frame: s.frame(c, "consent", "city.consent.title"), Number: f.Number, Filtered: f != consentFilter{},
		CSV: f.url("/consents.csv"), NDJSON: f.url("/consents.ndjson")}
	if err := s.consentChoices(c, v, f, &p); err != nil {
		return err
	}
	if len(list) > consentRows {
		list = list[:consentRows]
		p.Older = f.url("/consents", "before", strconv.FormatInt(list[consentRows-1].Pos, 10))
	}
	if q.Before > 0 {
		p.Newest = f.url("/consents")
	}
	for _, l := range list {
		p.Rows = append(p.Rows, v.consentRow(l))
	}
	return s.write(c, http.StatusOK, "consent", p)
}

func (s *console) consentChoices(c echo.Context, v voice, f consentFilter, p *consentPage) error {
	booths, err := s.Stations.Stations(c.Request().Context())
	if err != nil {
		return err
	}
	p.Booths = []option{{Text: v.say("city.filter.all_booths")}}
	for _, b := range booths {
		p.Booths = append(p.Booths, option{Value: b.ID, Text: b.ID + " " + b.Name})
	}
	p.Services = []option{{Text: v.say("city.consent.all_services")}}
	if v.catalogue != nil {
		for _, fn := range v.catalogue.Functions {
			for i := range fn.Services {
				if sv := &fn.Services[i]; sv.Consent() != nil {
					p.Services = append(p.Services, option{Value: sv.ID, Text: sv.ID + " " + sv.Name.In(v.lang)})
				}
			}
		}
	}
	p.States = []option{{Text: v.say("city.consent.all_states")}}
	for _, st := range []kiosk.ConsentState{kiosk.ConsentGiven, kiosk.ConsentRefused, kiosk.ConsentWithdrawn} {
		p.States = append(p.States, option{Value: string(st), Text: v.say("city.consent." + string(st))})
	}
	p.Booths, p.Services, p.States = choose(p.Booths, f.Booth), choose(p.Services, f.Service), choose(p.States, f.State)
	return nil
}

func (v voice) consentRow(l kiosk.ConsentLine) consentRow {
	r := consentRow{Number: l.Number, URL: recordURL(l.Pos), Booth: l.Booth + " " + l.Name, Service: l.Service,
		State: l.State(), Says: v.say("city.consent." + string(l.State())), When: v.written(kiosk.Entry{When: l.When, Received: l.Received}), Text: l.Text,
		Lang: string(l.Lang), Pack: l.Pack, Withdrawn: v.stamp(l.Withdrawn)}
	if l.WithdrawnPos > 0 {
		r.Back = recordURL(l.WithdrawnPos)
	}
	var how []string
	if l.Helped {
		how = append(how, v.say("city.consent.helped"))
	}
	if l.Paper != "" {
		how = append(how, v.say("city.consent.paper", "number", l.Paper))
	}
	r.How = strings.Join(how, " · ")
	if v.catalogue == nil {
		return r
	}
	if sv, _, ok := v.catalogue.Service(l.Service); ok {
		r.Service = l.Service + " " + sv.Name.In(v.lang)
		if c := sv.Consent(); c != nil && c.Fingerprint(l.Lang) == l.Text {
			r.Wording = strings.Join([]string{c.What.In(l.Lang), c.Why.In(l.Lang), c.Who.In(l.Lang), c.Keep.In(l.Lang)}, " ")
		}
	}
	return r
}

// consentColumns are the columns of the export, which programs may count on; new
// ones come last.
var consentColumns = [...]string{"number", "state", "booth", "service", "text", "lang", "pack", "received", "best", "confidence",
	"withdrawn", "helped", "paper", "pos", "withdrawn_pos"}

func (s *console) consentsCSV(c echo.Context) error {
	v := s.voice(c)
	return s.exportConsents(c, "csv", "text/csv; charset=utf-8", func(w *bufio.Writer) (func(kiosk.ConsentLine) error, func() error, error) {
		table := csv.NewWriter(w)
		table.UseCRLF = true
		if _, err := w.WriteString("\uFEFF"); err != nil {
			return nil, nil, err
		}
		head := make([]string, len(consentColumns))
		for i, name := range consentColumns {
			head[i] = v.say("city.column."+name, "zone", v.zoneName(s.now()))
		}
		row := func(l kiosk.ConsentLine) error {
			cells := []string{l.Number, v.say("city.consent." + string(l.State())), l.Booth, l.Service, l.Text, string(l.Lang), l.Pack,
				v.stamp(l.Received).Text, v.stamp(l.When.Best).Text, v.confidence(l.When.Confidence), v.stamp(l.Withdrawn).Text,
				v.say("city.value." + strconv.FormatBool(l.Helped)), l.Paper, strconv.FormatInt(l.Pos, 10), strconv.FormatInt(l.WithdrawnPos, 10)}
			for i := range cells {
				cells[i] = unformula(cells[i])
			}
			return table.Write(cells)
		}
		return row, func() error { table.Flush(); return table.Error() }, table.Write(head)
	})
}

// consentJSON is a line of the export for programs.
type consentJSON struct {
	Number       string             `json:"number"`
	State        kiosk.ConsentState `json:"state"`
	Given        bool               `json:"given"`
	Booth        string             `json:"booth"`
	Service      string             `json:"service"`
	Text         string             `json:"text"`
	Lang         kiosk.Lang         `json:"lang"`
	Pack         string             `json:"pack"`
	Helped       bool               `json:"helped,omitempty"`
	Paper        string             `json:"paper,omitempty"`
	Pos          int64              `json:"pos"`
	Received     time.Time          `json:"received"`
	Best         time.Time          `json:"t_best"`
	Confidence   string             `json:"confidence"`
	Withdrawn    *time.Time         `json:"withdrawn,omitempty"`
	WithdrawnPos int64              `json:"withdrawn_pos,omitempty"`
}

func (s *console) consentsNDJSON(c echo.Context) error {
	return s.exportConsents(c, "ndjson", "application/x-ndjson", func(w *bufio.Writer) (func(kiosk.ConsentLine) error, func() error, error) {
		enc := json.NewEncoder(w)
		row := func(l kiosk.ConsentLine) error {
			j := consentJSON{l.Number, l.State(), l.Given, l.Booth, l.Service, l.Text, l.Lang, l.Pack, l.Helped, l.Paper, l.Pos,
				l.Received.UTC(), l.When.Best.UTC(), string(l.When.Confidence), nil, l.WithdrawnPos}
			if !l.Withdrawn.IsZero() {
				at := l.Withdrawn.UTC()
				j.Withdrawn = &at
			}
			return enc.Encode(j)
		}
		return row, func() error { return nil }, nil
	})
}

// exportConsents sends all lines that the filter matches, newest first, by the rules
// of an export of records.
func (s *console) exportConsents(c echo.Context, format, mediaType string,
	open func(*bufio.Writer) (row func(kiosk.ConsentLine) error, end func() error, err error)) error {
	f, ctx := readConsentFilter(c.QueryParams()), c.Request().Context()
	about := strings.TrimSpace("consents " + format + " " + strings.TrimPrefix(f.url(""), "?"))
	if err := s.note(ctx, c, deedExportBegun, about); err != nil {
		return err
	}
	now := s.now().In(s.opts.Zone)
	h := c.Response().Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="redstation_consents_`+now.Format("20060102-1504")+offset(now, false)+"."+format+`"`)
	w := bufio.NewWriterSize(c.Response(), 64<<10)
	rows, err := s.sendConsents(c, f, w, open)
	if err != nil {
		s.log.WarnContext(ctx, "export broken off", "format", format, "rows", rows, "err", err)
		panic(http.ErrAbortHandler) // a file that is not whole must not look whole
	}
	return s.note(ctx, c, deedExported, fmt.Sprintf("%s, %d rows", about, rows))
}

func (s *console) sendConsents(c echo.Context, f consentFilter, w *bufio.Writer,
	open func(*bufio.Writer) (func(kiosk.ConsentLine) error, func() error, error)) (rows int, err error) {
	rc := http.NewResponseController(c.Response())
	row, end, err := open(w)
	if err != nil {
		return 0, fmt.Errorf("begin export: %w", err)
	}
	q := f.query()
	for q.Limit = flushRows; ; {
		page, err := s.Ledger.Consents(c.Request().Context(), q)
		if err != nil {
			return rows, err
		}
		for _, l := range page {
			if err := row(l); err != nil {
				return rows, fmt.Errorf("export consent of %s: %w", l.Number, err)
			}
			rows, q.Before = rows+1, l.Pos
		}
		_ = rc.SetWriteDeadline(time.Now().Add(patience)) // a recorder of a test has none
		if len(page) == flushRows {
			continue
		}
		if err := end(); err != nil {
			return rows, fmt.Errorf("end export: %w", err)
		}
		return rows, w.Flush()
	}
}
