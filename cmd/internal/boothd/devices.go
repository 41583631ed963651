package boothd

import (
	"cmp"
	"log/slog"
	"time"

	"redstation/hardware/board"
	"redstation/hardware/tty"
)

// Each device is opened by a name, and may not be there yet, or not any more: it is
// then shown as offline and taken up when it appears. Only a name that no device can
// have keeps the booth from starting.

// reopenAfter is how long a device that could not be opened is left alone.
const reopenAfter = 10 * time.Second

// rescanAfter is the same for a scanner. A loose plug takes it away for a moment,
// and somebody stands before it with a code.
const rescanAfter = time.Second

// openDevices opens what hangs on the machine. Serial ports are made known first:
// periph takes no driver any more once the first pin was looked for.
func (b *Booth) openDevices(c Config) (err error) {
	if err := tty.Register(); err != nil {
		b.log.Warn("serial driver not registered", slog.Any("err", err)) // ports are found all the same
	}
	if b.printer, err = openPrinter(cmp.Or(c.Printer, "none:"), b.log); err != nil {
		return err
	}
	if b.door, err = openDoor(cmp.Or(c.Door, "none:"), b.log); err != nil {
		return err
	}
	if b.scanner, err = openScanner(cmp.Or(c.Scanner, "none:"), rescanAfter, b.log); err != nil {
		return err
	}
	if b.light, err = openBeacon("light", cmp.Or(c.Light, "none:"), b.log); err != nil {
		return err
	}
	if b.buzzer, err = openBeacon("buzzer", cmp.Or(c.Buzzer, "none:"), b.log); err != nil {
		return err
	}
	if b.power, err = openPower(cmp.Or(c.Power, "none:"), c.Grace, b.log); err != nil {
		return err
	}
	if b.powerCmd, err = board.ParseCommand(c.PowerCmd); err != nil {
		return err
	}
	if b.panel, err = openPanel(c.ScreenOn, c.ScreenOff, c.Away); err != nil {
		return err
	}
	b.board, err = board.Open(board.Opts{Data: c.Data, Climate: c.Climate})
	return err
}
