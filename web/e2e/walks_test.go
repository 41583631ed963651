package e2e_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// walks are the services that were walked to their end, with the line up and down.
var walks struct{ up, down []receipt }

// secondsATap is how long somebody needs for a tap who is in no hurry.
const secondsATap = 2

// serveOthers walks the services that end otherwise than in a slip for a resident: a
// call for help, the two that show what became of a receipt, and the watch, which staff
// take over. It returns how many calls for help there were.
func (b *tab) serveOthers(receipts *[]receipt) (calls int) {
	b.t.Helper()
	others := func(service, what string, walk func(c *tab) receipt) {
		b.t.Run(service+" "+what, func(t *testing.T) {
			c := b.in(t)
			c.visit("/")
			r := walk(c)
			r.service, r.what = service, what
			*receipts = append(*receipts, r)
		})
		b.visit("/")
	}
	number, code := b.worry()
	*receipts = append(*receipts, receipt{service: "", what: "request", number: number})
	b.done()
	for _, service := range []string{"3.2", "3.3"} {
		others(service, "follow", func(c *tab) receipt {
			before := *c.touches
			c.step(c.reach(`a[href="/f/3"]`))
			c.step(c.reach(`a[href="/s/` + service + `"]`))
			first := *c.touches - before
			c.step(`a[href="/receipt/type"]`)
			c.press(number)
			c.step(forward)
			c.press(code)
			c.step(forward)
			if !strings.Contains(c.text("main"), number) {
				c.t.Errorf("the receipt %s is not shown but: %s", number, c.text("h1"))
			}
			return receipt{first: first, taps: *c.touches - before}
		})
	}
	others("12.2", "call", func(c *tab) receipt {
		before := *c.touches
		c.step(c.reach(`a[href="/f/12"]`))
		c.step(c.reach(`a[href="/s/12.2"]`))
		first := *c.touches - before
		c.step("[data-call]")
		r := receipt{first: first, taps: *c.touches - before}
		c.awaitSeen("[data-cancel]", patience)
		c.step("[data-cancel]")
		calls++
		return r
	})
	others("12.5", "duty", func(c *tab) receipt {
		before := *c.touches
		c.step(c.reach(`a[href="/f/12"]`))
		c.step(c.reach(`a[href="/s/12.5"]`))
		c.step(forward)
		for range 2 { // a booth without a PIN asks for a new one twice
			if c.seen("[data-digits=pin]") {
				c.digits(staffPIN)
				c.step(forward)
			}
		}
		if !c.is("document.body.dataset.page === 'staff-duty'") {
			c.visit("/staff/duty")
		}
		c.step(forward)
		first := *c.touches - before
		c.fill()
		c.step(forward)
		r := c.receipt(way{"12", "12.5", "duty"})
		r.first, r.taps = first, *c.touches-before
		return r
	})
	return calls
}

// arrivedCalls checks that the hub has each call for help and its end.
func arrivedCalls(t *testing.T, records []record, calls int) {
	t.Helper()
	n := map[string]int{}
	for _, r := range records {
		n[r.Kind]++
	}
	if n["help.called"] != calls || n["help.cancelled"] != calls {
		t.Errorf("the hub has %d calls and %d ends, want %d of each", n["help.called"], n["help.cancelled"], calls)
	}
}

// walksTable prints one line for each service: how it ended with the line up and down, and
// how many taps that took.
func walksTable() string {
	type row struct {
		up, down []string
		first    int
		taps     int
	}
	rows := map[string]*row{}
	at := func(r receipt) *row {
		if rows[r.service] == nil {
			rows[r.service] = &row{}
		}
		return rows[r.service]
	}
	end := func(r receipt) string { return r.what + " " + cmp.Or(r.number, "done") }
	for _, r := range walks.up {
		if r.service != "" {
			w := at(r)
			w.up = append(w.up, end(r))
			if w.first == 0 || r.first < w.first {
				w.first, w.taps = r.first, r.taps
			}
		}
	}
	for _, r := range walks.down {
		if r.service != "" {
			at(r).down = append(at(r).down, end(r))
		}
	}
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	number := func(s string) (f, n int) { fmt.Sscanf(s, "%d.%d", &f, &n); return f, n } //nolint:errcheck // a service's id
	slices.SortFunc(names, func(a, b string) int {
		af, an := number(a)
		bf, bn := number(b)
		return cmp.Or(cmp.Compare(af, bf), cmp.Compare(an, bn))
	})
	var out strings.Builder
	fmt.Fprintf(&out, "%d services, to their ends by touch\n%-8s %-34s %-34s %9s %5s %8s\n", len(names), "service", "line up", "line down", "to first", "taps", "seconds")
	for _, name := range names {
		r := rows[name]
		fmt.Fprintf(&out, "%-8s %-34s %-34s %9d %5d %8d\n", name, strings.Join(r.up, ", "), strings.Join(r.down, ", "), r.first, r.taps, secondsATap*r.taps)
	}
	return out.String()
}
