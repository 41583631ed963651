package tty_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"

	"redstation/hardware/linktest"
	"redstation/hardware/tty"
)

func TestAPortThatDoesNotOpenSaysWhatToDo(t *testing.T) {
	_, taken := linktest.PTY(t)
	open(t, taken)
	file := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, port string
		is         error
		remedy     string
	}{
		{"a path where nothing is", "/dev/no-such-port", fs.ErrNotExist, "is the cable in"},
		{"a name that no port has", "ttyNOSUCH9", fs.ErrNotExist, "dtoverlay=disable-bt"},
		{"no name", "", fs.ErrNotExist, "is the cable in"},
		{"a port that another program has", taken, syscall.EBUSY, "fuser -v " + taken},
		{"a file", file, syscall.ENOTTY, "no serial port"},
		{"a folder", filepath.Dir(file), syscall.EISDIR, "no serial port"},
		{"another device", "/dev/null", syscall.ENOTTY, "no serial port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tty.Open(tt.port)
			if !errors.Is(err, tt.is) {
				t.Fatalf("got %v, want %v", err, tt.is)
			}
			if s := err.Error(); !strings.Contains(s, tt.remedy) || strings.Contains(s, "\n") {
				t.Errorf("not one line with %q: %v", tt.remedy, err)
			}
		})
	}
}

func TestThePortRunsAsItWasTold(t *testing.T) {
	for _, tt := range []struct {
		name  string
		baud  physic.Frequency
		stop  uart.Stop
		flow  uart.Flow
		speed uint32
		cflag uint32
		iflag uint32
	}{
		{"a usual rate", 9600 * physic.Hertz, uart.One, uart.NoFlow, 9600, 0, 0},
		{"a rate that no constant names", 123457 * physic.Hertz, uart.One, uart.NoFlow, 123457, 0, 0},
		{"two stop bits", 115200 * physic.Hertz, uart.Two, uart.NoFlow, 115200, unix.CSTOPB, 0},
		{"flow control by wires", 115200 * physic.Hertz, uart.One, uart.RTSCTS, 115200, unix.CRTSCTS, 0},
		{"flow control by characters", 19200 * physic.Hertz, uart.One, uart.XOnXOff, 19200, 0, unix.IXON},
		{"faster than the limit", 3 * physic.MegaHertz, uart.One, uart.NoFlow, 1500000, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			far, path := linktest.PTY(t)
			p := open(t, path)
			if err := p.LimitSpeed(1500 * physic.KiloHertz); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Connect(tt.baud, tt.stop, uart.NoParity, tt.flow, 8); err != nil {
				t.Fatal(err)
			}
			got := settings(t, far)
			if got.Ospeed != tt.speed {
				t.Errorf("speed got %d, want %d", got.Ospeed, tt.speed)
			}
			if f := got.Cflag & (unix.CSTOPB | unix.CRTSCTS | unix.PARENB | unix.HUPCL | unix.CLOCAL); f != tt.cflag|unix.CLOCAL {
				t.Errorf("control flags got %#x, want %#x", f, tt.cflag|unix.CLOCAL)
			}
			if got.Iflag&^unix.IGNBRK != tt.iflag || got.Oflag != 0 || got.Lflag != 0 {
				t.Errorf("the line is not raw: %+v", got)
			}
		})
	}
}

// settings reads a pseudo-terminal's settings from the device's end, which is also
// how a driver changes them behind a program's back.
func settings(t *testing.T, far *os.File) *unix.Termios {
	t.Helper()
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var got *unix.Termios
	var inner error
	if err := raw.Control(func(fd uintptr) { got, inner = unix.IoctlGetTermios(int(fd), unix.TCGETS2) }); err != nil || inner != nil {
		t.Fatal(err, inner)
	}
	return got
}

// TestASettingThatIsNotKeptIsRefused uses that a pseudo-terminal, like the mini UART of
// a Raspberry Pi, takes a parity or 7 bits without a word and does not keep them.
func TestASettingThatIsNotKeptIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		baud   physic.Frequency
		stop   uart.Stop
		parity uart.Parity
		flow   uart.Flow
		bits   int
		want   string
	}{
		{"parity", 9600 * physic.Hertz, uart.One, uart.Even, uart.NoFlow, 8, "cannot do this: parity E"},
		{"seven bits", 9600 * physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 7, "cannot do this: 7 bits"},
		{"no speed", 0, uart.One, uart.NoParity, uart.NoFlow, 8, "speed 0Hz"},
		{"less than one baud", physic.MilliHertz, uart.One, uart.NoParity, uart.NoFlow, 8, "times physic.Hertz"},
		{"nine bits", 9600 * physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 9, "9 bits"},
		{"half a stop bit", 9600 * physic.Hertz, uart.OneHalf, uart.NoParity, uart.NoFlow, 8, "stop bits"},
		{"a parity of its own", 9600 * physic.Hertz, uart.One, 'X', uart.NoFlow, 8, `parity 'X'`},
		{"no flow at all", 9600 * physic.Hertz, uart.One, uart.NoParity, 0, 8, "flow control"},
		{"one character for two", 9600 * physic.Hertz, uart.One, uart.NoParity, uart.MakeXOnXOffFlow(7, 7), 8, "are the same"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, path := linktest.PTY(t)
			p := open(t, path)
			_, err := p.Connect(tt.baud, tt.stop, tt.parity, tt.flow, tt.bits)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want one that says %q of %s", err, tt.want, path)
			}
			if _, err := p.Connect(9600*physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 8); err != nil {
				t.Errorf("after the refusal the usual settings are refused too: %v", err)
			}
		})
	}
	t.Run("a limit of nothing", func(t *testing.T) {
		_, path := linktest.PTY(t)
		if err := open(t, path).LimitSpeed(0); err == nil {
			t.Error("got no error")
		}
	})
}

func TestAPortIsConnectedOnce(t *testing.T) {
	_, path := linktest.PTY(t)
	p := open(t, path)
	again := func() error {
		_, err := p.Connect(9600*physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 8)
		return err
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
	if err := again(); err == nil || !strings.Contains(err.Error(), "connected already") {
		t.Errorf("second: got %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := again(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: got %v, want os.ErrClosed", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("closing again: got %v, want nothing", err)
	}
}

func TestATransactionWritesThenReads(t *testing.T) {
	far, path := linktest.PTY(t)
	c := connect(t, path, uart.NoFlow)
	if c.Duplex() != conn.Half || c.String() != path+"@115200" {
		t.Errorf("got %s %s", c.Duplex(), c)
	}
	answered := make(chan error, 1)
	go func() {
		query := make([]byte, 3)
		_, err := io.ReadFull(far, query)
		if err == nil {
			_, err = far.Write([]byte{query[2] | 0x10})
		}
		answered <- err
	}()
	reply := make([]byte, 1)
	if err := c.Tx([]byte{0x10, 0x04, 0x02}, reply); err != nil || reply[0] != 0x12 {
		t.Errorf("got %#x and %v, want 0x12", reply, err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if err := c.Tx(nil, make([]byte, 2)); !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "0 of 2") {
		t.Errorf("a silent device: got %v, want os.ErrDeadlineExceeded after 0 of 2 bytes", err)
	}
	if err := c.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := c.Tx(nil, reply); err != nil {
		t.Errorf("a deadline from outside bound a transaction: %v", err)
	}
	if _, err := c.Read(reply); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v: the transaction lost the deadline", err)
	}
}

// TestAWriteWithoutADeadlineEnds is about a device that stops the flow for ever.
func TestAWriteWithoutADeadlineEnds(t *testing.T) {
	_, path := linktest.PTY(t)
	c := connect(t, path, uart.NoFlow)
	var err error
	for until := time.Now().Add(time.Minute); err == nil && time.Now().Before(until); {
		_, err = c.Write(make([]byte, 1024))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want os.ErrDeadlineExceeded", err)
	}
}

func TestFlushDropsWhatWasReceived(t *testing.T) {
	far, path := linktest.PTY(t)
	c := connect(t, path, uart.NoFlow)
	if _, err := far.Write([]byte("old")); err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	if _, err := io.ReadFull(c, one); err != nil || one[0] != 'o' { // so all three are here
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, one); err != nil || one[0] != 'n' {
		t.Errorf("got %q and %v, want what came after the flush", one, err)
	}
	if err := c.Drain(t.Context()); err != nil {
		t.Errorf("drain of nothing: %v", err)
	}
}

func TestAnUnpluggedPortSaysSo(t *testing.T) {
	far, path := linktest.PTY(t)
	c := connect(t, path, uart.NoFlow)
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	_, read := c.Read(make([]byte, 1))
	_, write := c.Write([]byte("x"))
	for deed, err := range map[string]error{"read": read, "write": write, "drain": c.Drain(t.Context()), "flush": c.Flush()} {
		if !errors.Is(err, tty.ErrGone) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with ErrGone and the path", deed, err)
		}
	}
}

func TestAPortWithANameInTheRegistry(t *testing.T) {
	_, path := linktest.PTY(t)
	if err := uartreg.Register("ttyTEST", []string{"till"}, -1, func() (uart.PortCloser, error) { return tty.Open(path) }); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := uartreg.Unregister("ttyTEST"); err != nil {
			t.Error(err)
		}
	}()
	for _, name := range []string{"ttyTEST", "till"} {
		p, err := tty.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.String() != path || p.RX() != gpio.INVALID {
			t.Errorf("got %s with pin %s", p, p.RX())
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
