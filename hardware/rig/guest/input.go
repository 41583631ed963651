//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// grabDevice is EVIOCGRAB of linux/input.h: from then on only the grabber gets events.
const grabDevice = 0x40044590

// grab takes the input device of that name for itself and lets it go again. It
// fails with EBUSY where another program has grabbed it.
func grab(name string) error {
	names, err := filepath.Glob("/sys/class/input/event*/device/name")
	if err != nil {
		return err
	}
	for _, file := range names {
		text, err := os.ReadFile(file)
		if err != nil || strings.TrimSpace(string(text)) != name {
			continue
		}
		f, err := os.Open("/dev/input/" + filepath.Base(filepath.Dir(filepath.Dir(file))))
		if err != nil {
			return err
		}
		return errors.Join(unix.IoctlSetInt(int(f.Fd()), grabDevice, 1), f.Close())
	}
	return fmt.Errorf("no input device is called %q", name)
}
