package boothd_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/hardware/printertest"
)

// fault is a row of the table. The booth gets the first resident after before, and
// two more after the first one's screen says what it should; then comes mend.
type fault struct {
	name     string
	opts     printertest.Opts
	before   func(*counter)
	says     []string // about the first slip, while it lasts
	mend     func(*counter)
	mark     string        // how often a paper is marked: never, once, or as it comes
	patience time.Duration // 0 = a minute
	only     string        // the cable; "" = both
}

func faults() []fault {
	nothing := func(*counter) {}
	stalls := printertest.Opts{Options: "stall=1s", Buffer: 256}
	// Where the flow is controlled, a pseudo-terminal is no serial port once a job has
	// begun: it never tells what is queued, so that the driver cannot wait for it.
	xoff := stalls
	xoff.XonXoff = true
	in := func(do func(*counter)) func(*counter) { // when 100 rows of the job are out
		return func(c *counter) {
			c.struck = make(chan struct{})
			c.After(100, func() {
				do(c)
				close(c.struck)
			})
		}
	}
	stall, goOn := func(c *counter) { c.Stall(true) }, func(c *counter) { c.Stall(false) }
	open, shut := func(c *counter) { c.SetCover(true) }, func(c *counter) { c.SetCover(false) }
	newRoll := func(c *counter) { c.SetPaper(true) }
	gone := []string{"trouble", "failed"}
	return []fault{
		{name: "none", before: nothing, says: []string{"done"}, mend: nothing, mark: never},
		{name: "it never answers", opts: printertest.Opts{Mute: true}, before: nothing, says: []string{"done"}, mend: nothing, mark: never},
		{name: "garbage before a job", before: func(c *counter) { c.Garbage(1<<16, 1) }, says: []string{"done"}, mend: nothing, mark: never},
		{name: "garbage in a job", before: in(func(c *counter) { c.Garbage(1<<16, 2) }), says: []string{"done"}, mend: nothing, mark: asItComes},
		{name: "no paper before a job", before: (*counter).noPaper, says: []string{"no_paper"}, mend: newRoll, mark: never},
		{name: "the paper ends in a job", before: func(c *counter) { c.PaperOutAfter(100) }, says: []string{"no_paper"}, mend: newRoll, mark: once},
		{name: "the paper ends after a job", before: func(c *counter) {
			c.take()
			c.await(0, "done")
			c.noPaper()
		}, says: []string{"no_paper"}, mend: newRoll, mark: never},
		{name: "the cover is opened before a job", before: func(c *counter) {
			open(c)
			c.is("cover_open")
		}, says: []string{"cover_open"}, mend: shut, mark: never},
		{name: "the cover is opened in a job", before: in(open), says: []string{"cover_open"}, mend: shut, mark: once},
		{name: "a fault in a job", before: in(func(c *counter) { c.SetFailed(true) }), says: []string{"trouble"},
			mend: func(c *counter) { c.SetFailed(false) }, mark: asItComes},
		{name: "the power of the printer fails in a job", opts: printertest.Opts{Options: "stall=1s"},
			before: in(func(c *counter) { c.SetPower(false) }), says: gone, mend: func(c *counter) { c.SetPower(true) }, mark: once},
		{name: "it stalls in a job and goes on", opts: printertest.Opts{Buffer: 256}, before: in(stall), says: []string{"later"}, mend: goOn, mark: never},
		{name: "it stalls in a job for too long", opts: stalls, before: in(stall), says: gone, mend: goOn, mark: once},
		{name: "it stalls for ever", opts: stalls, before: stall, says: gone, mend: nothing, patience: 3 * time.Second, mark: never},
		{name: "XOFF, then XON", only: "uart", opts: xoff, before: stall, says: []string{"trouble"}, mend: goOn, mark: never},
		{name: "XOFF for ever", only: "uart", opts: xoff, before: stall, says: gone, mend: nothing, patience: 3 * time.Second, mark: never},
		{name: "no paper, and nobody mends it", before: (*counter).noPaper, says: []string{"no_paper"}, mend: nothing,
			patience: 2 * time.Second, mark: never},
		{name: "the paper ends in a job, and nobody mends it", before: func(c *counter) { c.PaperOutAfter(100) },
			says: []string{"no_paper", "failed"}, mend: nothing, patience: 2 * time.Second, mark: never},
	}
}

const never, once, asItComes = "never", "once", "as it comes"

func TestNoFaultOfThePrinterLosesOrDoublesASlip(t *testing.T) {
	var mu sync.Mutex
	ends := map[string]tally{}
	t.Run("rows", func(t *testing.T) {
		for _, f := range faults() {
			for cable := range cables {
				if f.only != "" && f.only != cable {
					continue
				}
				t.Run(cable+" "+f.name, func(t *testing.T) {
					t.Parallel()
					end := f.run(t, cable)
					mu.Lock()
					defer mu.Unlock()
					ends[cable+f.name] = end
				})
			}
		}
	})
	var seen, fixed strings.Builder
	for _, f := range faults() {
		for _, cable := range []string{"tcp", "uart"} {
			if end, ok := ends[cable+f.name]; ok {
				fmt.Fprintf(&seen, "%-46s %-5s %s\n", f.name, cable, end)
				fmt.Fprintf(&fixed, "%-46s %-5s marked %-12s %s\n", f.name, cable, f.mark, strings.Join(end.says, " "))
			}
		}
	}
	t.Log("\n" + seen.String())
	golden(t, "faults.golden", fixed.String())
}

func (f fault) run(t *testing.T, cable string) tally {
	patience := f.patience
	if patience == 0 {
		patience = time.Minute
	}
	if cable == "tcp" && f.opts.Buffer > 0 {
		f.opts.Buffer = 128 // so that a slip of text has not all been taken when the fault comes; a serial line is slow enough
	}
	c := newCounter(t, cable, f.opts, patience)
	if !f.opts.Mute {
		c.is("ready")
	}
	f.before(c)
	first := len(c.ids)
	c.take()
	if c.struck != nil {
		<-c.struck // a slow machine may say what we wait for before it happens
	}
	c.await(first, f.says...)
	c.take()
	c.take()
	f.mend(c)
	c.settled()
	end := c.judge()
	if f.mark == never && end.marked > 0 || f.mark == once && end.marked != 1 {
		t.Errorf("%d papers are marked, want it %s", end.marked, f.mark)
	}
	return end
}

// The cable is pulled after each band of 24 rows of a slip, and put in again.
func TestTheCableMayBePulledAnywhere(t *testing.T) {
	for cable := range cables {
		t.Run(cable, func(t *testing.T) {
			t.Parallel()
			for part := range 4 {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					c := newCounter(t, cable, printertest.Opts{Buffer: 256}, time.Minute)
					c.take()
					c.settled()
					rows := c.papers()[0].Rows
					for band := part; band*24 < rows; band += 4 {
						c.unplugged(band * 24)
					}
					t.Logf("%d bands: %s", len(c.ids)-1, c.judge())
				})
			}
		})
	}
}

// unplugged takes a ticket whose cable is pulled after so many rows.
func (c *counter) unplugged(rows int) {
	c.t.Helper()
	pulled := make(chan struct{})
	c.After(rows, func() {
		c.Unplug()
		close(pulled)
	})
	c.take()
	<-pulled
	n := len(c.ids) - 1
	c.await(n, "trouble", "done", "failed")
	c.Replug()
	c.await(n, "done", "failed")
	c.is("ready")
	if c.says(n) == "failed" {
		r, err := http.PostForm(c.base+"/slip/"+c.ids[n].String()+"/reprint", nil)
		text(c.t, r, err)
		c.await(n, "done")
	}
}
