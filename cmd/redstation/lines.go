package main

import (
	"fmt"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/kiosk"
)

// lineFlags are the flags of what hangs on the booth's machine beside the devices
// that residents touch.
type lineFlags struct {
	Night        string        `default:"22:00-06:00" placeholder:"FROM-TO" help:"When nobody should open the door, in the city's zone: an opening is then noted as one at night, too; none for never (default: ${default})."`
	Light        string        `default:"none:" placeholder:"DSN" help:"The help light: gpio:GPIO27?active=high, none: has none (default: ${default})."`
	Buzzer       string        `default:"none:" placeholder:"DSN" help:"An active buzzer, likewise: gpio:GPIO23?active=high (default: ${default})."`
	Climate      string        `default:"none:" placeholder:"DSN" help:"A sensor of the booth's air that the kernel reads: iio:/sys/bus/iio/devices/iio:device0, hwmon:/sys/class/hwmon/hwmon1, none: has none (default: ${default})."`
	Power        string        `default:"none:" placeholder:"DSN" help:"The line on which a supply with a battery tells that the mains failed: gpio:GPIO22?active=low, none: has none (default: ${default})."`
	PowerGrace   time.Duration `default:"30s" placeholder:"TIME" help:"When the mains have been away for so long, stop in order (default: ${default})."`
	PowerCmd     string        `placeholder:"COMMAND" help:"Then run this, as in \"systemctl poweroff\"; no shell reads it."`
	ScreenOffCmd string        `placeholder:"COMMAND" help:"Run this when nobody has been there for a while, as in \"wlopm --off HDMI-A-1\"; no shell reads it."`
	ScreenOnCmd  string        `placeholder:"COMMAND" help:"And this when the door opens or somebody touches the screen, as in \"wlopm --on HDMI-A-1\"."`
	ScreenAway   time.Duration `default:"10m" placeholder:"TIME" help:"How long that while is (default: ${default})."`
}

// apply writes the flags into the booth's configuration.
func (f lineFlags) apply(c *boothd.Config) error {
	night, err := kiosk.ParseNight(f.Night)
	if err != nil {
		return usageError{fmt.Errorf("--night: %w", err)}
	}
	c.Night, c.Light, c.Buzzer, c.Climate = night, f.Light, f.Buzzer, f.Climate
	c.Power, c.Grace, c.PowerCmd = f.Power, f.PowerGrace, f.PowerCmd
	c.ScreenOn, c.ScreenOff, c.Away = f.ScreenOnCmd, f.ScreenOffCmd, f.ScreenAway
	return nil
}
