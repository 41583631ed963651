// Package door watches the contact at the booth's door.
package door

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"redstation/kiosk"
)

// Opts are the parts of a door that have working zero values.
type Opts struct {
	LeftOpen time.Duration // open for longer than this is said as left open; 0 is 2 minutes
	Log      *slog.Logger
	Now      func() time.Time // time.Now if nil
}

// Door is an opened door contact.
type Door struct{}

// Open opens the contact that dsn names.
func Open(dsn string, o Opts) (*Door, error) { return nil, errors.New("not there yet") }

// Run calls say for each door event until ctx ends.
func (d *Door) Run(ctx context.Context, say func(kiosk.DoorEvent)) error { return nil }

// Sim returns the controls of a simulated door, nil for any other.
func (d *Door) Sim() *Sim { return nil }

// Sim are the controls of a simulated door.
type Sim struct{}

// SetOpen opens or closes the door.
func (s *Sim) SetOpen(open bool) {}

// IsOpen tells whether the door stands open.
func (s *Sim) IsOpen() bool { return false }
