package boothd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/kiosk/sqlite"
)

// SetPIN sets the staff's PIN in the folder of a booth that does not run. The errors
// are one line each that says what to do.
func SetPIN(ctx context.Context, c Config, pin string) (err error) {
	if err := kiosk.CheckPIN(pin); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, sqlite.FileName)); err != nil {
		return fmt.Errorf("%s holds no booth: name the folder that the booth has as --data", c.Data)
	}
	release, err := daemon.Claim(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	log := cmp.Or(c.Log, discard())
	clock := NewClock(c.Version.Built, c.Data, log)
	book, err := sqlite.Open(ctx, c.Data, clock, sqlite.Opts{Log: log, BootID: clock.BootID()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	pack, err := catalog.Default()
	if err != nil {
		return err
	}
	b, err := kiosk.New(kiosk.Deps{Book: book, Clock: clock, Catalogue: pack, Log: log})
	if err != nil {
		return err
	}
	return b.SetPIN(ctx, pin)
}
