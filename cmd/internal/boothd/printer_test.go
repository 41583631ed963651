package boothd_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/hardware/printertest"
)

// logged collects a booth's log while it runs.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) lines(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), what)
}

// A printer that is not there when the booth starts, is put in, is pulled out and put
// in again.
func TestAPrinterIsTakenUpWhenItAppears(t *testing.T) {
	for cable, plug := range cables {
		t.Run(cable, func(t *testing.T) {
			t.Parallel()
			p := plug(t, printertest.Opts{})
			p.Unplug()
			log := &logged{}
			c := config(t, log)
			c.Printer, c.Spool = p.DSN(), impatient(time.Minute)
			base, stop := serve(t, c)
			t.Cleanup(stop)
			booth := &counter{Printer: p, t: t, base: base}
			booth.is("offline")
			p.Replug()
			booth.is("ready")
			booth.take()
			booth.await(0, "done")
			p.Unplug()
			booth.is("offline")
			p.Replug()
			booth.is("ready")
			booth.take()
			booth.await(1, "done")
			if got := booth.judge(); got.plain != 2 {
				t.Errorf("got %s, want two plain papers", got)
			}
			for what, want := range map[string]int{`level=WARN msg="printer not opened"`: 2, `msg="printer opened"`: 2} {
				if got := log.lines(what); got != want {
					t.Errorf("the log says %q %d times, want %d", what, got, want)
				}
			}
		})
	}
}
