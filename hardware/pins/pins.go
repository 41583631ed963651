// Package pins is what the booth's devices on GPIO lines share: it reads their
// DSNs, finds their pins, watches an input, and settles what bounces.
//
// The level of an input is the truth; an edge only wakes the loop. So lost, stale
// and extra edges do no harm, and a wait is always finite. Only the kernel's
// character device drives the pins: it runs alike on every Pi and wants no root.
package pins

import (
	"fmt"
	"log/slog"
	"strings"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	_ "periph.io/x/host/v3/gpioioctl" // the kernel's GPIO lines; the only driver that runs alike on every Pi

	"redstation/kiosk"
)

// Find returns the pin of this machine with that name. Device is what hangs on it
// ("door"), for the error: one line with the remedy, with CodeUnavailable. Drivers
// that did not load are logged; they matter only where the pin is missing.
func Find(device, name string, log *slog.Logger) (gpio.PinIO, error) {
	st, err := driverreg.Init()
	if err != nil {
		return nil, missing(device, name, err.Error())
	}
	if p := gpioreg.ByName(name); p != nil {
		for _, f := range st.Failed {
			log.Warn("gpio driver not loaded", slog.String("driver", f.D.String()), slog.Any("error", f.Err))
		}
		return p, nil
	}
	var names []string
	for _, p := range gpioreg.All() {
		names = append(names, p.Name())
	}
	if len(names) > 0 {
		n := min(len(names), 6)
		return nil, missing(device, name, fmt.Sprintf("the %d pins here have names such as %s", len(names), strings.Join(names[:n], ", ")))
	}
	why := "no GPIO chip was found"
	for _, f := range append(st.Failed, st.Skipped...) {
		why += fmt.Sprintf(" (%s: %v)", f.D, f.Err)
	}
	return nil, missing(device, name, why)
}

// missing is the error of a pin that is not there: one line with the remedy.
func missing(device, name, why string) error {
	why = strings.Join(strings.Fields(why), " ")
	return kiosk.Errorf(kiosk.CodeUnavailable, "error."+device,
		"%s pin %q is not there: %s; see the names with gpioinfo, run as a user in group gpio, or choose the %s none:", device, name, why, device)
}

// busy is the error of a pin that cannot be set up.
func busy(device, name, as string, err error) error {
	return kiosk.Errorf(kiosk.CodeUnavailable, "error."+device,
		"%s pin %q: set it up as an %s: %w; is another program using it (gpioinfo names it)?", device, name, as, err)
}

// FindOutput finds the pin with that name, as Find does, and makes it an output with
// that level.
func FindOutput(device, name string, level gpio.Level, log *slog.Logger) (gpio.PinOut, error) {
	p, err := Find(device, name, log)
	if err != nil {
		return nil, err
	}
	if err := p.Out(level); err != nil {
		return nil, busy(device, name, "output", err)
	}
	return p, nil
}
