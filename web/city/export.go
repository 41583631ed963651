package city

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// An export holds everything that the filter matches, oldest first, and is sent as
// it is read. Its audit line is written before the first byte; another one says how
// many records went out. Where the walk breaks off, so does the connection: a file
// that is not whole must not look whole.

// flushRows is after how many rows a reader gets what there is, and a new deadline.
const flushRows = 500

// patience is how long a reader may take for flushRows rows.
const patience = time.Minute

// sheet writes entries in one format.
type sheet interface {
	begin() error
	row(e kiosk.Entry) error
	end() error
}

func (s *console) exportCSV(c echo.Context) error {
	return s.export(c, "csv", "text/csv; charset=utf-8", func(w *bufio.Writer) sheet {
		table := csv.NewWriter(w)
		table.UseCRLF = true
		return &csvSheet{w: w, table: table, voice: s.voice(c), now: s.now()}
	})
}

func (s *console) exportNDJSON(c echo.Context) error {
	return s.export(c, "ndjson", "application/x-ndjson", func(w *bufio.Writer) sheet { return newNDJSON(w) })
}

func (s *console) export(c echo.Context, format, mediaType string, open func(*bufio.Writer) sheet) error {
	q, f, bad := readFilter(c.QueryParams()).query(s.voice(c))
	if bad != (faults{}) {
		return &kiosk.Error{Code: kiosk.CodeInvalid, Key: "city.filter.bad"}
	}
	ctx, a := c.Request().Context(), format+" "+f.words()
	if err := s.note(ctx, c, deedExportBegun, a); err != nil {
		return err
	}
	now := s.now().In(s.opts.Zone)
	h := c.Response().Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="redstation_records_`+now.Format("20060102-1504")+offset(now, false)+"."+format+`"`)
	w := bufio.NewWriterSize(c.Response(), 64<<10)
	rows, err := s.send(c, open(w), w, q)
	done := fmt.Sprintf("%s, %d rows", a, rows)
	if err != nil {
		done += ", broken off"
	}
	if noteErr := s.note(context.WithoutCancel(ctx), c, deedExported, done); noteErr != nil {
		s.log.ErrorContext(ctx, "end of export not audited", "err", noteErr)
	}
	if err != nil {
		s.log.WarnContext(ctx, "export broken off", "format", format, "rows", rows, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// send writes the rows and returns how many.
func (s *console) send(c echo.Context, to sheet, w *bufio.Writer, q kiosk.LogQuery) (rows int, err error) {
	rc := http.NewResponseController(c.Response())
	flush := func() error {
		// A recorder of a test has no deadline; a connection has.
		_ = rc.SetWriteDeadline(time.Now().Add(patience))
		if err := w.Flush(); err != nil {
			return fmt.Errorf("send export: %w", err)
		}
		_ = rc.Flush()
		return nil
	}
	if err := to.begin(); err != nil {
		return 0, fmt.Errorf("begin export: %w", err)
	}
	for e, err := range s.Log.Export(c.Request().Context(), q) {
		if err != nil {
			return rows, err
		}
		if err := to.row(e); err != nil {
			return rows, fmt.Errorf("export record %d: %w", e.Pos, err)
		}
		if rows++; rows%flushRows == 0 {
			if err := flush(); err != nil {
				return rows, err
			}
		}
	}
	if err := to.end(); err != nil {
		return rows, fmt.Errorf("end export: %w", err)
	}
	return rows, flush()
}

func (s *console) note(ctx context.Context, c echo.Context, deed, object string) error {
	a, _ := visitor(c)
	return s.Audit.Audit(ctx, kiosk.AuditLine{At: s.now(), Who: a.Name, Deed: deed, Object: object})
}

// csvSheet writes a table for spreadsheets: UTF-8 with a byte order mark, since
// Excel takes it for the local code page otherwise, and times in the city's zone,
// which the heading names.
type csvSheet struct {
	w     *bufio.Writer
	table *csv.Writer
	voice voice
	now   time.Time
}

// csvColumns are the columns in their order, which programs may count on; new ones
// come last.
var csvColumns = [...]string{"pos", "received", "written", "clock", "booth", "name", "kind", "kind_name", "lane",
	"service", "number", "epoch", "seq", "id", "ref", "sealed", "facts", "best", "confidence", "lo", "hi"}

func (t *csvSheet) begin() error {
	head := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		head[i] = t.voice.say("city.column."+c, "zone", t.voice.zoneName(t.now))
	}
	if _, err := t.w.WriteString("\uFEFF"); err != nil {
		return err
	}
	return t.table.Write(head)
}

func (t *csvSheet) row(e kiosk.Entry) error {
	v := t.voice
	service, number := v.subject(e)
	cells := []string{strconv.FormatInt(e.Pos, 10), v.stamp(e.Received).Text, v.stamp(e.Wall).Text, v.clock(e.Clock), e.Booth, e.Name,
		string(e.Kind), v.kind(e.Kind), v.say("city.lane." + e.Lane.String()), service, number, e.Epoch.String(),
		strconv.FormatUint(e.Seq, 10), e.ID.String(), e.Ref, v.say("city.value." + strconv.FormatBool(e.Sealed)), string(e.Facts),
		v.stamp(e.When.Best).Text, v.confidence(e.When.Confidence), v.stamp(e.When.Lo).Text, v.stamp(e.When.Hi).Text}
	for i := range cells {
		cells[i] = unformula(cells[i])
	}
	return t.table.Write(cells)
}

func (t *csvSheet) end() error {
	t.table.Flush()
	return t.table.Error()
}

// subject returns the service and the number that the facts name.
func (v voice) subject(e kiosk.Entry) (service, number string) {
	leaves := flatten(e.Facts)
	svc := v.serviceOf(leaves)
	for _, l := range leaves {
		switch l.path {
		case "service":
			service = v.factValue(e.Kind, l, svc)
		case "label":
			number = l.value
		case "number":
			if number == "" {
				number = l.value
			}
		}
	}
	return service, number
}

// unformula keeps a spreadsheet from taking a cell for a formula (OWASP, "CSV
// injection"): a cell that begins like one gets an apostrophe in front.
func unformula(cell string) string {
	if cell != "" && strings.ContainsAny(firstRune(cell), "=+-@\t\r\n＝＋－＠") {
		return "'" + cell
	}
	return cell
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// ndjsonSheet writes one JSON object a line, with the names that pulls use.
type ndjsonSheet struct{ enc *json.Encoder }

type ndjsonRow struct {
	Pos        int64           `json:"pos"`
	Booth      string          `json:"booth"`
	Name       string          `json:"name"`
	Epoch      string          `json:"epoch"`
	Lane       string          `json:"lane"`
	Seq        uint64          `json:"seq"`
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Ref        string          `json:"ref,omitempty"`
	Wall       time.Time       `json:"wall"`
	ClockState uint8           `json:"clock_state"`
	Received   time.Time       `json:"received"`
	Facts      json.RawMessage `json:"facts"` // null where erased
	HasSealed  bool            `json:"has_sealed"`
	Lo         time.Time       `json:"t_lo"`
	Hi         time.Time       `json:"t_hi"`
	Best       time.Time       `json:"t_best"`
	Confidence string          `json:"confidence"`
}

// newNDJSON leaves facts as they were written: they go into no page here.
func newNDJSON(w *bufio.Writer) *ndjsonSheet {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &ndjsonSheet{enc}
}

func (t *ndjsonSheet) begin() error { return nil }
func (t *ndjsonSheet) end() error   { return nil }

func (t *ndjsonSheet) row(e kiosk.Entry) error {
	r := ndjsonRow{Pos: e.Pos, Booth: e.Booth, Name: e.Name, Epoch: e.Epoch.String(), Lane: e.Lane.String(), Seq: e.Seq,
		ID: e.ID.String(), Kind: string(e.Kind), Ref: e.Ref, Wall: e.Wall.UTC(), ClockState: uint8(e.Clock),
		Received: e.Received.UTC(), Facts: e.Facts, HasSealed: e.Sealed,
		Lo: e.When.Lo.UTC(), Hi: e.When.Hi.UTC(), Best: e.When.Best.UTC(), Confidence: string(e.When.Confidence)}
	if e.Facts != nil && !json.Valid(e.Facts) {
		text, err := json.Marshal(strings.ToValidUTF8(string(e.Facts), "\uFFFD"))
		if err != nil {
			return err
		}
		r.Facts = text
	}
	return t.enc.Encode(r)
}
