package printer_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"sync"
	"testing"
	"time"

	"redstation/hardware/printer"
	"redstation/kiosk"
)

func TestTheTrayKeepsTheLastTwentyPapersNewestFirst(t *testing.T) {
	p := fast(t)
	for i := range 23 {
		if err := p.Print(t.Context(), receipt(fmt.Sprintf("第%d张", i+1))); err != nil {
			t.Fatal(err)
		}
	}
	papers := p.Sim().Papers()
	if len(papers) != 20 || papers[0].N != 23 || papers[19].N != 4 {
		t.Fatalf("got %d papers from %d to %d, want 20 from 23 to 4", len(papers), papers[0].N, papers[len(papers)-1].N)
	}
	want, err := p.Preview(receipt("第23张"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(papers[0].PNG, want) {
		t.Error("the newest paper does not look like its preview")
	}
	if papers[0].At.IsZero() {
		t.Error("it has no time")
	}
}

func TestTheSimulatedPrinterRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*printer.Sim)
		want kiosk.PrinterState
	}{
		{"without paper", func(s *printer.Sim) { s.SetPaper(false) }, kiosk.PrinterNoPaper},
		{"with its cover open", func(s *printer.Sim) { s.SetCover(true) }, kiosk.PrinterCover},
		{"after its close", func(s *printer.Sim) {}, kiosk.PrinterOffline},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := fast(t)
			tt.do(p.Sim())
			if tt.want == kiosk.PrinterOffline {
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if got := p.State(t.Context()); got != tt.want {
				t.Errorf("state got %s, want %s", got, tt.want)
			}
			if err := p.Print(t.Context(), receipt("x")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
				t.Errorf("got %v, want code unavailable", err)
			}
			if got := len(p.Sim().Papers()); got != 0 {
				t.Errorf("%d papers came out", got)
			}
		})
	}
}

func TestLowPaperPrintsAndANewRollMendsIt(t *testing.T) {
	p := fast(t)
	s := p.Sim()
	s.SetPaperLow(true)
	if got := p.State(t.Context()); got != kiosk.PrinterPaperLow {
		t.Errorf("got %s, want paper_low", got)
	}
	if err := p.Print(t.Context(), receipt("x")); err != nil {
		t.Error(err)
	}
	s.SetPaper(false)
	s.SetPaper(true)
	if got := p.State(t.Context()); got != kiosk.PrinterReady {
		t.Errorf("got %s, want ready", got)
	}
}

func TestPaperThatEndsInAJobIsAnErrorAfterBytesWentOut(t *testing.T) {
	for name, end := range map[string]func(*printer.Sim, context.CancelFunc){
		"no paper":   func(s *printer.Sim, _ context.CancelFunc) { s.SetPaper(false) },
		"cover open": func(s *printer.Sim, _ context.CancelFunc) { s.SetCover(true) },
		"stopped":    func(_ *printer.Sim, stop context.CancelFunc) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, "sim:", printer.Opts{Speed: 20}) // two seconds and a half for this receipt
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var wg sync.WaitGroup
			wg.Go(func() {
				time.Sleep(1300 * time.Millisecond)
				end(p.Sim(), stop)
			})
			err := p.Print(ctx, receipt("x"))
			wg.Wait()
			if err == nil || kiosk.CodeOf(err) == kiosk.CodeUnavailable {
				t.Fatalf("got %v, want an error that is not unavailable", err)
			}
			papers := p.Sim().Papers()
			if len(papers) != 1 {
				t.Fatalf("got %d papers, want the torn one", len(papers))
			}
			img, err := png.Decode(bytes.NewReader(papers[0].PNG))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := p.Preview(receipt("x"))
			if err != nil {
				t.Fatal(err)
			}
			full, err := png.Decode(bytes.NewReader(whole))
			if err != nil {
				t.Fatal(err)
			}
			if got, most := img.Bounds().Dy(), full.Bounds().Dy(); got >= most {
				t.Errorf("the torn paper is %d rows, the whole one %d", got, most)
			}
		})
	}
}

func TestJobsComeOneAfterTheOther(t *testing.T) {
	p := fast(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := p.Print(t.Context(), receipt("x")); err != nil {
				t.Error(err)
			}
			p.Sim().Papers()
		})
	}
	wg.Wait()
	if got := len(p.Sim().Papers()); got != 8 {
		t.Errorf("got %d papers, want 8", got)
	}
}
