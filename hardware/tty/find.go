package tty

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// machine is where ports are looked for.
type machine struct {
	sys string // the kernel's list of ttys
	dev string // the device nodes, and udev's names for them
}

// here is the machine that we run on.
var here = machine{sys: "/sys/class/tty", dev: "/dev"}

// port is a port that was found.
type port struct {
	name    string   // the kernel's name, such as ttyUSB0
	aliases []string // serial0, serial1, and udev's names by make and serial number
	path    string   // the device node
}

// portName matches the ports that are wires: the ARM cores' UART, 8250s, USB
// adapters and CDC-ACM devices. Consoles and pseudo-terminals are ttys too.
var portName = regexp.MustCompile(`^tty(AMA|S|USB|ACM)[0-9]+$`)

// find returns the ports that are there now, in the order of their names.
func (m machine) find() ([]port, error) {
	entries, err := os.ReadDir(m.sys)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	aliases := m.aliases()
	var found []port
	for _, e := range entries {
		name := e.Name()
		if portName.MatchString(name) && m.wired(name) {
			found = append(found, port{name, aliases[name], filepath.Join(m.dev, name)})
		}
	}
	return found, nil
}

// wired tells whether there is hardware behind a tty: it has a device, and is not
// one of the places that the 8250 driver keeps free (type 0, PORT_UNKNOWN).
func (m machine) wired(name string) bool {
	if _, err := os.Stat(filepath.Join(m.sys, name, "device")); err != nil {
		return false
	}
	kind, err := os.ReadFile(filepath.Join(m.sys, name, "type"))
	return err != nil || strings.TrimSpace(string(kind)) != "0"
}

// aliases returns the other names of the ports, by name. Those with a colon in them
// are left out, because uartreg refuses them; /dev/serial/by-path is full of them.
func (m machine) aliases() map[string][]string {
	links := []string{filepath.Join(m.dev, "serial0"), filepath.Join(m.dev, "serial1")}
	dir := filepath.Join(m.dev, "serial", "by-id")
	entries, _ := os.ReadDir(dir) // made by udev where a USB port is in
	for _, e := range entries {
		links = append(links, filepath.Join(dir, e.Name()))
	}
	names := map[string][]string{}
	for _, link := range links {
		alias := filepath.Base(link)
		target, err := filepath.EvalSymlinks(link)
		if err != nil || strings.Contains(alias, ":") || target == link {
			continue
		}
		names[filepath.Base(target)] = append(names[filepath.Base(target)], alias)
	}
	return names
}
