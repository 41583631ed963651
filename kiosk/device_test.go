package kiosk_test

import (
	"slices"
	"testing"

	"redstation/kiosk"
)

func TestEveryPrinterStateIsADeviceState(t *testing.T) {
	for _, s := range []kiosk.PrinterState{kiosk.PrinterReady, kiosk.PrinterPaperLow, kiosk.PrinterNoPaper, kiosk.PrinterCover,
		kiosk.PrinterError, kiosk.PrinterOffline, kiosk.PrinterUnknown} {
		d := s.Device("sim:", "")
		if !slices.Contains(kiosk.DeviceStates(), d.State) {
			t.Errorf("%s: device state %q is none of ours", s, d.State)
		}
		if s.Prints() == d.State.Wrong() {
			t.Errorf("%s prints is %v, and the device is %s", s, s.Prints(), d.State)
		}
		if (d.Remedy() == "") != (s == kiosk.PrinterReady) {
			t.Errorf("%s: remedy %q", s, d.Remedy())
		}
	}
}

func TestAWarningIsNothingWrong(t *testing.T) {
	wrong := []kiosk.DeviceState{kiosk.DeviceOffline, kiosk.DeviceFault}
	for _, s := range kiosk.DeviceStates() {
		if got, want := s.Wrong(), slices.Contains(wrong, s); got != want {
			t.Errorf("%s is wrong: %v, want %v", s, got, want)
		}
	}
}
