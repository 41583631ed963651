package hub

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

const encodingGzip = "gzip"

// form is one parameter of a pull and how its values are read.
type form struct {
	name    string
	several bool
	read    func(q *pullQuery, value string) error
}

// forms lists the parameters.
func forms() []form {
	return []form{
		{"after", false, func(q *pullQuery, s string) (err error) { q.after, err = position(s, 0); return err }},
		{"before", false, func(q *pullQuery, s string) (err error) { q.before, err = position(s, 1); return err }},
		{"booth", true, func(q *pullQuery, s string) error { return ask(&q.booths, s) }},
		{"kind", true, func(q *pullQuery, s string) error { return ask(&q.kinds, kiosk.Kind(s)) }},
		{"lane", false, func(q *pullQuery, s string) (err error) { q.lane, err = laneOf(s); return err }},
		{"since", false, func(q *pullQuery, s string) (err error) { q.since, err = time.Parse(time.RFC3339Nano, s); return err }},
		{"until", false, func(q *pullQuery, s string) (err error) { q.until, err = time.Parse(time.RFC3339Nano, s); return err }},
		{"limit", false, readLimit},
		{"wait", false, func(q *pullQuery, s string) (err error) {
			q.wait, err = time.ParseDuration(s)
			q.wait = min(max(q.wait, 0), wire.MaxWait)
			return err
		}},
		{"format", false, readFormat},
		{"header", false, func(q *pullQuery, s string) error {
			q.heading = s == "present"
			return unless(q.heading || s == "absent", `want "present" or "absent"`)
		}},
	}
}

func pullParameters() (names []string) {
	for _, f := range forms() {
		names = append(names, f.name)
	}
	return names
}

// readPull reads what a request asks for. A name that is no parameter is refused,
// too, because a filter with a typo would pull everything.
func readPull(r *http.Request) (q pullQuery, err error) {
	q = pullQuery{limit: 1000, heading: true, address: r.URL}
	known := forms()
	for name, values := range r.URL.Query() {
		i := slices.IndexFunc(known, func(f form) bool { return f.name == name })
		switch {
		case i < 0:
			return q, badParameter(name, errors.New("there is no such parameter"))
		case len(values) > 1 && !known[i].several:
			return q, badParameter(name, errors.New("it is given twice"))
		}
		for _, v := range values {
			if err := known[i].read(&q, v); err != nil {
				return q, badParameter(name, err)
			}
		}
	}
	if q.before > 0 && q.before <= q.after {
		return q, badParameter("before", errors.New("it must be larger than after"))
	}
	if r.Method == http.MethodHead {
		q.wait = 0
	}
	return q, negotiate(&q, r.Header)
}

// negotiate settles format and encoding with what the reader takes (RFC 9110,
// section 12.5). The parameter format wins over the header Accept.
func negotiate(q *pullQuery, h http.Header) error {
	if q.format == "" {
		switch prefer(strings.Join(h.Values("Accept"), ","), wire.TypeRows, wire.TypeTable) {
		case wire.TypeRows:
			q.format = wire.NDJSON
		case wire.TypeTable:
			q.format = wire.CSV
		default:
			return &refusal{http.StatusNotAcceptable, kiosk.CodeInvalid, "records come as " + wire.TypeRows + " or " + wire.TypeTable + ": name one in Accept, or say format=ndjson or format=csv", 0}
		}
	}
	if accepted := strings.Join(h.Values("Accept-Encoding"), ","); accepted != "" {
		q.encoding = prefer(accepted, wire.EncodingZstd, encodingGzip)
	}
	return nil
}

func badParameter(name string, err error) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.pull", "parameter %.32q: %w", name, err)
}

func unless(ok bool, text string) error {
	if ok {
		return nil
	}
	return errors.New(text)
}

func position(s string, least int64) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && n < least {
		err = errors.New("want a cursor: the pos of a record")
	}
	return n, err
}

// ask adds a value to what is asked for, once.
func ask[T ~string](list *[]T, v T) error {
	if v == "" || len(v) > 64 {
		return errors.New("want 1 to 64 characters; leave the parameter out for all")
	}
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
	return unless(len(*list) <= wire.MaxAsk, "it is given more than "+strconv.Itoa(wire.MaxAsk)+" times")
}

func laneOf(s string) (*kiosk.Lane, error) {
	for _, l := range kiosk.Lanes() {
		if l.String() == s {
			return &l, nil
		}
	}
	return nil, errors.New(`want "log" or "urgent"`)
}

func readLimit(q *pullQuery, s string) (err error) {
	q.limit, err = strconv.Atoi(s)
	if err == nil && (q.limit < 1 || q.limit > wire.MaxPage) {
		err = errors.New("want 1 to " + strconv.Itoa(wire.MaxPage))
	}
	return err
}

func readFormat(q *pullQuery, s string) error {
	q.format = wire.Format(s)
	return unless(q.format == wire.NDJSON || q.format == wire.CSV, `want "ndjson" or "csv"`)
}

// prefer returns the offer that the header Accept or Accept-Encoding likes best,
// the first where it likes several alike, and "" where it takes none of them.
func prefer(header string, offers ...string) (best string) {
	var most float64
	if header == "" {
		return offers[0]
	}
	for _, offer := range offers {
		if q := quality(header, offer); q > most {
			best, most = offer, q
		}
	}
	return best
}

// quality returns the weight that the header gives an offer, by the entry that
// names it most closely.
func quality(header, offer string) (q float64) {
	group, _, _ := strings.Cut(offer, "/")
	closest := 0
	for entry := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.ToLower(entry), ";")
		near := slices.Index([]string{"", "*", "*/*", group + "/*", offer}, strings.TrimSpace(name))
		if near <= closest {
			continue
		}
		closest, q = near, 1
		for param := range strings.SplitSeq(params, ";") {
			if v, ok := strings.CutPrefix(strings.ReplaceAll(param, " ", ""), "q="); ok {
				q, _ = strconv.ParseFloat(v, 64) // what cannot be read is not wanted
			}
		}
	}
	return q
}
