package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
)

// doctorCmd takes the flags of the booth that say what it needs.
type doctorCmd struct {
	Data string `placeholder:"DIR" help:"Folder of the booth's book and key."`
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the touch screen is served (default: ${default})."`
	deviceFlags
	Light   string `default:"none:" placeholder:"DSN" help:"The help light, as the booth's."`
	Buzzer  string `default:"none:" placeholder:"DSN" help:"The buzzer, as the booth's."`
	Climate string `default:"none:" placeholder:"DSN" help:"The sensor of the booth's air, as the booth's."`
	Power   string `default:"none:" placeholder:"DSN" help:"The supply's line, as the booth's."`
	Hub     string `placeholder:"URL" help:"Reach the hub here instead of where the enrolment says."`
	JSON    bool   `name:"json" help:"Print the findings as JSON, for machines."`
}

// Help says what is looked at and what the exit status means.
func (doctorCmd) Help() string {
	return `Looks at everything a booth needs and says what to do about what is wrong: data folder, book, port, each device,
groups, clock, city. It takes the flags, the environment and the config file of redstation booth, prints nothing on paper
and changes nothing that the booth keeps. Beside a running booth it asks that one about its devices.

  redstation doctor --data /var/lib/redstation --printer usblp:/dev/usb/lp0 --door gpio:GPIO17
  redstation --config /etc/redstation/booth.yaml doctor

The exit status is 0 when nothing is wrong, also where a warning wants a hand soon, and 1 when something is.`
}

// Run examines and tells.
func (d *doctorCmd) Run(ctx context.Context, out console, v daemon.Version) error {
	found, err := boothd.Examine(ctx, boothd.Config{Data: d.Data, Addr: d.Addr, Printer: d.Printer, Door: d.Door, Scanner: d.Scanner,
		Light: d.Light, Buzzer: d.Buzzer, Climate: d.Climate, Power: d.Power, Hub: d.Hub, Version: v})
	if err != nil {
		return err
	}
	if d.JSON {
		enc := json.NewEncoder(out.Out)
		enc.SetIndent("", "  ")
		err = enc.Encode(found)
	} else {
		err = tellFindings(out.Out, found)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(found, func(f boothd.Finding) bool { return f.State.Wrong() }) {
		return toldError{errors.New("something is wrong")} // the findings have told it
	}
	return nil
}

// tellFindings prints a line for each finding, and below it what to do.
func tellFindings(w io.Writer, found []boothd.Finding) error {
	for _, f := range found {
		if _, err := fmt.Fprintf(w, "%-8s %-12s %s\n", f.State, f.Name, f.Text); err != nil {
			return err
		}
		if f.Remedy != "" && f.State != kiosk.DeviceOK {
			if _, err := fmt.Fprintf(w, "%21s -> %s\n", "", f.Remedy); err != nil {
				return err
			}
		}
	}
	return nil
}
