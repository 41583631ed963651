package boothd

import (
	"context"
	"log/slog"

	"redstation/hardware/door"
	"redstation/kiosk"
)

// lazyDoor is a door contact that may not be there yet.
type lazyDoor struct {
	lazy[*door.Door]
	dsn string
}

// inspect returns the door as staff see it after its last event.
func (d *lazyDoor) inspect(last kiosk.DoorEvent) kiosk.Device {
	if isNone(d.dsn) {
		return kiosk.DeviceWithout(kiosk.DeviceDoor)
	}
	return last.Device(d.dsn)
}

func openDoor(dsn string, log *slog.Logger) (lazyDoor, error) {
	l, err := openLazy("door", reopenAfter, log, func() (*door.Door, error) { return door.Open(dsn, door.Opts{Log: log}) })
	return lazyDoor{l, dsn}, err
}

// sim returns the controls of a simulated door, or nil.
func (d *lazyDoor) sim() *door.Sim {
	if !d.ok {
		return nil
	}
	return d.first.Sim()
}

// watch tells what happens at the door until ctx ends. A contact that is not there,
// or goes away, is a dead line.
func (d *lazyDoor) watch(ctx context.Context, say func(kiosk.DoorEvent)) error {
	there := func(yes bool) {
		if yes {
			say(kiosk.DoorBack)
		} else {
			say(kiosk.DoorLost)
		}
	}
	return d.run(ctx, there, func(ctx context.Context, d *door.Door) error { return d.Run(ctx, say) })
}
