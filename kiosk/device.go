package kiosk

import (
	"maps"
	"slices"
	"strings"
)

// DeviceKind names a kind of device that a booth may have.
type DeviceKind string

// The kinds of devices.
const (
	DevicePrinter DeviceKind = "printer"
	DeviceDoor    DeviceKind = "door"
	DeviceScanner DeviceKind = "scanner"
	DeviceLight   DeviceKind = "light"
	DeviceBuzzer  DeviceKind = "buzzer"
	DevicePower   DeviceKind = "power" // the line of a supply with a battery
	DeviceBoard   DeviceKind = "board" // the machine itself
)

// DeviceState says how a device is, in the six ways that matter to whoever tends
// the booth: a closed sum.
type DeviceState string

// The device states, best first.
const (
	DeviceOK      DeviceState = "ok"
	DeviceNone    DeviceState = "none"    // this booth was told of none
	DeviceUnknown DeviceState = "unknown" // it never says how it is
	DeviceWarning DeviceState = "warning" // it works, and wants a hand soon
	DeviceOffline DeviceState = "offline" // not there, not permitted, or taken by another
	DeviceFault   DeviceState = "fault"   // it is there and does not work
)

// DeviceStates lists them, best first.
func DeviceStates() []DeviceState {
	return []DeviceState{DeviceOK, DeviceNone, DeviceUnknown, DeviceWarning, DeviceOffline, DeviceFault}
}

// Wrong reports whether somebody must do something before the device serves.
func (s DeviceState) Wrong() bool { return s == DeviceOffline || s == DeviceFault }

// Device is one device as staff see it. What is the matter is told twice: in words
// that the screens translate, and in those of the driver, for whoever mends it.
type Device struct {
	Kind   DeviceKind
	State  DeviceState
	Detail string // what is the matter: "no_paper"; with the kind it names a sentence
	Args   []any  // of that sentence: names and values in turn
	Name   string // how it was named to the program: "usblp:/dev/usb/lp0"
	Cause  string // the driver's own line, in English, with the remedy; "" = none
}

// Sentence returns the key of the sentence that tells how the device is.
func (d Device) Sentence() string { return "device." + string(d.Kind) + "_" + d.Detail }

// Remedy returns the key of the sentence that tells what to do, or "" where there
// is nothing to do.
func (d Device) Remedy() string {
	if d.State == DeviceOK {
		return ""
	}
	return "remedy." + string(d.Kind) + "_" + d.Detail
}

// DeviceWithout returns a device of a kind that the booth was told of none of.
func DeviceWithout(kind DeviceKind) Device {
	return Device{Kind: kind, State: DeviceNone, Detail: string(DeviceNone)}
}

// Device returns the door after this event as a device. "" is a door that has not
// moved since the program started, which is a closed one.
func (e DoorEvent) Device(name string) Device {
	d := Device{Kind: DeviceDoor, State: DeviceOK, Detail: string(DoorClosed), Name: name}
	switch e {
	case DoorOpened:
		d.Detail = "open"
	case DoorLeftOpen:
		d.State, d.Detail = DeviceWarning, string(DoorLeftOpen)
	case DoorLost:
		d.State, d.Detail = DeviceOffline, string(DeviceOffline)
	case DoorFlapping, DoorCut:
		d.State, d.Detail = DeviceFault, string(e)
	}
	return d
}

// Device returns the machine itself as a device: what is not well with it is its cause.
func (h Health) Device() Device {
	d := Device{Kind: DeviceBoard, State: DeviceUnknown, Detail: string(DeviceUnknown)}
	switch h.State {
	case GradeOK:
		d.State, d.Detail = DeviceOK, string(DeviceOK)
	case GradeWarn:
		d.State, d.Detail = DeviceWarning, string(GradeWarn)
	case GradeBad:
		d.State, d.Detail = DeviceFault, string(GradeBad)
	}
	var what []string
	for _, v := range slices.Sorted(maps.Keys(h.Grades)) {
		what = append(what, string(v)+": "+string(h.Grades[v]))
	}
	d.Cause = strings.Join(what, ", ")
	return d
}

// Device returns the printer in this state as a device.
func (s PrinterState) Device(name, cause string) Device {
	states := map[PrinterState]DeviceState{
		PrinterReady: DeviceOK, PrinterPaperLow: DeviceWarning, PrinterNoPaper: DeviceFault, PrinterCover: DeviceFault,
		PrinterError: DeviceFault, PrinterOffline: DeviceOffline, PrinterUnknown: DeviceUnknown,
	}
	return Device{Kind: DevicePrinter, State: states[s], Detail: string(s), Name: name, Cause: cause}
}
