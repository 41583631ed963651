//go:build !linux

package board

// Disk tells nothing on a developer's machine.
func Disk(string) (free, size uint64, ok bool) { return 0, 0, false }
