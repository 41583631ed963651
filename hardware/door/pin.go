package door

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

// findPin returns the pin of this machine with that name. Drivers that did not load
// are logged; they matter only where the pin is missing.
func findPin(name string, log *slog.Logger) (gpio.PinIn, error) {
	st, err := driverreg.Init()
	if err != nil {
		return nil, missing(name, err.Error())
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
		return nil, missing(name, fmt.Sprintf("the %d pins here have names such as %s", len(names), strings.Join(names[:n], ", ")))
	}
	why := "no GPIO chip was found"
	for _, f := range append(st.Failed, st.Skipped...) {
		why += fmt.Sprintf(" (%s: %v)", f.D, f.Err)
	}
	return nil, missing(name, why)
}

// missing is the error of a pin that is not there: one line with the remedy.
func missing(name, why string) error {
	why = strings.Join(strings.Fields(why), " ")
	return kiosk.Errorf(kiosk.CodeUnavailable, "error.door",
		"door pin %q is not there: %s; see the names with gpioinfo, run as a user in group gpio, or choose the door none:", name, why)
}
