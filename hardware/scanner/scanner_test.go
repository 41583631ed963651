package scanner_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"redstation/hardware/scanner"
	"redstation/kiosk"
)

func TestAWrongNameSaysWhatIsAccepted(t *testing.T) {
	for _, dsn := range []string{"", "serial", "serial:", "serial:?baud=9600", "serial:/dev/x?baud=fast", "serial:/dev/x?baud=9600&baud=1",
		"serial:/dev/x?speed=9600", "serial:/dev/x?baud=0", "serial:/dev/x?%zz", "evdev:", "evdev:12:34", "evdev:0c2e:0b6x", "evdev:event3",
		"evdev:0c2e:0b61?gap=5", "evdev:0c2e:0b61?gap=1ms", "evdev:0c2e:0b61?gap=2h", "evdev:/dev/input/event3?idle=1s",
		"wedge:x", "sim:1", "none:0", "usb:1"} {
		t.Run(dsn, func(t *testing.T) {
			_, err := scanner.Open(dsn, scanner.Opts{})
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Fatalf("got %v, want code invalid", err)
			}
			if !strings.Contains(err.Error(), "use serial:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line that says what is accepted: %v", err)
			}
		})
	}
}

func TestAMissingScannerSaysWhatToDo(t *testing.T) {
	for dsn, remedy := range map[string]string{
		"serial:/dev/no-such-port":       "is the cable in",
		"serial:ttyACM99?baud=9600":      "is the cable in",
		"serial:/dev/null":               "no serial port",
		"evdev:/dev/input/by-id/no-such": "is it plugged in",
		"evdev:FFFF:fffe":                "is it plugged in",
		"evdev:FFFF:fffe?gap=250ms":      "is it plugged in",
		"evdev:/dev":                     "no input device",
		"evdev:/dev/null":                "no input device",
	} {
		t.Run(dsn, func(t *testing.T) {
			_, err := scanner.Open(dsn, scanner.Opts{})
			if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
				t.Fatalf("got %v, want code unavailable", err)
			}
			if s := err.Error(); !strings.Contains(s, remedy) || !strings.Contains(s, dsn) || strings.Contains(s, "\n") {
				t.Errorf("not one line with %q: %v", remedy, err)
			}
		})
	}
}

// running is a scanner that runs.
type running struct {
	scans chan kiosk.Scan
	stop  context.CancelFunc
	ended chan error
}

func run(t *testing.T, s *scanner.Scanner) running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := running{make(chan kiosk.Scan, 16), stop, make(chan error, 1)}
	go func() { r.ended <- s.Run(ctx, func(scan kiosk.Scan) { r.scans <- scan }) }()
	return r
}

// end returns how the run ended.
func (r running) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("it runs on")
		return nil
	}
}

func (r running) stopped(t *testing.T) {
	t.Helper()
	r.stop()
	if err := r.end(t); err != nil {
		t.Errorf("run: %v", err)
	}
}

func (r running) want(t *testing.T, text string) {
	t.Helper()
	select {
	case got := <-r.scans:
		if got.Text != text {
			t.Fatalf("got %q, want %q", got.Text, text)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("no scan, want %q", text)
	}
}

func open(t *testing.T, dsn string) *scanner.Scanner {
	t.Helper()
	s, err := scanner.Open(dsn, scanner.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSimulatedScannerTellsCodes(t *testing.T) {
	s := open(t, "sim:")
	r := run(t, s)
	s.Sim().Scan("garbage\x00")
	s.Sim().Scan("SB1:7K3QF9TZ2M")
	r.want(t, "SB1:7K3QF9TZ2M")
	if got := s.Stats(); got != (scanner.Stats{Scans: 1, Garbage: 1}) {
		t.Errorf("counters %+v", got)
	}
	r.stopped(t)
}

func TestScannersWithoutADeviceTellNothingAndStop(t *testing.T) {
	for _, dsn := range []string{"none:", "wedge:"} {
		s := open(t, dsn)
		r := run(t, s)
		r.stopped(t)
		if len(r.scans) != 0 || s.Sim() != nil || s.Wedge() != (dsn == "wedge:") || s.Close() != nil {
			t.Errorf("%s: got %d scans, controls %v, wedge %t", dsn, len(r.scans), s.Sim(), s.Wedge())
		}
	}
}
