package printer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"redstation/hardware/escpos"
	"redstation/hardware/printer"
	"redstation/hardware/printertest"
	"redstation/kiosk"
)

// TestMain lets many of these tests wait at a time: they hardly work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// stand makes a stand-in printer.
type stand func(testing.TB, printertest.Opts) *printertest.Printer

// overEach runs a test over TCP and over a serial line.
func overEach(t *testing.T, test func(*testing.T, stand)) {
	t.Parallel()
	t.Run("tcp", func(t *testing.T) { t.Parallel(); test(t, printertest.TCP) })
	t.Run("pty", func(t *testing.T) { t.Parallel(); test(t, printertest.PTY) })
}

// slip is a receipt of some length with a picture in it.
func slip(number string) kiosk.Receipt {
	r := kiosk.Receipt{Lines: []kiosk.Line{{Text: number, Size: kiosk.Huge, Align: kiosk.Center}, {Rule: true}}}
	for i := range 12 {
		r.Lines = append(r.Lines, kiosk.Line{Text: fmt.Sprintf("第%d行：凭此单到驿站办理，请妥善保管", i+1)})
	}
	return kiosk.Receipt{Lines: append(r.Lines, kiosk.Line{QR: "RS1:7K3QF9TZ2M4XW8AB"}, kiosk.Line{Text: "谢谢"})}
}

// rows is the length of slip on 80 mm paper.
func rows(t *testing.T) int {
	t.Helper()
	b, err := escpos.Encode(slip("A001"), escpos.Paper80())
	if err != nil {
		t.Fatal(err)
	}
	pr, err := escpos.Interpret(b, escpos.Paper80())
	if err != nil {
		t.Fatal(err)
	}
	return pr.Height()
}

// patience is how long something may take that has to happen, on a busy machine.
const patience = 30 * time.Second

// until waits for a state.
func until(t *testing.T, p *printer.Printer, want kiosk.PrinterState) {
	t.Helper()
	var got kiosk.PrinterState
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if got = p.State(t.Context()); got == want {
			return
		}
	}
	t.Fatalf("the state stays %s, want %s (%v)", got, want, p.Err())
}

// print prints when the printer is ready for it.
func print(t *testing.T, p *printer.Printer, r kiosk.Receipt) error {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = p.Print(t.Context(), r); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			return err
		}
	}
	return err
}

// complete returns how many whole slips with this number came out.
func complete(p *printertest.Printer, number string) (n int) {
	for _, s := range p.Slips() {
		if s.Complete && strings.HasPrefix(s.Text, number+"\n") {
			n++
		}
	}
	return n
}

func TestAPrinterThatAnswersPrintsToTheFence(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{})
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterReady)
		for i := range 3 {
			if err := print(t, p, slip(fmt.Sprintf("A%03d", i))); err != nil {
				t.Fatal(err)
			}
			if got := complete(s, fmt.Sprintf("A%03d", i)); got != 1 {
				t.Fatalf("slip %d: %d came out before Print returned, want 1: %+v", i, got, s.Slips())
			}
		}
		for _, slip := range s.Slips() {
			if slip.Unknown != 0 || slip.Rows != rows(t) {
				t.Errorf("got %d rows and %d unknown bytes, want %d and none", slip.Rows, slip.Unknown, rows(t))
			}
		}
		if st := p.Stats(); st.Jobs != 3 || st.Bytes == 0 || st.Garbage != 0 {
			t.Errorf("got %+v, want 3 jobs and no garbage", st)
		}
		s.SetLow(true)
		until(t, p, kiosk.PrinterPaperLow)
		if err := print(t, p, slip("B001")); err != nil || complete(s, "B001") != 1 {
			t.Errorf("the end of the roll is in sight, and nothing comes: %v", err)
		}
	})
}

func TestAPrinterThatNeverAnswersIsUnknownAndPrints(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{Mute: true, Profile: escpos.Paper58()})
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterUnknown)
		if err := p.Print(t.Context(), slip("A001")); err != nil {
			t.Fatal(err)
		}
		if got := p.State(t.Context()); got != kiosk.PrinterUnknown {
			t.Errorf("got %s, want unknown", got)
		}
		for end := time.Now().Add(patience); complete(s, "A001") != 1; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("got %+v, want a whole slip", s.Slips())
			}
		}
	})
}

func TestAPrinterThatFallsSilentIsOffline(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{})
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterReady)
		s.Silent(true)
		until(t, p, kiosk.PrinterOffline)
		if err := p.Print(t.Context(), slip("A001")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Errorf("got %v, want code unavailable", err)
		}
		if got := s.Slips(); len(got) != 0 {
			t.Errorf("got %+v, want nothing", got)
		}
		s.Silent(false)
		until(t, p, kiosk.PrinterReady)
	})
}

func TestNothingIsSentWhereTheStateForbidsIt(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{})
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterReady)
		for _, tt := range []struct {
			want  kiosk.PrinterState
			spoil func(bool)
		}{
			{kiosk.PrinterNoPaper, func(on bool) { s.SetPaper(!on) }},
			{kiosk.PrinterCover, s.SetCover},
			{kiosk.PrinterError, s.SetFailed},
		} {
			tt.spoil(true)
			until(t, p, tt.want)
			if err := p.Print(t.Context(), slip("A001")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
				t.Errorf("%s: got %v, want code unavailable", tt.want, err)
			}
			tt.spoil(false)
			until(t, p, kiosk.PrinterReady)
		}
		if got := s.Slips(); len(got) != 0 {
			t.Errorf("got %+v, want nothing", got)
		}
	})
}

// TestWhatHappensInAJobIsTold breaks jobs off at several heights. A job that did not
// come out whole is an error that says why, and the next one is whole and stands alone.
func TestWhatHappensInAJobIsTold(t *testing.T) {
	faults := []struct {
		name  string
		want  kiosk.PrinterState
		spoil func(s *printertest.Printer, at int)
		mend  func(s *printertest.Printer)
	}{
		{"paper out", kiosk.PrinterNoPaper,
			func(s *printertest.Printer, at int) { s.PaperOutAfter(at) },
			func(s *printertest.Printer) { s.SetPaper(true) }},
		{"cover open", kiosk.PrinterCover,
			func(s *printertest.Printer, at int) { s.After(at, func() { s.SetCover(true) }) },
			func(s *printertest.Printer) { s.SetCover(false) }},
		{"an error that stays", kiosk.PrinterError,
			func(s *printertest.Printer, at int) { s.After(at, func() { s.SetFailed(true) }) },
			func(s *printertest.Printer) { s.SetFailed(false) }},
		{"cable out", kiosk.PrinterOffline,
			func(s *printertest.Printer, at int) { s.After(at, s.Unplug) },
			func(s *printertest.Printer) { s.Replug() }},
		{"power off", kiosk.PrinterOffline,
			func(s *printertest.Printer, at int) { s.After(at, func() { s.SetPower(false) }) },
			func(s *printertest.Printer) { s.SetPower(true) }},
		{"a stall", kiosk.PrinterOffline,
			func(s *printertest.Printer, at int) {
				s.After(at, func() { s.Stall(true); s.Silent(true) })
			},
			func(s *printertest.Printer) { s.Silent(false); s.Stall(false) }},
	}
	whole := rows(t)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			overEach(t, func(t *testing.T, stand stand) {
				for _, at := range []int{1, whole / 3, whole - 40} {
					s := stand(t, printertest.Opts{Options: "stall=1s"})
					p := open(t, s.DSN(), printer.Opts{})
					until(t, p, kiosk.PrinterReady)
					f.spoil(s, at)
					err := print(t, p, slip("A001"))
					stop, ok := errors.AsType[*kiosk.PrintStopped](err)
					if !ok || stop.State != f.want || kiosk.CodeOf(err) == kiosk.CodeUnavailable {
						t.Fatalf("at %d: got %v, want a stop for %s", at, err, f.want)
					}
					until(t, p, f.want)
					f.mend(s)
					until(t, p, kiosk.PrinterReady)
					if err := print(t, p, slip("B002")); err != nil {
						t.Fatalf("at %d: the next slip: %v", at, err)
					}
					if got := complete(s, "B002"); got != 1 {
						t.Errorf("at %d: the next slip came out %d times: %+v", at, got, s.Slips())
					}
				}
			})
		})
	}
}

func TestGarbageFromThePrinterOnlyCounts(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{})
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterReady)
		for seed := range uint64(4) {
			s.Garbage(1<<18, seed)
			for range 5 {
				switch got := p.State(t.Context()); got {
				case kiosk.PrinterReady, kiosk.PrinterOffline: // its answers stand behind the garbage
				default:
					t.Errorf("garbage made it %s", got)
				}
			}
			until(t, p, kiosk.PrinterReady)
			if err := print(t, p, slip(fmt.Sprintf("A%03d", seed))); err != nil {
				t.Fatal(err)
			}
			if got := complete(s, fmt.Sprintf("A%03d", seed)); got != 1 {
				t.Errorf("%d slips came out", got)
			}
		}
		if st := p.Stats(); st.Garbage < 1<<18 {
			t.Errorf("got %+v, want the garbage counted", st)
		}
	})
}

func TestAWedgedPrinterHoldsNobodyUp(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{Mute: true, Options: "stall=5m"})
		p := open(t, s.DSN(), printer.Opts{})
		s.Stall(true)
		long := slip("A001")
		for range 20 {
			long.Lines = append(long.Lines, kiosk.Line{QR: "RS1:7K3QF9TZ2M4XW8AB"})
		}
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		printed := make(chan error, 1)
		go func() { printed <- p.Print(ctx, long) }()
		asked := make(chan kiosk.PrinterState)
		go func() {
			for range 1000 {
				p.State(ctx)
			}
			asked <- p.State(ctx)
		}()
		select {
		case <-asked:
		case <-time.After(patience):
			t.Fatal("the state waits for the job")
		}
		select {
		case err := <-printed:
			if err == nil {
				t.Error("it counts as printed")
			}
		case <-time.After(patience):
			t.Fatal("the job waits for ever")
		}
	})
}

func TestADeviceThatIsNotThereSaysWhatToDoAndIsTakenUp(t *testing.T) {
	overEach(t, func(t *testing.T, stand stand) {
		s := stand(t, printertest.Opts{})
		s.Unplug()
		_, err := printer.Open(s.DSN(), printer.Opts{})
		if kiosk.CodeOf(err) != kiosk.CodeUnavailable || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "?") {
			t.Fatalf("got %v, want one line that says what to do", err)
		}
		s.Replug()
		p := open(t, s.DSN(), printer.Opts{})
		until(t, p, kiosk.PrinterReady)
		s.Unplug()
		until(t, p, kiosk.PrinterOffline)
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), "?") {
			t.Errorf("got %v, want what to do", err)
		}
		s.Replug()
		until(t, p, kiosk.PrinterReady)
		if err := p.Err(); err != nil {
			t.Errorf("it is there, and yet %v", err)
		}
	})
}

// TestAStoppedFlowIsPassedBy: most printers stop the flow when their paper is out,
// which would hold the questions up as well.
func TestAStoppedFlowIsPassedBy(t *testing.T) {
	s := printertest.PTY(t, printertest.Opts{XonXoff: true, Buffer: 1024, Options: "stall=1s"})
	p := open(t, s.DSN(), printer.Opts{})
	until(t, p, kiosk.PrinterReady)
	s.PaperOutAfter(100)
	err := print(t, p, slip("A001"))
	if stop, ok := errors.AsType[*kiosk.PrintStopped](err); !ok || stop.State != kiosk.PrinterNoPaper {
		t.Fatalf("got %v, want a stop for want of paper", err)
	}
	until(t, p, kiosk.PrinterNoPaper)
	s.SetPaper(true)
	until(t, p, kiosk.PrinterReady)
	if err := print(t, p, slip("B002")); err != nil || complete(s, "B002") != 1 {
		t.Errorf("the next slip: %v, %+v", err, s.Slips())
	}
}
