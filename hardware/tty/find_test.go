package tty

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"
)

// build makes a machine out of folders, files ("name=text") and links ("name>target").
func build(t *testing.T, sys, dev []string) machine {
	t.Helper()
	m := machine{sys: filepath.Join(t.TempDir(), "sys"), dev: filepath.Join(t.TempDir(), "dev")}
	for root, items := range map[string][]string{m.sys: sys, m.dev: dev} {
		for _, item := range items {
			name, text, isFile := strings.Cut(item, "=")
			name, target, isLink := strings.Cut(name, ">")
			err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755)
			switch {
			case err != nil:
			case isLink:
				err = os.Symlink(target, filepath.Join(root, name))
			case isFile:
				err = os.WriteFile(filepath.Join(root, name), []byte(text), 0o600)
			default:
				err = os.MkdirAll(filepath.Join(root, name), 0o755)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// pi is a Raspberry Pi with a printer and a scanner.
func pi(t *testing.T) machine {
	return build(t, []string{
		"console", "ptmx", "tty0", "tty1",
		"ttyAMA0/device", "ttyAMA10/device", "ttyAMA0/type=32\n",
		"ttyS0/device", "ttyS0/type=0\n", "ttyS1/device", "ttyS1/type=4\n",
		"ttyUSB0/device", "ttyACM0/device", "ttyACM1", "ttyprintk", "ttySAC0/device", "ttyGS0/device",
	}, []string{
		"ttyAMA0=", "ttyAMA10=", "ttyS1=", "ttyUSB0=", "ttyACM0=",
		"serial0>ttyAMA10", "serial1>ttyS7",
		"serial/by-id/usb-1a86_USB_Serial-if00-port0>../../ttyUSB0",
		"serial/by-id/usb-Scanner:1-if00>../../ttyACM0",
		"serial/by-path/pci-0000:00:1d.0-usb-0:1>../../ttyUSB0",
	})
}

func TestThePortsOfAMachine(t *testing.T) {
	m := pi(t)
	got, err := m.find()
	if err != nil {
		t.Fatal(err)
	}
	want := []port{
		{"ttyACM0", nil, filepath.Join(m.dev, "ttyACM0")},
		{"ttyAMA0", nil, filepath.Join(m.dev, "ttyAMA0")},
		{"ttyAMA10", []string{"serial0"}, filepath.Join(m.dev, "ttyAMA10")},
		{"ttyS1", nil, filepath.Join(m.dev, "ttyS1")},
		{"ttyUSB0", []string{"usb-1a86_USB_Serial-if00-port0"}, filepath.Join(m.dev, "ttyUSB0")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTheDriverRegistersThePorts(t *testing.T) {
	d := &ports{pi(t)}
	loaded, err := d.Init()
	if !loaded || err != nil {
		t.Fatalf("got %t and %v, want it loaded", loaded, err)
	}
	var names []string
	for _, r := range uartreg.All() {
		names = append(names, r.Name)
		if r.Number != -1 {
			t.Errorf("%s has number %d, want none", r.Name, r.Number)
		}
		defer func() {
			if err := uartreg.Unregister(r.Name); err != nil {
				t.Error(err)
			}
		}()
	}
	if got, want := strings.Join(names, " "), "ttyACM0 ttyAMA0 ttyAMA10 ttyS1 ttyUSB0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err = uartreg.Open("serial0") // a file here
	if err == nil || !strings.Contains(err.Error(), "no serial port") {
		t.Errorf("open by alias: got %v, want that the file is no serial port", err)
	}
	if loaded, err := d.Init(); !loaded || err == nil {
		t.Errorf("ports that are registered already: got %t and %v, want a failure", loaded, err)
	}
}

func TestADriverWithoutPortsIsSkipped(t *testing.T) {
	for name, m := range map[string]machine{
		"nothing but placeholders": build(t, []string{"ttyS0/device", "ttyS0/type=0\n"}, nil),
		"no list of ttys":          {sys: filepath.Join(t.TempDir(), "none"), dev: t.TempDir()},
	} {
		if loaded, err := (&ports{m}).Init(); loaded || err == nil {
			t.Errorf("%s: got %t and %v, want it skipped with a reason", name, loaded, err)
		}
	}
}

func TestTheDriverIsRegisteredOnce(t *testing.T) {
	for range 2 {
		if err := Register(); err != nil {
			t.Fatal(err)
		}
	}
	st, err := driverreg.Init()
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, d := range st.Loaded {
		if d.String() == "tty-uart" {
			known++
		}
	}
	for _, f := range st.Skipped { // a machine without ports
		if f.D.String() == "tty-uart" {
			known++
		}
	}
	if known != 1 {
		t.Errorf("the driver is known %d times: %v", known, st)
	}
}

func TestAMissingNameListsThePorts(t *testing.T) {
	if _, err := pi(t).open("ttyUSB7"); err == nil || !strings.Contains(err.Error(), "the ports here are ttyACM0, ttyAMA0") {
		t.Errorf("got %v", err)
	}
}

func TestPinsAreTheBoardsOwn(t *testing.T) {
	pin := &gpiotest.Pin{N: "GPIO14", Num: -1}
	if err := gpioreg.Register(pin); err != nil {
		t.Fatal(err)
	}
	if err := gpioreg.RegisterAlias("UART0_TX", "GPIO14"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(gpioreg.Unregister("UART0_TX"), gpioreg.Unregister("GPIO14")); err != nil {
			t.Error(err)
		}
	}()
	if p := (&Port{name: "ttyAMA0"}); p.TX().String() != "UART0_TX(GPIO14)" || p.CTS() != gpio.INVALID || p.RTS() != gpio.INVALID {
		t.Errorf("got TX %s, CTS %s, want GPIO14 and no other", p.TX(), p.CTS())
	}
	if p := (&Port{name: "ttyUSB0"}); p.TX() != gpio.INVALID {
		t.Errorf("a USB adapter has the board's pin %s", p.TX())
	}
}

func TestDrainWaitsForTheLastByte(t *testing.T) {
	m, err := newMode(9600*physic.Hertz, uart.One, uart.Even, uart.NoFlow, 8)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		empty := began.Add(m.wire(960)) // 11 bits each: 1.1 s
		queue := func() (int, error) { return int(time.Until(empty) * 9600 / 11 / time.Second), nil }
		if err := drain(t.Context(), m, queue); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 1090*time.Millisecond || took > 1160*time.Millisecond {
			t.Errorf("took %v, want 1.1 s", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := drain(ctx, m, func() (int, error) { return 77, nil })
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "77 bytes") {
			t.Errorf("a device that takes nothing: got %v", err)
		}
	})
	broken := errors.New("broken")
	if err := drain(t.Context(), m, func() (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestARateWithinThreePercentWillDo(t *testing.T) {
	for got, want := range map[uint32]bool{115200: true, 111743: false, 111744: true, 118656: true, 118657: false, 0: false} {
		if near(got, 115200) != want {
			t.Errorf("%d for 115200: got %t, want %t", got, !want, want)
		}
	}
}
