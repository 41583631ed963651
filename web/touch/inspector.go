package touch

import (
	"context"
	"log/slog"
	"time"

	"redstation/kiosk"
)

// Inspector tells staff how the booth's machine is. Nothing that it tells is personal.
type Inspector interface {
	// Version names the program.
	Version() string
	// Devices asks every device that the booth was told of.
	Devices(ctx context.Context) []kiosk.Device
	// Network tells how the machine is connected.
	Network() Network
	// Log returns the last lines of the program's log, newest first.
	Log() []LogLine
}

// Network is how the machine is connected.
type Network struct {
	Hub        string // base URL of the city's hub; "" = the booth belongs to no city
	Interfaces []Interface
}

// Interface is one network interface that is up.
type Interface struct {
	Name      string   // "eth0"
	Addresses []string // "192.168.1.20/24"
}

// LogLine is one line of the program's log, in English.
type LogLine struct {
	At    time.Time
	Level slog.Level
	Text  string
}
