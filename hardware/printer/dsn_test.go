package printer

import (
	"testing"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func TestANameSaysWhatIsConnected(t *testing.T) {
	serial := line{baud: 9600, flow: "none", speed: 100, stall: 10 * time.Second}
	for dsn, want := range map[string]name{
		"uart:serial0": {kind: "uart", rest: "serial0", profile: escpos.Paper80(), line: serial},
		"uart:/dev/ttyUSB0?baud=115200&flow=rtscts&speed=60&stall=3s": {kind: "uart", rest: "/dev/ttyUSB0", profile: escpos.Paper80(),
			line: line{baud: 115200, flow: "rtscts", speed: 60, stall: 3 * time.Second}},
		"usblp:/dev/usb/lp0": {kind: "usblp", rest: "/dev/usb/lp0", profile: escpos.Paper80(), line: serial},
		"tcp:10.0.0.5":       {kind: "tcp", rest: "10.0.0.5:9100", profile: escpos.Paper80(), line: serial},
		"tcp:printer.local:9101?paper=58": {kind: "tcp", rest: "printer.local:9101", profile: escpos.Paper58(),
			line: line{baud: 9600, flow: "none", speed: 60, stall: 10 * time.Second}},
		"tcp:[fe80::1%25eth0]": {kind: "tcp", rest: "[fe80::1%25eth0]:9100", profile: escpos.Paper80(), line: serial},
		"file:prints/":         {kind: "file", rest: "prints/", profile: escpos.Paper80(), line: serial},
	} {
		got, err := parse(dsn)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", dsn, got, err, want)
		}
	}
}

func TestARefusalNamesTheOptionsOfItsKind(t *testing.T) {
	for dsn, want := range map[string]string{
		"usblp:/dev/usb/lp0?baud=9600": `printer "usblp:/dev/usb/lp0?baud=9600": unknown option "baud"; usblp: takes stall=, ` + options,
		"sim:?x=y":                     `printer "sim:?x=y": unknown option "x"; sim: takes ` + options,
		"uart:serial0?flow=dtr":        `printer "uart:serial0?flow=dtr": flow="dtr"; use flow=rtscts, flow=xonxoff or flow=none`,
		"lpt:1":                        `printer "lpt:1": unknown kind "lpt"; ` + kinds,
		"tcp:":                         `printer "tcp:": no host is named; use tcp:192.168.1.60:9100`,
		"tcp::9100":                    `printer "tcp::9100": ":9100" is no HOST:PORT; use tcp:192.168.1.60:9100`,
	} {
		if _, err := parse(dsn); kiosk.CodeOf(err) != kiosk.CodeInvalid || err.Error() != want {
			t.Errorf("%s: got %v, want %s", dsn, err, want)
		}
	}
}
