package scanner_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"redstation/hardware/linktest"
	"redstation/hardware/scanner"
	"redstation/hardware/tty"
	"redstation/kiosk"
)

func TestAScannerOnASerialPort(t *testing.T) {
	far, path := linktest.PTY(t)
	s, err := scanner.Open("serial:"+path+"?baud=9600", scanner.Opts{Idle: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scanner.Open("serial:"+path, scanner.Opts{}); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("a second open got %v, want code unavailable", err)
	}
	r := run(t, s)
	defer r.stopped(t)
	for _, b := range [][]byte{[]byte("\xff\x00\r"), bytes.Repeat([]byte("no end "), 1000), []byte("\nSB1:7K3"), []byte("QF9TZ2M\r\n北山 07\n")} {
		if _, err := far.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	r.want(t, "SB1:7K3QF9TZ2M")
	r.want(t, "北山 07")
	if got := s.Stats(); got != (scanner.Stats{Scans: 2, Garbage: 2}) {
		t.Errorf("counters %+v, want 2 scans and 2 pieces of garbage", got)
	}
}

func TestAScannerThatIsUnpluggedEndsTheRun(t *testing.T) {
	far, path := linktest.PTY(t)
	r := run(t, open(t, "serial:"+path))
	if _, err := far.Write([]byte("A1\r")); err != nil {
		t.Fatal(err)
	}
	r.want(t, "A1")
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.end(t); kiosk.CodeOf(err) != kiosk.CodeUnavailable || !errors.Is(err, tty.ErrGone) {
		t.Errorf("got %v, want code unavailable and what went away", err)
	}
}

func TestAStoppedScannerGivesItsPortBack(t *testing.T) {
	_, path := linktest.PTY(t)
	run(t, open(t, "serial:"+path)).stopped(t)
	if err := open(t, "serial:"+path).Close(); err != nil {
		t.Error(err)
	}
}
