package printer

import (
	"context"
	"slices"
	"sync"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

const (
	trayPapers = 20                     // papers that the tray keeps
	warmUp     = 150 * time.Millisecond // before the first line
	strip      = 40                     // dots printed at a time, 5 mm
	dotsPerMM  = 8
)

// Sim is a simulated printer: what a hand can do to it, and the tray with what it
// printed. It takes about as long as a real one, refuses when it has no paper or
// its cover is open, and stops in the middle of a job when either happens then.
// Its papers are in memory only.
type Sim struct {
	profile escpos.Profile
	now     func() time.Time
	speed   int // mm a second

	mu               sync.Mutex
	empty, low, open bool
	closed           bool
	printed          int
	tray             []*sheet // oldest first
}

// sheet is a paper whose picture is made when somebody looks.
type sheet struct {
	Paper
	job     []byte
	rows    int // printed before it stopped
	profile escpos.Profile
}

// Paper is one printed paper in the simulated printer's tray.
type Paper struct {
	N   int // 1 is the first since start
	At  time.Time
	PNG []byte
}

func newSim(p escpos.Profile, o Opts) *Sim {
	if o.Speed <= 0 {
		o.Speed = 150
	}
	return &Sim{profile: p, now: o.Now, speed: o.Speed}
}

// SetPaper puts a roll in or takes it out. A new roll is a fresh one.
func (s *Sim) SetPaper(in bool) {
	s.change(func() {
		if in && s.empty {
			s.low = false
		}
		s.empty = !in
	})
}

// SetPaperLow makes the roll nearly used up, or fresh again.
func (s *Sim) SetPaperLow(low bool) { s.change(func() { s.low = low }) }

// SetCover opens or closes the cover.
func (s *Sim) SetCover(open bool) { s.change(func() { s.open = open }) }

// change does something under the lock.
func (s *Sim) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// State returns the state that the printer would tell.
func (s *Sim) State() kiosk.PrinterState {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return kiosk.PrinterOffline
	case s.open:
		return kiosk.PrinterCover
	case s.empty:
		return kiosk.PrinterNoPaper
	case s.low:
		return kiosk.PrinterPaperLow
	}
	return kiosk.PrinterReady
}

// Papers returns the last 20 papers, newest first. A paper that stopped half-way
// shows what came out.
func (s *Sim) Papers() []Paper {
	s.mu.Lock()
	sheets := slices.Clone(s.tray)
	s.mu.Unlock()
	slices.Reverse(sheets)
	out := make([]Paper, len(sheets))
	for i, sh := range sheets {
		out[i] = Paper{N: sh.N, At: sh.At, PNG: s.look(sh)}
	}
	return out
}

// look returns the sheet's picture, made at the first look. The job was interpreted
// when it was printed; it cannot fail now.
func (s *Sim) look(sh *sheet) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sh.PNG == nil {
		if pr, err := escpos.Interpret(sh.job, sh.profile); err == nil {
			pr.Tear(sh.rows)
			sh.PNG, _ = pr.PNG()
		}
		sh.job = nil
	}
	return sh.PNG
}

// send prints strip by strip, as fast as the paper moves.
func (s *Sim) send(ctx context.Context, job []byte) error {
	if st := s.State(); !st.Prints() {
		return refused(st)
	}
	pr, err := escpos.Interpret(job, s.profile)
	if err != nil {
		return err
	}
	rows, err := s.roll(ctx, pr.Height())
	s.change(func() {
		s.printed++
		s.tray = append(s.tray, &sheet{Paper: Paper{N: s.printed, At: s.now()}, job: job, rows: rows, profile: s.profile})
		if n := len(s.tray) - trayPapers; n > 0 {
			s.tray = slices.Delete(s.tray, 0, n)
		}
	})
	return err
}

// roll moves the paper and returns how many dots came out, and why it stopped.
func (s *Sim) roll(ctx context.Context, height int) (int, error) {
	tick := time.NewTimer(warmUp * 150 / time.Duration(s.speed))
	defer tick.Stop()
	for rows := 0; ; {
		select {
		case <-ctx.Done():
			return rows, kiosk.Errorf(kiosk.CodeInternal, "error.printer", "print: stopped after %d of %d dots: %w", rows, height, ctx.Err())
		case <-tick.C:
		}
		if st := s.State(); !st.Prints() {
			return rows, stopped(st, "after %d of %d dots", rows, height)
		}
		if rows >= height {
			return height, nil
		}
		rows = min(rows+strip, height)
		tick.Reset(strip * time.Second / time.Duration(dotsPerMM*s.speed))
	}
}

func (s *Sim) state(context.Context) kiosk.PrinterState { return s.State() }

func (s *Sim) close() error {
	s.change(func() { s.closed = true })
	return nil
}
