package printer

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// The tests here run in time of their own (testing/synctest), over a pipe.

// pipe is a link whose far end a test plays.
type pipe struct{ net.Conn }

func (pipe) String() string { return "pipe" }

// far plays the printer: it takes all bytes and answers what answer says.
type far struct {
	answer func(q []byte) []byte

	mu  sync.Mutex
	got []byte
}

func (f *far) serve(c net.Conn) {
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		f.mu.Lock()
		f.got = append(f.got, b[:n]...)
		f.mu.Unlock()
		if f.answer != nil {
			if _, err := c.Write(f.answer(b[:n])); err != nil {
				return
			}
		}
	}
}

func (f *far) bytes() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]byte(nil), f.got...)
}

// wired returns a printer at the other end of a pipe from f, in a bubble.
func wired(t *testing.T, f *far, c cable) *wire {
	t.Helper()
	c.open = func(context.Context) (link, error) {
		near, end := net.Pipe()
		go f.serve(end)
		t.Cleanup(func() { _ = end.Close() })
		return pipe{near}, nil
	}
	p := escpos.Paper58()
	w := &wire{cable: c, profile: p, line: line{baud: 9600, speed: 50, stall: 10 * time.Second},
		owner: make(chan struct{}, 1), last: kiosk.PrinterUnknown, mend: -1}
	if err := w.connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// encoded is a job with a picture in it, and how many rows it has.
func encoded(t *testing.T) ([]byte, int) {
	t.Helper()
	b, err := escpos.Encode(kiosk.Receipt{Lines: []kiosk.Line{{Text: "一号", Size: kiosk.Huge}, {QR: "RS1:7K3QF9TZ2M4XW8AB"}}}, escpos.Paper58())
	if err != nil {
		t.Fatal(err)
	}
	pr, err := escpos.Interpret(b, escpos.Paper58())
	if err != nil {
		t.Fatal(err)
	}
	return b, pr.Height()
}

func TestWithoutFlowControlTimeSetsThePace(t *testing.T) {
	for name, tt := range map[string]struct {
		baud int
		heat escpos.Heat
		row  time.Duration // what a row costs the printer
	}{
		"a slow line": {baud: 9600, row: time.Second / 400},
		"slow paper":  {baud: 115200, row: time.Second / 400},
		"a cool head": {baud: 115200, heat: escpos.Heat{Dots: 64, Time: 2000, Interval: 500}, row: 6 * 2500 * time.Microsecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &far{}
				w := wired(t, f, cable{baud: tt.baud})
				w.profile.Heat = tt.heat
				job, rows := encoded(t)
				began := time.Now()
				if err := w.send(t.Context(), job); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				wire, paper := time.Duration(len(job)*10)*time.Second/time.Duration(tt.baud), time.Duration(rows)*tt.row
				if least := max(wire, paper); took < least {
					t.Errorf("it took %s, want at least %s", took, least)
				}
				if most := wire + paper + 2*time.Second; took > most {
					t.Errorf("it took %s, want at most %s", took, most)
				}
			})
		})
	}
}

func TestTheStateNeedsTwoAnswersToGetWorse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		f := &far{answer: func(q []byte) []byte {
			asked++
			if asked == 3 { // one bad answer: the third question of the first round
				return []byte{0x72}
			}
			return []byte{0x12}
		}}
		w := wired(t, f, cable{held: true})
		if got := w.state(t.Context()); got != kiosk.PrinterUnknown {
			t.Errorf("one bad answer makes it %s", got)
		}
		if got := w.state(t.Context()); got != kiosk.PrinterReady {
			t.Errorf("got %s, want ready", got)
		}
	})
}

func TestAnAnswerAmongNoiseIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{answer: func(q []byte) []byte { return []byte{0xff, 0x72, 0xfe} }}
		w := wired(t, f, cable{held: true})
		if got := w.state(t.Context()); got != kiosk.PrinterUnknown {
			t.Errorf("got %s, want unknown", got)
		}
		if got := w.count().Garbage; got == 0 {
			t.Error("the noise was not counted")
		}
	})
}

func TestACoolHeadsFamilyIsAskedItsOwnQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paper := byte(0)
		f := &far{answer: func(q []byte) []byte {
			if strings.HasSuffix(string(q), "\x1bv\x00") {
				return []byte{paper}
			}
			return nil
		}}
		w := wired(t, f, cable{baud: 9600})
		w.profile.Heat = escpos.Heat{Dots: 64, Time: 800, Interval: 20}
		if got := w.state(t.Context()); got != kiosk.PrinterReady {
			t.Errorf("got %s, want ready", got)
		}
		job, _ := encoded(t)
		if err := w.send(t.Context(), job); err != nil {
			t.Error(err)
		}
		if !w.habit.works {
			t.Error("the end of the job was not waited for")
		}
		paper = 0x04
		if err := w.send(t.Context(), job); kiosk.CodeOf(err) != kiosk.CodeUnavailable || w.known() != kiosk.PrinterNoPaper {
			t.Errorf("got %v and %s, want a refusal for want of paper", err, w.known())
		}
	})
}

// deaf is a link whose calls hang, as in a driver that waits for a dead device.
type deaf struct {
	pipe
	hang chan struct{}
}

func (d deaf) Write([]byte) (int, error) {
	<-d.hang
	return 0, os.ErrClosed
}

func TestACallThatHangsHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		w := wired(t, &far{}, cable{held: true})
		w.link = deaf{w.link.(pipe), hang}
		for range 10 {
			began := time.Now()
			w.state(t.Context())
			if took := time.Since(began); took > time.Second {
				t.Errorf("the state took %s", took)
			}
			time.Sleep(2 * time.Second)
		}
		if got := w.state(t.Context()); got != kiosk.PrinterOffline {
			t.Errorf("got %s, want offline", got)
		}
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		began := time.Now()
		if err := w.send(ctx, []byte("x")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Errorf("got %v, want code unavailable", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the job took %s", took)
		}
		close(hang) // the device comes to life
		synctest.Wait()
		time.Sleep(2 * time.Second)
		if got := w.state(t.Context()); got != kiosk.PrinterUnknown {
			t.Errorf("got %s, want unknown", got)
		}
	})
}

func TestAJobEndsWhenItsCallerWillNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{}
		w := wired(t, f, cable{held: true})
		near, _ := net.Pipe() // whose far end nobody reads
		w.link = pipe{near}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		began := time.Now()
		job, _ := encoded(t)
		if err := w.send(ctx, job); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Errorf("nothing was taken, and the error is %v", err)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestWhatFollowsABrokenJobFillsItsHoleAndCutsItOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{}
		w := wired(t, f, cable{held: true})
		w.mend = 1000
		job, _ := encoded(t)
		if err := w.send(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		empty, err := escpos.Encode(kiosk.Receipt{}, escpos.Paper58())
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat("\x00", 1000) + string(empty) + string(job)
		got := strings.ReplaceAll(string(f.bytes()), "\x10\x04\x01", "") // the questions
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if w.mend != -1 {
			t.Error("the next job would begin so too")
		}
	})
}

func TestAPrinterThatForgetsTheEndOfAJobIsNotBelieved(t *testing.T) {
	for name, tt := range map[string]struct {
		works bool
		want  error
	}{
		"one that used to answer it": {works: true, want: errForgot},
		"one that never did":         {works: false, want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &far{answer: func(q []byte) []byte {
					if len(q) == 3 && q[0] == 0x10 {
						return []byte{0x12}
					}
					return nil
				}}
				w := wired(t, f, cable{held: true})
				w.habit.works = tt.works
				job, _ := encoded(t)
				err := w.send(t.Context(), job)
				if !errors.Is(err, tt.want) {
					t.Fatalf("got %v, want %v", err, tt.want)
				}
				if stop, ok := errors.AsType[*kiosk.PrintStopped](err); ok != tt.works || ok && stop.State != kiosk.PrinterOffline {
					t.Errorf("got %v", err)
				}
				if w.habit.never == tt.works {
					t.Errorf("got %+v", w.habit)
				}
			})
		})
	}
}
