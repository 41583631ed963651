package pins

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio"
)

const (
	longest = 250 * time.Millisecond // wait for an edge, and so the time to stop
	rest    = 2 * time.Millisecond   // after an edge, so that a noisy line cannot eat the processor
	recheck = time.Minute            // the pin is set up anew, to notice that it is gone
)

// Input is a pin that is watched.
type Input struct {
	Pin  gpio.PinIn
	Pull gpio.Pull
	Log  *slog.Logger     // discarded if nil
	Now  func() time.Time // time.Now if nil; it must not run backwards
}

// SetUp makes the pin an input that tells its edges. The error says what to do and
// has CodeUnavailable; device is what hangs on the pin.
func (in *Input) SetUp(device string) error {
	if in.Log == nil {
		in.Log = slog.New(slog.DiscardHandler)
	}
	if in.Now == nil {
		in.Now = time.Now
	}
	if err := in.Pin.In(in.Pull, gpio.BothEdges); err != nil {
		return busy(device, in.Pin.Name(), "input", err)
	}
	return nil
}

// Watch calls read with the level of the pin at each edge, after as long as the last
// call of read said, and at least every 250 ms, until ctx ends; then it returns nil.
// It returns an error when the pin went away. SetUp comes before.
func (in *Input) Watch(ctx context.Context, read func(level gpio.Level, now time.Time) (next time.Duration)) error {
	defer in.halt()
	checked := in.Now()
	for ctx.Err() == nil {
		now := in.Now()
		if now.Sub(checked) >= recheck {
			checked = now
			if err := in.Pin.In(in.Pull, gpio.BothEdges); err != nil {
				return fmt.Errorf("pin %s went away: %w", in.Pin.Name(), err)
			}
		}
		in.wait(ctx, read(in.Pin.Read(), now))
	}
	return nil
}

// wait returns at an edge, after limit, or when ctx ends and a little later. A
// driver that returns early without an edge, as on errors, is not asked again at once.
func (in *Input) wait(ctx context.Context, limit time.Duration) {
	limit = min(max(limit, time.Millisecond), longest)
	began := in.Now()
	if in.Pin.WaitForEdge(limit) {
		pause(ctx, rest)
		return
	}
	if left := limit - in.Now().Sub(began); left > limit/2 {
		pause(ctx, left)
	}
}

// pause sleeps unless ctx ends.
func pause(ctx context.Context, t time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(t):
	}
}

func (in *Input) halt() {
	if err := in.Pin.Halt(); err != nil {
		in.Log.Warn("pin not halted", slog.String("pin", in.Pin.Name()), slog.Any("error", err))
	}
}
