package main

import (
	"context"
	"errors"
	"os"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
)

// deviceFlags are the flags of the devices that residents meet.
type deviceFlags struct {
	Printer string `default:"none:" placeholder:"DSN" help:"The receipt printer: uart:/dev/ttyAMA0?baud=9600&flow=rtscts at a serial port, usblp:/dev/usb/lp0 on USB, tcp:HOST:9100 in the network; file:DIR writes its bytes and pictures there, sim: shows them at /sim, none: has none. Each takes options such as ?paper=58, listed above (default: ${default})."`
	Door    string `default:"none:" placeholder:"DSN" help:"The door's contact: gpio:GPIO17?pull=up&closed=low (and &tamper=GPIO24 where a second line guards its cable), sim: with buttons at /sim, none: has none (default: ${default})."`
	Scanner string `default:"none:" placeholder:"DSN" help:"The QR scanner: serial:/dev/ttyACM0?baud=115200; evdev:/dev/input/by-id/NAME or evdev:VENDOR:PRODUCT (as lsusb shows them) is grabbed, so that it cannot type into pages, with ?gap=250ms where it types slowly; wedge: types like a keyboard and the page listens; sim: has a button at /sim, none: has none (default: ${default})."`
}

type boothCmd struct {
	Data string `required:"" placeholder:"DIR" help:"Folder of the booth's book and key; made where missing."`
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Serve the touch screen here (default: ${default})."`
	deviceFlags
	Enrol      string `placeholder:"STRING" xor:"enrol" help:"The enrolment string (redstation hub enrol prints it). Spent once; afterwards passed over."`
	EnrolFile  string `placeholder:"FILE" xor:"enrol" help:"Read the enrolment string from this file."`
	Hub        string `placeholder:"URL" help:"Reach the hub here instead of where the enrolment says; its key must be the same."`
	HubCA      string `name:"hub-ca" placeholder:"FILE" help:"Believe the hub's certificate where one of these authorities (PEM) signed it, instead of the system's."`
	ClientCert string `placeholder:"FILE" help:"Show this certificate (PEM) to a hub that wants one."`
	ClientKey  string `placeholder:"FILE" help:"The certificate's key."`
	zoneFlag
	packFlag
	lineFlags
	Diagonal     float64       `placeholder:"INCHES" help:"The panel's diagonal, such as 7 or 10.1, until staff set another on the screen: sizes there are real millimetres (default: 10.1)."`
	Voice        string        `placeholder:"DIR" help:"Read pages aloud with the clips of this folder before the program's own: a city's recordings, and those of its content pack."`
	Setup        string        `default:"auto" enum:"auto,never" placeholder:"WHEN" help:"Set the booth up on its screen: auto on the first start of a booth that belongs to no city, or never (default: ${default})."`
	Stick        string        `placeholder:"DIR" help:"Where a USB stick shows up: the set-up reads the enrolment string from enrol.txt there."`
	FirstContact time.Duration `default:"2m" placeholder:"TIME" help:"After a boot of the machine, first call the hub at a random moment within this time (default: ${default})."`

	Serve  boothServeCmd  `cmd:"" name:"run" default:"withargs" help:"Run the booth (what redstation booth alone means)."`
	Export boothExportCmd `cmd:"" help:"Write what the city has not got yet to a USB stick, to be carried to the hub."`
}

// Help says what a booth keeps and how to try it.
func (boothCmd) Help() string {
	return `The booth serves with or without a hub: what happens is kept in the data folder and sent when the line is up.
A printer, a door or a scanner that cannot be opened is told in the log, and tried again.

  redstation booth --data booth --printer file:prints/          a booth that belongs to no city yet
  redstation booth --data booth --printer file:prints/ --enrol-file enrol.txt
  redstation booth --data booth --printer 'uart:/dev/ttyUSB0?baud=115200&flow=none&paper=58'
  REDSTATION_DATA=booth REDSTATION_PRINTER=sim: redstation booth    with a simulated printer at /sim

Options of printers, as ?name=value&name=value; the first value holds where none is named:
  all     paper=80|58   text=auto|gbk|raster   qr=raster|native   cut=yes|no   type=normal|large
          heat=DOTS,TIME,INTERVAL   density=1..255   beep=no|yes
  uart:   baud=9600|...   flow=none|rtscts|xonxoff   speed=MM of paper a second, where nothing stops the flow
  uart:, usblp:, tcp:   stall=10s, how long a printer may accept nothing before a slip is given up
  usblp:/dev/usb/lp* is the first USB printer that is there.

Under systemd (Type=notify) it tells when it is ready and feeds the watchdog.`
}

type boothServeCmd struct{}

// Run runs the booth.
func (boothServeCmd) Run(ctx context.Context, c *cli, b *boothCmd, out console, v daemon.Version) error {
	return b.serve(ctx, c, out, v)
}

func (b *boothCmd) serve(ctx context.Context, c *cli, out console, v daemon.Version) (err error) {
	zone, err := b.location()
	if err != nil {
		return err
	}
	catalogue, err := b.catalogue()
	if err != nil {
		return err
	}
	log := c.logger(out)
	config := boothd.Config{Data: b.Data, Addr: b.Addr, Printer: b.Printer, Door: b.Door, Scanner: b.Scanner,
		Catalogue: catalogue, OwnPack: b.Pack != "", Hub: b.Hub, Line: boothd.LineFiles{CA: b.HubCA, Certificate: b.ClientCert, Key: b.ClientKey}, Zone: zone, Diagonal: b.Diagonal, Voice: b.Voice, FirstRun: b.Setup == "auto", Stick: b.Stick, FirstContact: b.FirstContact, Version: v, Log: log}
	if err := b.apply(&config); err != nil {
		return err
	}
	booth, err := boothd.Open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, booth.Close()) }()
	invitation, err := secret(b.Enrol, b.EnrolFile)
	if err != nil && !booth.Enrolled() { // afterwards the file may go
		return err
	}
	if err := booth.Enrol(ctx, invitation); err != nil {
		return err
	}
	return booth.Run(ctx, daemon.NewNotifier(os.Getenv, os.Getpid(), log))
}
