package board

import (
	"io/fs"
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"

	"redstation/kiosk"
)

// Read takes one reading of everything that the machine tells. It grades nothing.
func (b *Board) Read() kiosk.Health {
	h := kiosk.Health{CPUCelsius: b.cpu(), Cores: runtime.NumCPU()}
	b.supply(&h)
	h.MemoryFreeMiB, h.MemoryMiB = b.memory("MemAvailable:"), b.memory("MemTotal:")
	h.Load1 = round(b.word("proc/loadavg", 0), 100)
	if up := b.word("proc/uptime", 0); up != nil {
		h.UptimeSeconds = new(int64(*up))
	}
	if free, size, ok := Disk(b.data); ok {
		h.DiskFreeMiB, h.DiskMiB = new(int64(free>>20)), new(int64(size>>20))
	}
	h.CardWornPercent, h.CardReserve = b.card()
	h.AirCelsius, h.AirHumidityPercent = b.air()
	return h
}

// file returns what stands in a file, without the space around it.
func (b *Board) file(name string) (string, bool) {
	text, err := fs.ReadFile(b.root, name)
	return strings.TrimSpace(string(text)), err == nil
}

// files returns the files that match the pattern. A pattern of ours is never bad.
func (b *Board) files(pattern string) []string {
	names, _ := fs.Glob(b.root, pattern)
	return names
}

// word returns the n-th word of a file as a number, or nil.
func (b *Board) word(name string, n int) *float64 {
	text, _ := b.file(name)
	words := strings.Fields(text)
	if n >= len(words) {
		return nil
	}
	v, err := strconv.ParseFloat(words[n], 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return nil // JSON has no such number
	}
	return &v
}

// round returns v with so many parts of one, nil for nil.
func round(v *float64, parts float64) *float64 {
	if v == nil {
		return nil
	}
	return new(math.Round(*v*parts) / parts)
}

// milli reads a file of thousandths (sysfs has millidegrees and the like), rounded
// to tenths.
func (b *Board) milli(name string) *float64 {
	v := b.word(name, 0)
	if v == nil {
		return nil
	}
	return round(new(*v/1000), 10)
}

// cpu returns the processor's temperature in degrees Celsius: the thermal zone that
// is named for it (cpu-thermal on a Pi, x86_pkg_temp), or else the first.
func (b *Board) cpu() *float64 {
	zones := b.files("sys/class/thermal/thermal_zone*/type")
	for _, name := range zones {
		kind, _ := b.file(name)
		if strings.Contains(kind, "cpu") || strings.Contains(kind, "pkg") {
			return b.milli(path.Join(path.Dir(name), "temp"))
		}
	}
	if len(zones) == 0 {
		return nil
	}
	return b.milli(path.Join(path.Dir(zones[0]), "temp"))
}

// The bits of the Pi firmware's get_throttled; the same 16 higher are what was since
// the machine started (raspberrypi.com, config.txt and vcgencmd).
const (
	bitUnderVoltage = 1 << 0
	bitThrottled    = 1 << 2
	bitTempLimited  = 1 << 3
	seenSince       = 16
)

// supply reads what the firmware says of voltage and speed, and the voltage monitor
// rpi_volt, which alone knows on kernels without the firmware's file.
func (b *Board) supply(h *kiosk.Health) {
	for _, name := range b.files("sys/devices/platform/soc*/soc*:firmware/get_throttled") {
		text, _ := b.file(name)
		bits, err := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 64)
		if err != nil {
			continue
		}
		h.UnderVoltage, h.UnderVoltageSeen = new(bits&bitUnderVoltage != 0), new(bits&(bitUnderVoltage<<seenSince) != 0)
		h.Throttled, h.TempLimited = new(bits&bitThrottled != 0), new(bits&bitTempLimited != 0)
	}
	for _, name := range b.files("sys/class/hwmon/hwmon*/name") {
		if kind, _ := b.file(name); kind != "rpi_volt" {
			continue
		}
		if alarm := b.word(path.Join(path.Dir(name), "in0_lcrit_alarm"), 0); alarm != nil {
			h.UnderVoltage = new(*alarm != 0 || (h.UnderVoltage != nil && *h.UnderVoltage))
		}
	}
}

// memory returns a line of /proc/meminfo, which has kibibytes, in mebibytes.
func (b *Board) memory(line string) *int64 {
	text, _ := b.file("proc/meminfo")
	for l := range strings.Lines(text) {
		if f := strings.Fields(l); len(f) >= 2 && f[0] == line {
			if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return new(kib >> 10)
			}
		}
	}
	return nil
}

// card returns how worn the card or eMMC is, the worst where there are many (JEDEC
// eMMC 5.0: DEVICE_LIFE_TIME_EST_TYP_A and _B in tenths, PRE_EOL_INFO). Most SD
// cards do not tell.
func (b *Board) card() (worn *int, reserve kiosk.Reserve) {
	for _, name := range b.files("sys/block/mmcblk*/device/life_time") {
		text, _ := b.file(name)
		for _, word := range strings.Fields(text) {
			tenths, err := strconv.ParseUint(word, 0, 8)
			if err == nil && tenths >= 1 && tenths <= 11 && (worn == nil || *worn < int(tenths)*10) {
				worn = new(int(tenths) * 10)
			}
		}
	}
	order := []kiosk.Reserve{"", kiosk.ReserveNormal, kiosk.ReserveLow, kiosk.ReserveUrgent}
	worst := uint64(0)
	for _, name := range b.files("sys/block/mmcblk*/device/pre_eol_info") {
		text, _ := b.file(name)
		if v, err := strconv.ParseUint(text, 0, 8); err == nil && v < uint64(len(order)) {
			worst = max(worst, v)
		}
	}
	return worn, order[worst]
}
