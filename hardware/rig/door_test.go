package rig_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"redstation/kiosk"
)

// moves returns the door's openings and closings in the booth's book, in order.
func (b *booth) moves() ([]kiosk.Kind, error) {
	list, err := b.book()
	var moves []kiosk.Kind
	for _, r := range list {
		if r.kind == kiosk.KindDoorOpened || r.kind == kiosk.KindDoorClosed {
			moves = append(moves, r.kind)
		}
	}
	return moves, err
}

// untilDoor waits for exactly these openings and closings.
func (b *booth) untilDoor(want []kiosk.Kind) {
	b.t.Helper()
	b.until(fmt.Sprintf("the door's records are %v", want), func() (bool, error) {
		got, err := b.moves()
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("got %v", got)
		}
		return err == nil, err
	})
}

const (
	bouncing   = 20                    // times that the contact opens
	bounceTime = 8 * time.Millisecond  // that a level lasts: long enough to be read more than once
	unstable   = 40 * time.Millisecond // a level that lasts longer may rightly be taken for settled
)

// bounces opens the door with a contact that opens twenty times. On a busy machine
// a level may last too long to be called bouncing, or the kernel may see too few of
// the edges: then the door is closed and opened once more.
func (b *booth) bounces() {
	b.untilDoor(nil)
	var want []kiosk.Kind
	for limit := time.Now().Add(patience); ; {
		before := b.interrupts()
		slowest := b.bounce()
		seen := b.interrupts() - before
		b.must(b.SetLine("GPIO17", true))
		if slowest <= unstable && seen >= bouncing {
			b.t.Logf("bounced %d times, slowest change %s, %d interrupts in the machine", bouncing, slowest.Round(100*time.Microsecond), seen)
			break
		}
		if time.Now().After(limit) {
			b.t.Fatalf("this machine is too busy to let a contact bounce: slowest change %s, %d interrupts", slowest, seen)
		}
		b.settle(true)
		want = b.settle(false)
	}
	want = append(want, kiosk.KindDoorOpened)
	b.untilDoor(want)
	b.must(b.SetLine("GPIO17", false))
	b.untilDoor(append(want, kiosk.KindDoorClosed))
}

// bounce opens and closes the contact and leaves it open. It returns the longest
// time that a level may have lasted.
func (b *booth) bounce() (slowest time.Duration) {
	last := time.Now()
	for i := range 2*bouncing - 1 {
		began := time.Now()
		b.must(b.SetLine("GPIO17", i%2 == 0))
		slowest = max(slowest, time.Since(last))
		last = began
		time.Sleep(bounceTime)
	}
	return slowest
}

// settle opens or closes the door, waits until the book says so, and returns the
// door's records until then.
func (b *booth) settle(open bool) (now []kiosk.Kind) {
	b.t.Helper()
	want := kiosk.KindDoorClosed
	if open {
		want = kiosk.KindDoorOpened
	}
	b.must(b.SetLine("GPIO17", open))
	b.until("the last record is "+string(want), func() (bool, error) {
		list, err := b.moves()
		now = list
		return err == nil && len(list) > 0 && list[len(list)-1] == want, err
	})
	return now
}

// ofPin finds the count of the interrupts of GPIO17, the chip's line 0, in
// /proc/interrupts.
var ofPin = regexp.MustCompile(`(?m)^ *\d+: +(\d+) +\S+pl061 +0 `)

func (b *booth) interrupts() int {
	b.t.Helper()
	text, err := b.File(b.t.Context(), "/proc/interrupts")
	b.must(err)
	m := ofPin.FindSubmatch(text)
	if m == nil {
		b.t.Fatalf("the kernel serves no interrupt of the pin:\n%s", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	b.must(err)
	return n
}

// edgesLost moves the door while the program hangs, more often than the kernel
// keeps edges for it (16), and leaves it open.
func (b *booth) edgesLost() {
	want := b.settle(false)
	b.must(b.FreezeProgram(b.t.Context()))
	for i := range 41 {
		b.must(b.SetLine("GPIO17", i%2 == 0))
		time.Sleep(2 * time.Millisecond)
	}
	b.must(b.ThawProgram(b.t.Context()))
	want = append(want, kiosk.KindDoorOpened)
	b.untilDoor(want)
	b.must(b.SetLine("GPIO17", false))
	b.untilDoor(append(want, kiosk.KindDoorClosed))
}
