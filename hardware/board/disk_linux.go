package board

import "syscall"

// Disk returns how many bytes of the folder's disk are free for us, and of how many.
func Disk(dir string) (free, size uint64, ok bool) {
	var s syscall.Statfs_t
	if dir == "" || syscall.Statfs(dir, &s) != nil || s.Bsize <= 0 {
		return 0, 0, false
	}
	unit := uint64(s.Bsize) // 32 bits wide on a 32-bit Pi
	return s.Bavail * unit, s.Blocks * unit, true
}
