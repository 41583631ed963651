package city

import (
	"html/template"
	"strconv"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
)

// logRow is a record in the log.
type logRow struct {
	Pos      string
	URL      string
	Written  stamp
	Received stamp
	Booth    string
	Name     string
	Kind     string // code
	KindName string
	Urgent   bool
	Facts    []pair
	Erased   bool
	Sealed   bool
}

// rowFacts is how many facts a row of the log shows; the record shows all.
const rowFacts = 5

func (v voice) logRow(e kiosk.Entry, now time.Time) logRow {
	facts := v.facts(e.Kind, e.Facts, true)
	return logRow{Pos: strconv.FormatInt(e.Pos, 10), URL: recordURL(e.Pos), Written: v.brief(v.written(e), now), Received: v.brief(v.stamp(e.Received), now),
		Booth: e.Booth, Name: e.Name, Kind: string(e.Kind), KindName: v.kind(e.Kind), Urgent: e.Lane == kiosk.LaneUrgent,
		Facts: facts[:min(len(facts), rowFacts)], Erased: e.Facts == nil, Sealed: e.Sealed}
}

// rowKey is all that a rendered row depends on and that can change. A record itself
// never does, but for the erasure of its parts.
type rowKey struct {
	pos    int64
	lang   kiosk.Lang
	name   string // of the booth
	year   int    // it is left out of this year's times
	erased bool
	sealed bool
	when   kiosk.Instant // known better as more arrives
}

// rowCache keeps the rows that were rendered last, since the newest records are
// looked at again and again. It holds two generations of rowsKept rows: when the
// young one is full, the old one goes.
type rowCache struct {
	mu         sync.Mutex
	young, old map[rowKey]template.HTML
}

// rowsKept bounds a generation: 2,000 rows of about 700 bytes.
const rowsKept = 2000

func (r *rowCache) find(k rowKey) (template.HTML, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row, ok := r.young[k]
	if !ok {
		row, ok = r.old[k]
	}
	return row, ok
}

func (r *rowCache) keep(k rowKey, row template.HTML) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.young == nil || len(r.young) >= rowsKept {
		r.young, r.old = make(map[rowKey]template.HTML), r.young
	}
	r.young[k] = row
}

// rowsOf returns records as rows of the log.
func (s *console) rowsOf(v voice, entries []kiosk.Entry, now time.Time) (template.HTML, error) {
	var all strings.Builder
	for _, e := range entries {
		row, err := s.row(v, e, now)
		if err != nil {
			return "", err
		}
		all.WriteString(string(row))
	}
	return template.HTML(all.String()), nil //nolint:gosec // its parts were made by html/template
}

// row returns a record as a row of the log.
func (s *console) row(v voice, e kiosk.Entry, now time.Time) (template.HTML, error) {
	k := rowKey{e.Pos, v.lang, e.Name, now.In(v.zone).Year(), e.Facts == nil, e.Sealed, e.When}
	if row, ok := s.rows.find(k); ok {
		return row, nil
	}
	text, err := s.pages.Bytes(v.lang, "row", v.logRow(e, now))
	if err != nil {
		return "", err
	}
	row := template.HTML(text) //nolint:gosec // made by html/template just above
	s.rows.keep(k, row)
	return row, nil
}
