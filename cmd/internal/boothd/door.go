package boothd

import (
	"context"
	"log/slog"

	"redstation/hardware/door"
	"redstation/kiosk"
)

// lazyDoor is a door contact that may not be there yet.
type lazyDoor struct{ lazy[*door.Door] }

// inspect returns the door as staff see it in this status.
func (d *lazyDoor) inspect(st kiosk.Status) kiosk.Device {
	have := d.lazy.inspect(kiosk.DeviceDoor)
	switch {
	case have.State != kiosk.DeviceOK:
		return have
	case st.DoorFault != "":
		return st.DoorFault.Device(d.dsn)
	}
	return st.Door.Device(d.dsn)
}

func openDoor(dsn string, log *slog.Logger) (lazyDoor, error) {
	l, err := openLazy("door", dsn, reopenAfter, log, func() (*door.Door, error) { return door.Open(dsn, door.Opts{Log: log}) })
	return lazyDoor{l}, err
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
