// Package board tells how the booth's machine is: what the kernel says of its
// temperature, supply, memory, load, disk and card, and of the air inside the booth
// where a sensor hangs on it. It also runs the commands that switch the screen and
// the machine off.
//
// Everything is a file under /sys or /proc, so that no root, no vendor tool and no
// library is needed. What a machine does not tell is not told: a booth on an old PC
// has fewer readings than one on a Pi, and no trouble.
package board

import (
	"context"
	"io/fs"
	"os"
	"time"

	"redstation/kiosk"
)

// The usual times.
const (
	sampleEvery = 10 * time.Second
	sayEvery    = 5 * time.Minute
)

// Opts are the parts of a board that have working zero values.
type Opts struct {
	Root    string // where /proc and /sys are; "" is /
	Data    string // the folder whose disk is looked at; "": none
	Climate string // DSN of a sensor of the booth's air; "" is none:
}

// Board is the booth's machine.
type Board struct {
	root    fs.FS
	data    string
	climate climate
}

// Open returns the machine. The error has CodeInvalid, and says what is accepted,
// when the climate sensor's DSN is none.
func Open(o Opts) (*Board, error) {
	c, err := parseClimate(o.Climate)
	if err != nil {
		return nil, err
	}
	if o.Root == "" {
		o.Root = "/"
	}
	return &Board{root: os.DirFS(o.Root), data: o.Data, climate: c}, nil
}

// Run looks at the machine every ten seconds, and calls say at the start, every five
// minutes, and at once when something got better or worse, until ctx ends; then it
// returns nil.
func (b *Board) Run(ctx context.Context, say func(kiosk.Health)) error {
	var judge Judge
	var last kiosk.Health
	begun := time.Now()
	due := time.Duration(0)
	t := time.NewTicker(sampleEvery)
	defer t.Stop()
	for {
		now := time.Since(begun)
		h := judge.Judge(b.Read(), now)
		if now >= due || !h.SameGrades(last) {
			say(h)
			last, due = h, now+sayEvery
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
