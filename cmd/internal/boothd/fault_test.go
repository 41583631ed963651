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
	patience time.Duration // 0 = a minute
	only     string        // the cable; "" = both
}

func faults() []fault {
	nothing := func(*counter) {}
	stalls := printertest.Opts{Options: "stall=1s", Buffer: 512}
	xoff := printertest.Opts{XonXoff: true, Buffer: 512}
	xoffs := stalls
	xoffs.XonXoff = true
	return []fault{
		{name: "none", before: nothing, says: []string{"done"}, mend: nothing},
		{name: "it never answers", opts: printertest.Opts{Mute: true}, before: nothing, says: []string{"done"}, mend: nothing},
		{name: "garbage before and in a job", before: func(c *counter) {
			c.Garbage(1<<16, 1)
			c.After(50, func() { c.Garbage(1<<16, 2) })
		}, says: []string{"done"}, mend: nothing},
		{name: "no paper before a job", before: func(c *counter) { c.noPaper() }, says: []string{"no_paper"},
			mend: func(c *counter) { c.SetPaper(true) }},
		{name: "the paper ends in a job", before: func(c *counter) { c.PaperOutAfter(100) }, says: []string{"no_paper"},
			mend: func(c *counter) { c.SetPaper(true) }},
		{name: "the paper ends after a job", before: func(c *counter) {
			c.take()
			c.await(0, "done")
			c.noPaper()
		}, says: []string{"no_paper"}, mend: func(c *counter) { c.SetPaper(true) }},
		{name: "the cover is opened before a job", before: func(c *counter) {
			c.SetCover(true)
			c.is("cover_open")
		}, says: []string{"cover_open"}, mend: func(c *counter) { c.SetCover(false) }},
		{name: "the cover is opened in a job", before: func(c *counter) { c.After(100, func() { c.SetCover(true) }) },
			says: []string{"cover_open"}, mend: func(c *counter) { c.SetCover(false) }},
		{name: "a fault in a job", before: func(c *counter) { c.After(100, func() { c.SetFailed(true) }) },
			says: []string{"trouble"}, mend: func(c *counter) { c.SetFailed(false) }},
		{name: "the power of the printer fails in a job", opts: printertest.Opts{Options: "stall=1s"}, before: func(c *counter) { c.After(100, func() { c.SetPower(false) }) },
			says: []string{"trouble", "failed"}, mend: func(c *counter) { c.SetPower(true) }},
		{name: "it stalls in a job and goes on", opts: printertest.Opts{Buffer: 512},
			before: func(c *counter) { c.After(100, func() { c.Stall(true) }) }, says: []string{"later"},
			mend: func(c *counter) { c.Stall(false) }},
		{name: "it stalls in a job for too long", opts: stalls, before: func(c *counter) { c.After(100, func() { c.Stall(true) }) },
			says: []string{"trouble", "failed"}, mend: func(c *counter) { c.Stall(false) }},
		{name: "it stalls for ever", opts: stalls, before: func(c *counter) { c.Stall(true) }, says: []string{"trouble", "failed"},
			mend: nothing, patience: 3 * time.Second},
		{name: "XOFF in a job, then XON", only: "uart", opts: xoff, before: func(c *counter) { c.After(100, func() { c.Stall(true) }) },
			says: []string{"later"}, mend: func(c *counter) { c.Stall(false) }},
		{name: "XOFF in a job for too long, then XON", only: "uart", opts: xoffs, before: func(c *counter) { c.After(100, func() { c.Stall(true) }) },
			says: []string{"trouble", "failed"}, mend: func(c *counter) { c.Stall(false) }},
		{name: "XOFF for ever", only: "uart", opts: xoffs, before: func(c *counter) { c.Stall(true) }, says: []string{"trouble", "failed"},
			mend: nothing, patience: 3 * time.Second},
		{name: "no paper, and nobody mends it", before: func(c *counter) { c.noPaper() }, says: []string{"no_paper"},
			mend: nothing, patience: 2 * time.Second},
		{name: "the paper ends in a job, and nobody mends it", before: func(c *counter) { c.PaperOutAfter(100) },
			says: []string{"no_paper", "failed"}, mend: nothing, patience: 2 * time.Second},
	}
}

func TestNoFaultOfThePrinterLosesOrDoublesASlip(t *testing.T) {
	var mu sync.Mutex
	table := map[string]string{}
	t.Run("rows", func(t *testing.T) {
		for _, f := range faults() {
			for cable := range cables {
				if f.only != "" && f.only != cable {
					continue
				}
				name := fmt.Sprintf("%-46s %-5s", f.name, cable)
				t.Run(cable+" "+f.name, func(t *testing.T) {
					t.Parallel()
					line := f.run(t, cable)
					mu.Lock()
					defer mu.Unlock()
					table[name] = line
				})
			}
		}
	})
	var b strings.Builder
	for _, f := range faults() {
		for _, cable := range []string{"tcp", "uart"} {
			name := fmt.Sprintf("%-46s %-5s", f.name, cable)
			if line, ok := table[name]; ok {
				fmt.Fprintln(&b, name, line)
			}
		}
	}
	t.Log("\n" + b.String())
	golden(t, "faults.golden", b.String())
}

func (f fault) run(t *testing.T, cable string) string {
	patience := f.patience
	if patience == 0 {
		patience = time.Minute
	}
	c := newCounter(t, cable, f.opts, patience)
	if !f.opts.Mute {
		c.is("ready")
	}
	f.before(c)
	first := len(c.ids)
	c.take()
	c.await(first, f.says...)
	c.take()
	c.take()
	f.mend(c)
	c.settled()
	return c.judge()
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
