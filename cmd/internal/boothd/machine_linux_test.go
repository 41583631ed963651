package boothd

import (
	"path/filepath"
	"testing"
	"time"
)

func TestBatteryClockCountsOnlyWhereTheKernelUsedIt(t *testing.T) {
	dir := t.TempDir()
	if _, ok := batteryClock(dir); ok {
		t.Error("a machine without a battery clock has one")
	}
	write(t, dir, "since_epoch", "1795000000\n")
	write(t, dir, "hctosys", "0\n")
	if _, ok := batteryClock(dir); ok {
		t.Error("a battery clock that the kernel did not use counts")
	}
	write(t, dir, "hctosys", "1\n")
	if got, ok := batteryClock(dir); !ok || !got.Equal(time.Unix(1795000000, 0)) {
		t.Errorf("got %v, %t", got, ok)
	}
}

func TestBootIDIsTheKernels(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "boot_id", "38226aad-a2dc-4719-87a9-b134e1761e30\n")
	id, ok := bootID(filepath.Join(dir, "boot_id"))
	if got, want := id.String(), "38226aada2dc471987a9b134e1761e30"; !ok || got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := bootID(filepath.Join(dir, "missing")); ok {
		t.Error("a boot id from a missing file")
	}
}
