package boothd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"redstation/kiosk"
)

// A booth may not set the system's clock: that takes rights that it does without.
// It keeps an operator's word as an offset against the time since boot, in a small
// file beside the book, so that the word outlives a restart of the program. After a
// boot it is worth nothing: nobody knows how long the power was off.

const handName = "clock"

// byHand is what the file holds.
type byHand struct {
	Boot     kiosk.ID `json:"boot"`
	OffsetNS int64    `json:"offset_ns"` // wall clock at the moment of boot, since 1970
}

// loadHand reads an operator's word that is still good.
func (c *Clock) loadHand() {
	text, err := os.ReadFile(c.handFile)
	if err != nil {
		return
	}
	var h byHand
	if id, ok := c.machine.bootID(); ok && json.Unmarshal(text, &h) == nil && h.Boot == id {
		o := time.Duration(h.OffsetNS)
		c.hand = &o
	}
}

// Earliest implements kiosk.HandClock.
func (c *Clock) Earliest() time.Time { return c.built }

// SetByHand implements kiosk.HandClock. Where the file cannot be written the word
// holds until the program ends.
func (c *Clock) SetByHand(wall time.Time) {
	o := offset(wall, c.machine.since())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hand = &o
	if err := c.saveHand(o); err != nil {
		c.log.Warn("clock set by hand not stored", "err", err)
	}
}

func (c *Clock) saveHand(o time.Duration) error {
	id, ok := c.machine.bootID()
	if !ok || c.handFile == "" {
		return nil // a machine that does not tell its boots apart: it could not be read again
	}
	text, err := json.Marshal(byHand{id, int64(o)})
	if err != nil {
		return fmt.Errorf("encode clock: %w", err)
	}
	fresh := c.handFile + ".new"
	if err := os.WriteFile(fresh, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write clock: %w", err)
	}
	if err := os.Rename(fresh, c.handFile); err != nil {
		return fmt.Errorf("write clock: %w", err)
	}
	return nil
}

// handFileIn returns where a booth with that data folder keeps the operator's word, ""
// for no folder.
func handFileIn(dir string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, handName)
}
