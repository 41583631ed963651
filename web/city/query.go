package city

import (
	"net/url"
	"strings"
	"time"

	"redstation/kiosk"
)

// filter is what the log is filtered by, as it stands in an address and in the
// fields of the form. The empty filter shows everything.
type filter struct {
	Booth string
	Kind  string
	Lane  string
	Since string // "2026-11-23T16:00" in the city's zone: received at the hub at or after
	Until string // received before
}

// faults says which fields of a filter are wrong, by sentence.
type faults struct{ Lane, Since, Until string }

// maxWord bounds what an address may name, in bytes.
const maxWord = 64

func readFilter(q url.Values) filter {
	word := func(name string) string { return clip(strings.TrimSpace(q.Get(name)), maxWord) }
	return filter{word("booth"), word("kind"), word("lane"), word("since"), word("until")}
}

// values returns the fields that are set.
func (f filter) values() url.Values {
	q := url.Values{}
	for _, kv := range [...][2]string{{"booth", f.Booth}, {"kind", f.Kind}, {"lane", f.Lane}, {"since", f.Since}, {"until", f.Until}} {
		if kv[1] != "" {
			q.Set(kv[0], kv[1])
		}
	}
	return q
}

// url returns the address of path with this filter and more pairs of names and values.
func (f filter) url(path string, more ...string) string {
	q := f.values()
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// query translates the filter for the log, and itself into its one spelling. What
// is wrong comes back by field; the query is then not to be used.
func (f filter) query(v voice) (kiosk.LogQuery, filter, faults) {
	q := kiosk.LogQuery{Booth: f.Booth, Kind: kiosk.Kind(f.Kind)}
	var bad faults
	if f.Lane != "" {
		lane, err := kiosk.ParseLane(f.Lane)
		if err != nil {
			bad.Lane = v.say("city.filter.bad_lane")
		}
		q.Lane = &lane
	}
	var ok bool
	if q.Since, ok = readTime(f.Since, v.zone, 0); !ok {
		bad.Since = v.say("city.filter.bad_time")
	} else {
		f.Since = writeTime(q.Since, v.zone)
	}
	if q.Until, ok = readTime(f.Until, v.zone, 1); !ok {
		bad.Until = v.say("city.filter.bad_time")
	} else {
		f.Until = writeTime(q.Until, v.zone)
	}
	if bad.Until == "" && !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		bad.Until = v.say("city.filter.bad_range")
	}
	return q, f, bad
}

// clockForms are the spellings of a time in an address, in the city's zone unless
// they say another.
var clockForms = [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.RFC3339}

// readTime reads a time or a date. A date means its beginning, or with days = 1
// the beginning of the next: "until 23 November" includes that day.
func readTime(s string, zone *time.Location, days int) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t.AddDate(0, 0, days), true
	}
	for _, form := range clockForms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// writeTime writes what an input of type datetime-local takes.
func writeTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	if t.Second() != 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04")
}

// words says what an export held, for the audit log.
func (f filter) words() string {
	if q := f.values(); len(q) > 0 {
		text, err := url.QueryUnescape(strings.ReplaceAll(q.Encode(), "&", " "))
		if err == nil {
			return text
		}
	}
	return "all"
}
