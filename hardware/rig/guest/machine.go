//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// mountAll mounts what the kernel makes up.
func mountAll() error {
	for _, m := range []struct{ kind, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"},
	} {
		if err := mount(m.kind, m.kind, m.at); err != nil {
			return err
		}
	}
	return nil
}

// mountLate mounts what needs modules: the disk, and the tree that makes USB gadgets.
func mountLate() error {
	return errors.Join(mount("/dev/vda", "ext4", "/data"), mount("configfs", "configfs", "/sys/kernel/config"))
}

func mount(source, kind, at string) error {
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, at, kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("mount %s at %s: %w", kind, at, err)
	}
	return nil
}

// loadModules loads the files that the list names, one a line, in its order.
func loadModules(list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(text)) {
		if err := loadModule(name); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	return nil
}

func loadModule(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}

// bringUp gives a network interface its address. The kernel may still be finding it.
func bringUp(name string, address, mask [4]byte) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	steps := []struct {
		request uint
		fill    func(*unix.Ifreq) error
	}{
		{unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(address[:]) }},
		{unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr(mask[:]) }},
		{unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	}
	for _, s := range steps {
		r, err := unix.NewIfreq(name)
		if err == nil {
			err = s.fill(r)
		}
		if err != nil {
			return err
		}
		if err := patiently(func() error { return unix.IoctlIfreq(fd, s.request, r) }); err != nil {
			return fmt.Errorf("bring up %s: %w", name, err)
		}
	}
	return nil
}

// patiently tries until it works, for at most ten seconds: devices appear a little
// after their drivers were loaded.
func patiently(try func() error) error {
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
