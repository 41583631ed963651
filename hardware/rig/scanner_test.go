package rig_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"redstation/hardware/rig"
)

// usbScanner is the emulated keyboard, by vendor and product. An emulated machine may
// stand still between two keys for as long as its host has other things to do.
const usbScanner = "evdev:0627:0001?gap=20s"

// code is what a receipt's QR says. The screen is told only that there was a scan.
const code = "RS1:07-1042.7K3QF9TZ2MB5XW8D"

// scans lets a keyboard that the program has for itself type a code, pulls its
// plug, puts it in again, and types once more.
func (b *booth) scans() {
	b.untilGrabbed()
	began := time.Now()
	b.must(b.Scan(code))
	b.untilScans(1)
	b.t.Logf("a scan of %d characters told %s after its first key", len(code), short(time.Since(began)))
	b.must(b.PlugScanner(false))
	b.until("the keyboard is gone", func() (bool, error) {
		_, err := b.Grabbed(b.t.Context())
		return err != nil, nil
	})
	b.must(b.PlugScanner(true))
	b.untilGrabbed()
	b.must(b.Scan(code))
	b.untilScans(2)
}

func (b *booth) untilGrabbed() {
	b.t.Helper()
	b.until("the program has the keyboard for itself", func() (bool, error) { return b.Grabbed(b.t.Context()) })
}

// untilScans waits until the screen was told of so many scans.
func (b *booth) untilScans(want int) {
	b.t.Helper()
	b.until(fmt.Sprintf("the screen is told of scan %d", want), func() (bool, error) {
		resp, err := rig.Client().Get(b.URL() + "/events")
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			data, ok := strings.CutPrefix(s.Text(), "data:")
			if !ok {
				continue
			}
			var status struct{ Scans int }
			err := json.Unmarshal([]byte(data), &status)
			return status.Scans == want, errors.Join(fmt.Errorf("it was told of %d", status.Scans), err)
		}
		return false, errors.New("the stream of events ended")
	})
}
