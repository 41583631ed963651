package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Holder returns which process holds the folder that Claim locks, false where none
// does. It changes nothing.
func Holder(dir string) (pid string, held bool) {
	name := filepath.Join(dir, "lock")
	f, err := os.Open(name)
	if err != nil {
		return "", false
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return "", false // the lock goes with the file
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", true
	}
	return strings.TrimSpace(string(text)), true
}
