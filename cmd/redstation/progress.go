package main

import (
	"fmt"
	"io"
	"time"

	"redstation/cmd/internal/daemon"
)

// progress tells on a terminal how far a pull is, on one line that is written over.
// Where standard error is no terminal, or the records go to the same one, it says
// nothing but that the hub is away and that it is back.
type progress struct {
	out      io.Writer
	terminal bool
	rows     int
	cursor   int64
	told     time.Time
	lost     bool // the hub is away, and that has been said
	open     bool // the line stands there
}

func newProgress(c console) *progress {
	return &progress{out: c.Err, terminal: daemon.Terminal(c.Err) && !daemon.Terminal(c.Out)}
}

// row counts a record.
func (p *progress) row(pos int64) {
	p.rows++
	p.cursor = pos
	p.tell(false)
}

// moved notes an answer of the hub.
func (p *progress) moved(cursor int64) {
	p.cursor = max(p.cursor, cursor)
	if p.lost {
		p.lost = false
		p.line("the hub is back")
	}
	p.tell(true)
}

// away says once why the hub cannot be reached; a terminal sees each attempt.
func (p *progress) away(err error, pause time.Duration) {
	if !p.lost {
		p.lost = true
		p.line(fmt.Sprintf("redstation: %v; trying again", err))
	}
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K%d records, cursor %d, the hub is away, next attempt in %s", p.rows, p.cursor, pause.Round(100*time.Millisecond))
		p.open = true
	}
}

// tell renews the line, at most ten times a second unless now.
func (p *progress) tell(now bool) {
	if !p.terminal || (!now && time.Since(p.told) < 100*time.Millisecond) {
		return
	}
	p.told = time.Now()
	fmt.Fprintf(p.out, "\r\x1b[K%d records, cursor %d", p.rows, p.cursor)
	p.open = true
}

// line says something that stays.
func (p *progress) line(text string) {
	p.end()
	fmt.Fprintln(p.out, text)
}

// end wipes the line.
func (p *progress) end() {
	if p.open {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.open = false
	}
}
