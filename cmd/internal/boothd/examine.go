package boothd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/hardware/board"
	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/web/locale"
	"redstation/web/touch"
)

// Finding is one thing that was looked at, in English.
type Finding struct {
	Name   string            `json:"name"`
	State  kiosk.DeviceState `json:"state"`
	Text   string            `json:"text"`
	Remedy string            `json:"remedy,omitempty"`
}

// examination goes through what a booth needs. It keeps nothing open, and writes
// nothing but a file that it removes and the folder of a printer that is one.
type examination struct {
	c     Config
	words *locale.Words
	found []Finding
	pid   string // of the booth that runs in the data folder; "" = none
}

// examineTime bounds what waits for others: a printer, a hub.
const examineTime = 10 * time.Second

// Examine looks at everything that a booth with this configuration needs: its
// folder and book, the port, each device, the clock, the city. Where a booth runs
// in the folder it is asked about its devices, which nobody else can open then. The
// error is one of the program's own.
func Examine(ctx context.Context, c Config) ([]Finding, error) {
	words, err := locale.Load(locale.Shared())
	if err != nil {
		return nil, err
	}
	x := &examination{c: c, words: words}
	if c.Data != "" {
		x.pid, _ = daemon.Holder(c.Data)
	}
	x.folder()
	e := x.book(ctx)
	x.address(ctx)
	x.devices(ctx)
	x.groups()
	x.clock()
	x.city(ctx, e)
	return x.found, nil
}

func (x *examination) say(name string, state kiosk.DeviceState, text, remedy string) {
	x.found = append(x.found, Finding{name, state, text, remedy})
}

// folder looks whether the booth can write where it keeps its book.
func (x *examination) folder() {
	const name = "data folder"
	if x.c.Data == "" {
		x.say(name, kiosk.DeviceUnknown, "none is named", "Name the booth's with --data.")
		return
	}
	info, err := os.Stat(x.c.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.say(name, kiosk.DeviceNone, x.c.Data+" is not there yet", "It is made when the booth first starts.")
		return
	case err != nil:
		x.say(name, kiosk.DeviceFault, err.Error(), "Name another, or give this user the right to read it.")
		return
	case !info.IsDir():
		x.say(name, kiosk.DeviceFault, x.c.Data+" is no folder", "Name the booth's with --data.")
		return
	}
	probe, err := os.CreateTemp(x.c.Data, ".doctor-*")
	if err != nil {
		x.say(name, kiosk.DeviceFault, err.Error(), "Run this as the booth's user, or give this one the right to write there.")
		return
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		x.say(name, kiosk.DeviceFault, err.Error(), "Look at the disk: it takes files and does not give them back.")
		return
	}
	text := x.c.Data + " can be written"
	if b, err := board.Open(board.Opts{Data: x.c.Data}); err == nil {
		if free := b.Read().DiskFreeMiB; free != nil {
			text += fmt.Sprintf(", %d MiB free", *free)
		}
	}
	x.say(name, kiosk.DeviceOK, text, "")
}

// book looks whether the book is sound, and returns what ties the booth to its city.
func (x *examination) book(ctx context.Context) *kiosk.Enrolment {
	if x.c.Data == "" {
		return nil
	}
	r, err := sqlite.Examine(ctx, x.c.Data)
	switch {
	case kiosk.CodeOf(err) == kiosk.CodeNotFound:
		x.say("book", kiosk.DeviceNone, "there is none yet", "It is made when the booth first starts.")
	case kiosk.CodeOf(err) == kiosk.CodeInvalid:
		x.say("book", kiosk.DeviceFault, err.Error(),
			"Restart the booth: it sets the damaged files aside as "+sqlite.FileName+".damaged-*, and goes on with all that can be read. Change the card soon.")
	case err != nil:
		x.say("book", kiosk.DeviceFault, err.Error(), "Run this as the booth's user.")
	default:
		x.say("book", kiosk.DeviceOK, fmt.Sprintf("sound, %d records", r.Records), "")
	}
	return r.Enrolment
}

// address looks whether the screen is served, or could be.
func (x *examination) address(ctx context.Context) {
	if x.pid != "" {
		if _, err := daemon.Probe(ctx, x.near("/readyz")); err != nil {
			x.say("screen", kiosk.DeviceFault, fmt.Sprintf("process %s runs and does not answer: %v", x.pid, err), "Restart the booth, and read its log.")
			return
		}
		x.say("screen", kiosk.DeviceOK, "served at "+x.c.Addr+" by process "+x.pid, "")
		return
	}
	l, err := daemon.Listen(x.c.Addr)
	if err != nil {
		x.say("screen", kiosk.DeviceFault, err.Error(), "Name another with --addr.")
		return
	}
	l.Close()
	x.say("screen", kiosk.DeviceOK, x.c.Addr+" is free; no booth runs", "")
}

// near returns where this machine itself reaches the booth.
func (x *examination) near(path string) string {
	a, err := net.ResolveTCPAddr("tcp", x.c.Addr)
	if err != nil {
		return "http://" + x.c.Addr + path
	}
	return daemon.Near(a) + path
}

// devices asks the running booth, or else each device itself.
func (x *examination) devices(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	if x.pid == "" {
		x.openEach(ctx)
		return
	}
	body, err := daemon.Probe(ctx, x.near(touch.DevicesPath))
	var devices []kiosk.Device
	if err == nil {
		err = json.Unmarshal(body, &devices)
	}
	if err != nil {
		x.say("devices", kiosk.DeviceUnknown, "the running booth does not tell: "+err.Error(), "Look at the staff's page, or stop the booth and run this again.")
		return
	}
	for _, d := range devices {
		x.device(d)
	}
}

// device tells a device as the staff's page does.
func (x *examination) device(d kiosk.Device) {
	text := x.words.Say(kiosk.English, d.Sentence(), d.Args...)
	switch {
	case d.Cause != "": // it names the device
		text += ": " + d.Cause
	case d.Name != "":
		text += ", " + d.Name
	}
	remedy := ""
	if key := d.Remedy(); key != "" {
		remedy = x.words.Say(kiosk.English, key)
	}
	state := d.State
	if d.Kind == kiosk.DevicePrinter && state == kiosk.DeviceNone {
		state = kiosk.DeviceFault // a booth without paper is no booth
	}
	x.say(string(d.Kind), state, text, remedy)
}

// clock looks how far the machine's time can be trusted.
func (x *examination) clock() {
	c := NewClock(x.c.Version.Built, x.c.Data, discard())
	now := c.Read()
	text := now.Wall.Format("2006-01-02 15:04 -07:00") + ", " + x.words.Say(kiosk.English, "clock."+now.State.String())
	switch {
	case now.State.Trusted():
		x.say("clock", kiosk.DeviceOK, text, "")
	case now.State == kiosk.ClockBelowBuild:
		x.say("clock", kiosk.DeviceFault, text, "Connect a network with a time server, or set the clock on the staff's page.")
	default:
		x.say("clock", kiosk.DeviceWarning, text, "It is checked when the city is reached. A battery clock helps a booth without a line.")
	}
}

// city looks whether the booth belongs to one and reaches its hub.
func (x *examination) city(ctx context.Context, e *kiosk.Enrolment) {
	if e == nil {
		x.say("city", kiosk.DeviceWarning, "this booth belongs to none: nothing is sent", "Enrol it: redstation hub enrol prints the string, --enrol-file takes it.")
		return
	}
	hub := e.Hub
	if x.c.Hub != "" {
		hub = x.c.Hub
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, hub+"/healthz", nil)
	if err != nil {
		x.say("city", kiosk.DeviceFault, err.Error(), "Give the hub's address with --hub.")
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		x.say("city", kiosk.DeviceWarning, err.Error(), "Look at the line. The booth serves without it and sends later.")
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		x.say("city", kiosk.DeviceWarning, hub+" answers "+answer.Status, "Ask whoever runs the hub. The booth serves without it and sends later.")
		return
	}
	x.say("city", kiosk.DeviceOK, fmt.Sprintf("booth %s (%s), %s answers", e.Booth, e.Name, hub), "")
}
