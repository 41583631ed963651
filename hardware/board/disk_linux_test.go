package board_test

import (
	"testing"

	"redstation/hardware/board"
)

// TestThisMachine reads the real files of the machine that runs the test.
func TestThisMachine(t *testing.T) {
	b, err := board.Open(board.Opts{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	h := b.Read()
	switch {
	case h.MemoryMiB == nil || h.MemoryFreeMiB == nil || *h.MemoryFreeMiB <= 0 || *h.MemoryFreeMiB > *h.MemoryMiB:
		t.Errorf("memory: got %v of %v MiB", h.MemoryFreeMiB, h.MemoryMiB)
	case h.DiskMiB == nil || h.DiskFreeMiB == nil || *h.DiskFreeMiB <= 0 || *h.DiskFreeMiB > *h.DiskMiB:
		t.Errorf("disk: got %v of %v MiB", h.DiskFreeMiB, h.DiskMiB)
	case h.UptimeSeconds == nil || *h.UptimeSeconds <= 0:
		t.Errorf("uptime: got %v s", h.UptimeSeconds)
	case h.Load1 == nil || *h.Load1 < 0 || h.Cores < 1:
		t.Errorf("load: got %v on %d cores", h.Load1, h.Cores)
	}
}
