package board

import (
	"path"
	"strings"

	"redstation/kiosk"
)

// climate is a sensor of the booth's air that a kernel driver reads: a folder in
// sysfs and the names of its files, which hold thousandths of a degree and of a
// percent. The zero value is no sensor.
type climate struct{ dir, temperature, humidity string }

// parseClimate reads "iio:/sys/bus/iio/devices/iio:device0" (DHT22, BME280, HDC and
// other drivers of the industrial I/O subsystem), "hwmon:/sys/class/hwmon/hwmon1"
// (SHT3x and others), or "none:".
func parseClimate(dsn string) (climate, error) {
	scheme, dir, _ := strings.Cut(dsn, ":")
	c := climate{dir: strings.TrimPrefix(path.Clean(dir), "/")}
	switch {
	case dsn == "" || dsn == "none:":
		return climate{}, nil
	case scheme == "iio" && path.IsAbs(dir):
		c.temperature, c.humidity = "in_temp_input", "in_humidityrelative_input"
		return c, nil
	case scheme == "hwmon" && path.IsAbs(dir):
		c.temperature, c.humidity = "temp1_input", "humidity1_input"
		return c, nil
	}
	return climate{}, kiosk.Errorf(kiosk.CodeInvalid, "error.climate",
		"climate sensor %q: use iio:FOLDER as in iio:/sys/bus/iio/devices/iio:device0, hwmon:FOLDER as in hwmon:/sys/class/hwmon/hwmon1, or none:", dsn)
}

// air reads the sensor. Such sensors fail now and then: that reading is not told.
func (b *Board) air() (celsius, percent *float64) {
	if b.climate.dir == "" {
		return nil, nil
	}
	return b.milli(path.Join(b.climate.dir, b.climate.temperature)), b.milli(path.Join(b.climate.dir, b.climate.humidity))
}
