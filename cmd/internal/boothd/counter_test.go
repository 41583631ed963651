package boothd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/hardware/printertest"
	"redstation/kiosk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The fault table: a whole booth, a printer at the other end of a cable, and what
// can go wrong between them. What must hold in every row:
//
//   - Of each number at most one complete paper is without the mark of a reprint.
//   - Each number has a complete paper, or the screen says that it has none.
//
// How the rows end stands in testdata/faults.golden.

// cables are the ways that the printer is connected.
var cables = map[string]func(testing.TB, printertest.Opts) *printertest.Printer{"tcp": printertest.TCP, "uart": printertest.PTY}

// counter is a booth with its printer, and the residents at it.
type counter struct {
	*printertest.Printer
	t       *testing.T
	base    string
	ids     []kiosk.ID
	numbers []string
	struck  chan struct{} // closed when the fault of the row has happened; nil: it has, or never does so
}

func newCounter(t *testing.T, cable string, o printertest.Opts, patience time.Duration) *counter {
	p := cables[cable](t, o)
	var log bytes.Buffer
	c := config(t, &log)
	c.Printer, c.Door = p.DSN(), "none:"
	c.Spool = impatient(patience)
	base, stop := serve(t, c)
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("the booth's log:\n%s", &log)
		}
	})
	return &counter{Printer: p, t: t, base: base}
}

// impatient are the spool's waits, shortened.
func impatient(patience time.Duration) kiosk.SpoolOpts {
	return kiosk.SpoolOpts{Patience: patience, Poll: 40 * time.Millisecond, Stall: 300 * time.Millisecond}
}

var onPage = regexp.MustCompile(`data-print="([a-z_]+)"[\s\S]*data-number>([^<]+)<`)

// take takes a ticket.
func (c *counter) take() {
	c.t.Helper()
	id := kiosk.RandomID()
	c.ids, c.numbers = append(c.ids, id), append(c.numbers, c.post(id))
}

// post sends the form that takes a ticket, and returns the number that was shown.
func (c *counter) post(id kiosk.ID) string {
	c.t.Helper()
	r, err := http.PostForm(c.base+"/s/2.3/ticket", url.Values{"key": {id.String()}})
	m := onPage.FindStringSubmatch(text(c.t, r, err))
	if m == nil {
		c.t.Fatal("no number on the page")
	}
	return m[2]
}

// says returns what the screen says about a slip's paper.
func (c *counter) says(n int) string {
	c.t.Helper()
	m := onPage.FindStringSubmatch(get(c.t, c.base+"/slip/"+c.ids[n].String()))
	if m == nil || m[2] != c.numbers[n] {
		c.t.Fatalf("the page of %s says %q", c.numbers[n], m)
	}
	return m[1]
}

// await waits until the screen says one of the words about a slip.
func (c *counter) await(n int, words ...string) {
	c.t.Helper()
	var said string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if said = c.says(n); slices.Contains(words, said) {
			return
		}
	}
	c.t.Fatalf("%s: the screen says %q, want one of %q; papers %+v", c.numbers[n], said, words, c.Slips())
}

// settled waits until all slips are at their end.
func (c *counter) settled() {
	c.t.Helper()
	for n := range c.ids {
		c.await(n, "done", "failed")
	}
}

// papers waits until nothing more comes out of the printer.
func (c *counter) papers() []printertest.Slip {
	for last := -1; ; time.Sleep(50 * time.Millisecond) {
		slips := c.Slips()
		rows := 0
		for _, s := range slips {
			rows += s.Rows
		}
		if rows == last {
			return slips
		}
		last = rows
	}
}

// tally is what came of some residents' papers.
type tally struct {
	plain, marked int // complete papers
	pieces        int
	says          []string // the screens at the end
}

func (t tally) String() string {
	return fmt.Sprintf("%d plain, %d marked, %d pieces; %s", t.plain, t.marked, t.pieces, strings.Join(t.says, " "))
}

// judge holds the papers against the rules.
func (c *counter) judge() tally {
	c.t.Helper()
	var t tally
	own := map[string]int{}  // complete papers without the mark, of a number
	have := map[string]int{} // complete papers
	for _, s := range c.papers() {
		if !s.Complete || s.Unknown > 0 {
			t.pieces++
			continue
		}
		i := slices.IndexFunc(c.numbers, func(n string) bool { return strings.Contains(s.Text, n) })
		if i < 0 {
			c.t.Errorf("a complete paper without one of our numbers:\n%s", s.Text)
			continue
		}
		have[c.numbers[i]]++
		if strings.Contains(s.Text, "补 打") {
			t.marked++
		} else {
			t.plain++
			own[c.numbers[i]]++
		}
	}
	for n, number := range c.numbers {
		says := c.says(n)
		t.says = append(t.says, says)
		if own[number] > 1 {
			c.t.Errorf("%s: doubled in silence: %d papers without a mark", number, own[number])
		}
		if says == "done" && have[number] == 0 {
			c.t.Errorf("%s: lost: the screen says done, and no paper came", number)
		}
	}
	return t
}

// noPaper takes the roll out and waits until the booth knows.
func (c *counter) noPaper() {
	c.SetPaper(false)
	c.is("no_paper")
}

// is waits until the booth knows that the printer is so.
func (c *counter) is(state string) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if c.printer() == state {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("the booth says that the printer is %s, want %s", c.printer(), state)
		}
	}
}

// printer returns the printer's state as the booth tells its pages.
func (c *counter) printer() string {
	c.t.Helper()
	r, err := http.Get(c.base + "/events")
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var event struct{ Printer string }
			if err := json.Unmarshal([]byte(data), &event); err != nil {
				c.t.Fatal(err)
			}
			return event.Printer
		}
	}
	c.t.Fatal("the booth tells its pages nothing")
	return ""
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
