package boothd

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strings"

	"redstation/hardware/board"
	"redstation/hardware/tty"
	"redstation/kiosk"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// openEach opens every device in turn, asks it, and lets it go. A device that is
// named wrong is told in the words of its driver, which say what is accepted.
func (x *examination) openEach(ctx context.Context) {
	if err := tty.Register(); err != nil {
		x.say("serial ports", kiosk.DeviceWarning, err.Error(), "Ports are found by their path all the same.")
	}
	c, log := x.c, discard()
	if p, err := openPrinter(cmp.Or(c.Printer, "none:"), log); x.named("printer", err) {
		x.device(p.inspect(p.State(ctx)))
		p.Close()
	}
	if d, err := openDoor(cmp.Or(c.Door, "none:"), log); x.named("door", err) {
		x.device(d.inspect(kiosk.Status{}))
	}
	if s, err := openScanner(cmp.Or(c.Scanner, "none:"), rescanAfter, log); x.named("scanner", err) {
		x.device(s.inspect(kiosk.DeviceScanner))
		if s.ok {
			s.first.Close()
		}
	}
	if l, err := openBeacon("light", cmp.Or(c.Light, "none:"), log); x.named("light", err) {
		x.extra(l.inspect(kiosk.DeviceLight))
	}
	if l, err := openBeacon("buzzer", cmp.Or(c.Buzzer, "none:"), log); x.named("buzzer", err) {
		x.extra(l.inspect(kiosk.DeviceBuzzer))
	}
	if p, err := openPower(cmp.Or(c.Power, "none:"), c.Grace, log); x.named("power", err) {
		x.extra(p.inspect(kiosk.DevicePower))
	}
	if b, err := board.Open(board.Opts{Data: c.Data, Climate: c.Climate}); x.named("board", err) {
		x.device(new(board.Judge).Judge(b.Read(), 0).Device())
	}
}

// named reports whether a device's name is one, and tells where it is not.
func (x *examination) named(device string, err error) bool {
	if err != nil {
		x.say(device, kiosk.DeviceFault, err.Error(), "")
	}
	return err == nil
}

// extra tells a device that most booths have not and miss nothing.
func (x *examination) extra(d kiosk.Device) {
	if d.State != kiosk.DeviceNone {
		x.device(d)
	}
}

// groupOf says which group of Debian may use what a DSN names.
var groupOf = []struct{ scheme, group string }{
	{"gpio:", "gpio"}, {"uart:", "dialout"}, {"serial:", "dialout"}, {"usblp:", "lp"}, {"evdev:", "input"},
}

// groups looks whether this user is in the groups of the devices that are named.
// Rights may be given in other ways, so that a missing group is a warning: the
// device itself says whether it could be opened.
func (x *examination) groups() {
	if os.Geteuid() == 0 {
		x.say("groups", kiosk.DeviceOK, "this is root, who may use every device", "")
		return
	}
	mine := map[string]bool{}
	if me, err := user.Current(); err == nil {
		ids, _ := me.GroupIds() // none known: each is told as missing, as a warning
		for _, id := range ids {
			if g, err := user.LookupGroupId(id); err == nil {
				mine[g.Name] = true
			}
		}
	}
	var missing []string
	for _, dsn := range []string{x.c.Printer, x.c.Door, x.c.Scanner, x.c.Light, x.c.Buzzer, x.c.Power} {
		for _, g := range groupOf {
			if strings.HasPrefix(dsn, g.scheme) && !mine[g.group] && !slices.Contains(missing, g.group) {
				missing = append(missing, g.group)
			}
		}
	}
	if len(missing) > 0 {
		x.say("groups", kiosk.DeviceWarning, "this user is not in "+strings.Join(missing, ", "),
			"sudo usermod -aG "+strings.Join(missing, ",")+" USER, then sign in anew. The packaged service has them already.")
		return
	}
	x.say("groups", kiosk.DeviceOK, "this user is in the groups of the named devices", "")
}
