package boothd

import (
	"context"
	"net"

	"redstation/kiosk"
	"redstation/web/touch"
)

// linesKept is how many lines of the log staff can read on the screen.
const linesKept = 200

// inspector shows the booth to its staff.
type inspector struct{ b *Booth }

var _ touch.Inspector = inspector{}

// Version implements touch.Inspector.
func (i inspector) Version() string { return i.b.version }

// Devices implements touch.Inspector.
func (i inspector) Devices(context.Context) []kiosk.Device {
	st := i.b.kiosk.Status()
	all := []kiosk.Device{i.b.printer.inspect(st.Printer), i.b.door.inspect(st), i.b.scanner.inspect(kiosk.DeviceScanner)}
	for _, extra := range []kiosk.Device{i.b.light.inspect(kiosk.DeviceLight), i.b.buzzer.inspect(kiosk.DeviceBuzzer), i.b.power.inspect(kiosk.DevicePower)} {
		if extra.State != kiosk.DeviceNone { // most booths have none, and miss nothing
			all = append(all, extra)
		}
	}
	return append(all, i.b.kiosk.Health().Device())
}

// Network implements touch.Inspector.
func (i inspector) Network() touch.Network {
	n := touch.Network{Interfaces: interfaces()}
	if e := i.b.enrolment.Load(); e != nil {
		n.Hub = e.Hub
		if i.b.hub != "" {
			n.Hub = i.b.hub
		}
	}
	return n
}

// interfaces lists the network interfaces that are up, but not the machine's way to
// itself. What cannot be read is left out.
func interfaces() []touch.Interface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var up []touch.Interface
	for _, n := range all {
		if n.Flags&net.FlagUp == 0 || n.Flags&net.FlagLoopback != 0 {
			continue
		}
		shown := touch.Interface{Name: n.Name}
		addresses, err := n.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLinkLocalUnicast() {
				shown.Addresses = append(shown.Addresses, a.String())
			}
		}
		up = append(up, shown)
	}
	return up
}

// Log implements touch.Inspector.
func (i inspector) Log() []touch.LogLine {
	lines := i.b.ring.Lines()
	out := make([]touch.LogLine, len(lines))
	for n, l := range lines {
		out[n] = touch.LogLine{At: l.At, Level: l.Level, Text: l.Text}
	}
	return out
}
