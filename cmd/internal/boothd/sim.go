package boothd

import (
	"context"
	"slices"

	"redstation/hardware/door"
	"redstation/hardware/printer"
	"redstation/hardware/scanner"
	"redstation/kiosk"
	"redstation/web/touch"
)

// devices joins the simulated printer, door and scanner to the screen's device page.
// Each may be nil: its buttons then do nothing.
type devices struct {
	printer *printer.Sim
	door    *door.Sim
	scanner *scanner.Sim
}

var _ touch.Devices = devices{}

// simulated returns the devices of the device page, or nil where none is simulated.
func (b *Booth) simulated() touch.Devices {
	d := devices{printer: b.printer.sim(), door: b.door.sim(), scanner: b.scanner.sim()}
	if d == (devices{}) {
		return nil
	}
	return d
}

// State implements touch.Devices.
func (d devices) State() touch.DeviceState {
	s := touch.DeviceState{Printer: kiosk.PrinterOffline}
	if d.printer != nil {
		s.Printer = d.printer.State()
		s.PaperOut = s.Printer == kiosk.PrinterNoPaper
		s.PaperLow = s.Printer == kiosk.PrinterPaperLow
		s.CoverOpen = s.Printer == kiosk.PrinterCover
	}
	s.DoorOpen = d.door != nil && d.door.IsOpen()
	s.Scanner = d.scanner != nil
	return s
}

// testCode is what the device page holds before the scanner: the form of our codes,
// and none that anybody has.
const testCode = "SB1:0000000000"

// Press implements touch.Devices.
func (d devices) Press(_ context.Context, button string) error {
	var press func()
	switch button {
	case touch.PressPaperOut:
		press = func() { d.printer.SetPaper(false) }
	case touch.PressPaperLow:
		press = func() { d.printer.SetPaperLow(true) }
	case touch.PressPaperIn:
		press = func() { d.printer.SetPaper(true); d.printer.SetPaperLow(false) }
	case touch.PressCoverOpen:
		press = func() { d.printer.SetCover(true) }
	case touch.PressCoverClose:
		press = func() { d.printer.SetCover(false) }
	case touch.PressDoorOpen, touch.PressDoorClose:
		if d.door != nil {
			d.door.SetOpen(button == touch.PressDoorOpen)
		}
		return nil
	case touch.PressScan:
		if d.scanner != nil {
			d.scanner.Scan(testCode)
		}
		return nil
	default:
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "the devices have no button %q", button)
	}
	if d.printer != nil {
		press()
	}
	return nil
}

// Papers implements touch.Devices.
func (d devices) Papers() []touch.PaperInfo {
	if d.printer == nil {
		return nil
	}
	var list []touch.PaperInfo
	for _, p := range d.printer.Papers() {
		list = append(list, touch.PaperInfo{N: p.N, At: p.At})
	}
	return list
}

// Paper implements touch.Devices.
func (d devices) Paper(n int) ([]byte, bool) {
	if d.printer == nil {
		return nil, false
	}
	papers := d.printer.Papers()
	i := slices.IndexFunc(papers, func(p printer.Paper) bool { return p.N == n })
	if i < 0 {
		return nil, false
	}
	return papers[i].PNG, true
}
