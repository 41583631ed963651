package wire

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"redstation/kiosk"
)

// Format is how rows are written.
type Format string

// The formats of pulls, as the parameter format names them.
const (
	NDJSON Format = "ndjson" // one JSON object a line: everything
	CSV    Format = "csv"    // a table for a spreadsheet, without the sealed bytes and the header
)

// column is one column of the table.
type column struct {
	name string
	cell func(*Row) string
}

// columns is the table, from left to right. New ones come at the end, so that a
// reader that counts columns goes on reading.
func columns() []column {
	return []column{
		{"pos", func(r *Row) string { return strconv.FormatInt(r.Pos, 10) }},
		{"booth", func(r *Row) string { return guarded(r.Booth) }},
		{"name", func(r *Row) string { return guarded(r.Name) }},
		{"epoch", func(r *Row) string { return r.Epoch.String() }},
		{"lane", func(r *Row) string { return r.Lane }},
		{"seq", func(r *Row) string { return strconv.FormatUint(r.Seq, 10) }},
		{"id", func(r *Row) string { return r.ID.String() }},
		{"kind", func(r *Row) string { return guarded(string(r.Kind)) }},
		{"ref", func(r *Row) string { return guarded(r.Ref) }},
		{"wall", func(r *Row) string { return instant(r.Wall) }},
		{"clock_state", func(r *Row) string { return clockWord(r.ClockState) }},
		{"received", func(r *Row) string { return instant(r.Received) }},
		{"facts", func(r *Row) string { return guarded(string(r.Facts)) }},
		{"sealed", func(r *Row) string { return strconv.FormatBool(len(r.Sealed) > 0) }},
		{"t_best", func(r *Row) string { return instant(r.Best) }},
		{"t_lo", func(r *Row) string { return instant(r.Lo) }},
		{"t_hi", func(r *Row) string { return instant(r.Hi) }},
		{"confidence", func(r *Row) string { return r.Confidence }},
	}
}

// ColumnNames returns the heading of the table.
func ColumnNames() []string {
	var names []string
	for _, c := range columns() {
		names = append(names, c.name)
	}
	return names
}

// RowWriter writes rows in one of the formats. The table is RFC 4180: lines end in
// CR LF; times are ISO 8601 in UTC; a cell that a spreadsheet would take for a
// formula begins with an apostrophe.
type RowWriter struct {
	json    *json.Encoder
	csv     *csv.Writer
	columns []column
	cells   []string
}

// NewRowWriter writes to w. heading puts the names of the columns above a table.
func NewRowWriter(w io.Writer, f Format, heading bool) (*RowWriter, error) {
	if f != CSV {
		r := &RowWriter{json: json.NewEncoder(w)}
		r.json.SetEscapeHTML(false)
		return r, nil
	}
	r := &RowWriter{csv: csv.NewWriter(w), columns: columns()}
	r.csv.UseCRLF = true
	r.cells = make([]string, len(r.columns))
	if !heading {
		return r, nil
	}
	return r, r.csv.Write(ColumnNames())
}

// Write writes one row.
func (w *RowWriter) Write(r *Row) error {
	if w.csv == nil {
		if err := w.json.Encode(r); err != nil {
			return fmt.Errorf("write record %d: %w", r.Pos, err)
		}
		return nil
	}
	for i, c := range w.columns {
		w.cells[i] = c.cell(r)
	}
	return w.csv.Write(w.cells)
}

// Flush hands over what is still held back.
func (w *RowWriter) Flush() error {
	if w.csv == nil {
		return nil
	}
	w.csv.Flush()
	return w.csv.Error()
}

// guarded keeps a text from being taken for a formula by a spreadsheet (OWASP,
// "CSV injection").
func guarded(s string) string {
	if first, size := utf8.DecodeRuneInString(s); size > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// clockWord says in a word how far a record's wall clock can be trusted.
func clockWord(s uint8) string {
	words := [...]string{kiosk.ClockBelowBuild: "wrong", kiosk.ClockRestored: "restored", kiosk.ClockSetByHand: "by_hand",
		kiosk.ClockRTC: "rtc", kiosk.ClockNTP: "ntp", kiosk.ClockAnchored: "anchored"}
	if int(s) < len(words) {
		return words[s]
	}
	return strconv.Itoa(int(s))
}
