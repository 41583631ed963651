package board_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"redstation/hardware/board"
	"redstation/kiosk"
)

// machine is a tree of files as a kernel shows them.
type machine struct {
	t    *testing.T
	root string
}

func newMachine(t *testing.T) machine { return machine{t, t.TempDir()} }

func (m machine) set(name, text string) {
	m.t.Helper()
	name = filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) open(o board.Opts) *board.Board {
	m.t.Helper()
	o.Root = m.root
	b, err := board.Open(o)
	if err != nil {
		m.t.Fatal(err)
	}
	return b
}

// pi is a Raspberry Pi 4 with an eMMC and a DHT22, in trouble.
func pi(t *testing.T) machine {
	m := newMachine(t)
	for name, text := range map[string]string{
		"sys/class/thermal/thermal_zone0/type":                "gpu-thermal\n",
		"sys/class/thermal/thermal_zone0/temp":                "40000\n",
		"sys/class/thermal/thermal_zone1/type":                "cpu-thermal\n",
		"sys/class/thermal/thermal_zone1/temp":                "61348\n",
		"sys/class/hwmon/hwmon0/name":                         "cpu_thermal\n",
		"sys/class/hwmon/hwmon1/name":                         "rpi_volt\n",
		"sys/class/hwmon/hwmon1/in0_lcrit_alarm":              "1\n",
		"sys/devices/platform/soc/soc:firmware/get_throttled": "d0000\n",
		"proc/meminfo":                                              "MemTotal:        3884300 kB\nMemFree:          200000 kB\nMemAvailable:    2097152 kB\n",
		"proc/loadavg":                                              "0.52 0.58 0.59 1/467 12345\n",
		"proc/uptime":                                               "350735.47 234388.90\n",
		"sys/block/mmcblk0/device/life_time":                        "0x02 0x03\n",
		"sys/block/mmcblk0/device/pre_eol_info":                     "0x01\n",
		"sys/block/mmcblk1/device/life_time":                        "0x00 0x00\n",
		"sys/bus/iio/devices/iio:device0/in_temp_input":             "-12300\n",
		"sys/bus/iio/devices/iio:device0/in_humidityrelative_input": "45600\n",
	} {
		m.set(name, text)
	}
	return m
}

func TestEveryReadingOfAPi(t *testing.T) {
	h := pi(t).open(board.Opts{Climate: "iio:/sys/bus/iio/devices/iio:device0"}).Read()
	h.Cores = 4
	got, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"state":"","cpu_celsius":61.3,"under_voltage":true,"under_voltage_seen":true,"throttled":false,"temp_limited":false,` +
		`"memory_free_mib":2048,"memory_mib":3793,"load_1min":0.52,"cores":4,"card_worn_percent":30,"card_reserve":"normal",` +
		`"air_celsius":-12.3,"air_humidity_percent":45.6,"uptime_s":350735}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNotToldIsNoTrouble(t *testing.T) {
	for name, m := range map[string]machine{"an empty tree": newMachine(t), "a tree of rubbish": rubbish(t)} {
		t.Run(name, func(t *testing.T) {
			h := m.open(board.Opts{Data: "/no/such/folder", Climate: "hwmon:/sys/class/hwmon/hwmon7"}).Read()
			var j board.Judge
			h = j.Judge(h, 0)
			h.Cores = 0
			if got, err := json.Marshal(h); err != nil || string(got) != `{"state":"ok"}` {
				t.Errorf("got %s and %v, want nothing but ok", got, err)
			}
		})
	}
}

// rubbish has every file of a Pi, with nothing readable in it.
func rubbish(t *testing.T) machine {
	m := pi(t)
	err := filepath.WalkDir(m.root, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "name" || d.Name() == "type" {
			return err
		}
		return os.WriteFile(name, []byte("NaN 0xZZ \x00 MemTotal: x\n"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestASensorsNameIsReadOrRefused(t *testing.T) {
	for _, dsn := range []string{"", "none:", "iio:/sys/bus/iio/devices/iio:device0", "hwmon:/sys/class/hwmon/hwmon1"} {
		if _, err := board.Open(board.Opts{Climate: dsn}); err != nil {
			t.Errorf("%q: %v", dsn, err)
		}
	}
	for _, dsn := range []string{"iio", "iio:", "iio:device0", "dht22:GPIO4", "none:x"} {
		_, err := board.Open(board.Opts{Climate: dsn})
		if kiosk.CodeOf(err) != kiosk.CodeInvalid || !strings.Contains(err.Error(), "use iio:FOLDER") {
			t.Errorf("%q: got %v, want code invalid and what is accepted", dsn, err)
		}
	}
}

func TestAReadingComesEveryFiveMinutesAndAtEachChange(t *testing.T) {
	m := newMachine(t)
	hot := func(degrees string) { m.set("sys/class/thermal/thermal_zone0/temp", degrees+"000\n") }
	m.set("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
	hot("50")
	b := m.open(board.Opts{})
	synctest.Test(t, func(t *testing.T) {
		type told struct {
			at    time.Duration
			state kiosk.Grade
		}
		begun := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		var got []told
		done := make(chan error)
		go func() {
			done <- b.Run(ctx, func(h kiosk.Health) { got = append(got, told{time.Since(begun), h.State}) })
		}()
		time.Sleep(5*time.Minute + time.Second)
		hot("90")
		time.Sleep(time.Minute)
		hot("50")
		time.Sleep(8 * time.Minute)
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		want := []told{{0, "ok"}, {5 * time.Minute, "ok"}, {5*time.Minute + 10*time.Second, "bad"},
			{8*time.Minute + 10*time.Second, "ok"}, {13*time.Minute + 10*time.Second, "ok"}}
		if len(got) != len(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("got %v, want %v", got, want)
				break
			}
		}
	})
}
