package boothd

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"redstation/hardware/door"
	"redstation/kiosk"
)

// lazyDoor is a door contact that may not be there yet.
type lazyDoor struct {
	dsn    string
	log    *slog.Logger
	opened *door.Door // by openDoor, or only by run

	mu    sync.Mutex
	cause error // why it is not watched; nil while it is
}

// because notes why the contact is not watched.
func (d *lazyDoor) because(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cause = err
}

// inspect returns the door as staff see it after its last event.
func (d *lazyDoor) inspect(last kiosk.DoorEvent) kiosk.Device {
	if isNone(d.dsn) {
		return kiosk.DeviceWithout(kiosk.DeviceDoor)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cause != nil {
		return kiosk.Device{Kind: kiosk.DeviceDoor, State: kiosk.DeviceOffline, Detail: "offline", Name: d.dsn, Cause: line(d.cause)}
	}
	return last.Device(d.dsn)
}

// openDoor opens the contact or leaves it for run. The error comes only for a DSN
// that no trying again can mend.
func openDoor(dsn string, log *slog.Logger) (*lazyDoor, error) {
	d := &lazyDoor{dsn: dsn, log: log}
	var err error
	d.opened, err = door.Open(dsn, door.Opts{Log: log})
	if mistyped(err) {
		return nil, err
	}
	if err != nil {
		d.opened = nil
		d.because(err)
		log.Warn("door not opened", slog.Any("err", err))
	}
	return d, nil
}

// sim returns the controls of a simulated door, or nil.
func (d *lazyDoor) sim() *door.Sim {
	if d.opened == nil {
		return nil
	}
	return d.opened.Sim()
}

// run watches the door until ctx ends. A contact that is not there, or goes away,
// is tried again; trouble is logged once until it ends.
func (d *lazyDoor) run(ctx context.Context, say func(kiosk.DoorEvent)) error {
	quiet := d.opened == nil // openDoor has said it
	for current := d.opened; ; {
		var err error
		if current == nil {
			current, err = door.Open(d.dsn, door.Opts{Log: d.log})
		}
		if err == nil {
			quiet = false
			d.because(nil)
			err = current.Run(ctx, say)
		}
		if ctx.Err() != nil {
			return nil
		}
		d.because(err)
		if !quiet {
			d.log.WarnContext(ctx, "door lost", slog.Any("err", err))
			quiet = true
		}
		current = nil
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reopenAfter):
		}
	}
}
