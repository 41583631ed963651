package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

const (
	emulator = "qemu-system-aarch64"
	lifetime = "10m" // no machine outlives this, however its test ended
	bootTime = 2 * time.Minute

	// Ports in the machine: the program's screen and the guest's two.
	screenPort, agentPort, gadgetPort = "8080", "8081", "8082"
)

// Machine is a running machine. Its methods may be called at the same time.
type Machine struct {
	dir     string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	output  lockedBuffer  // of the emulator

	monitor *monitor
	lines   *lines
	ports   map[string]string // by the port in the machine: the address here
	client  *http.Client
	Booted  time.Duration // from the emulator's start to the first answer

	closing sync.Once
}

// Ready returns nil when Boot has what it needs: the tools, and the kernel, which
// is fetched where it is not yet in the cache. The error says what is missing and
// how to get it.
func Ready(ctx context.Context) error {
	for _, t := range [][2]string{{emulator, "qemu-system-arm"}, {"fdtput", "device-tree-compiler"},
		{"apt-get", "apt"}, {"dpkg-deb", "dpkg"}, {"xz", "xz-utils"}, {"timeout", "coreutils"}} {
		if _, err := exec.LookPath(t[0]); err != nil {
			return fmt.Errorf("%w; on Debian: apt install %s", err, t[1])
		}
	}
	if _, err := mkfs(); err != nil {
		return err
	}
	_, err := fetch(ctx)
	return err
}

// mkfs finds the maker of file systems, which many users do not have in their path.
func mkfs() (string, error) {
	for _, name := range []string{"mkfs.ext4", "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("mkfs.ext4 is not installed; on Debian: apt install e2fsprogs")
}

// Boot starts a machine with program, built for linux/arm64, in it, and returns
// when it answers. The program itself is started by StartProgram.
func Boot(ctx context.Context, program string) (*Machine, error) {
	dir, err := os.MkdirTemp("", "rig") // short: names of sockets have at most 107 bytes
	if err != nil {
		return nil, err
	}
	m := &Machine{dir: dir, ended: make(chan struct{}), client: Client()}
	if err := m.boot(ctx, program); err != nil {
		return nil, fmt.Errorf("boot the machine: %w%s", err, m.tail(m.Close()))
	}
	return m, nil
}

// tail is the end of what emulator and kernel said, for an error.
func (m *Machine) tail(err error) string {
	console := m.Console()
	return fmt.Sprintf("\n%s%s\n%v", m.output.String(), console[max(0, len(console)-2000):], cmp.Or(err, errors.New("closed")))
}

func (m *Machine) boot(ctx context.Context, program string) error {
	k, err := fetch(ctx)
	if err != nil {
		return err
	}
	if err := m.prepare(ctx, k, program); err != nil {
		return err
	}
	started := time.Now()
	if err := m.start(k); err != nil {
		return err
	}
	if m.monitor, err = dialMonitor(m.await, m.path("qmp")); err != nil {
		return err
	}
	if m.ports, err = m.forwarded(); err != nil {
		return err
	}
	if m.lines, err = dialLines(m.await, m.path("qtest"), m.monitor); err != nil {
		return err
	}
	err = m.Up(ctx)
	m.Booted = time.Since(started)
	return err
}

// Client returns a client for what the machine serves. It keeps no connections: one
// from before a reset would be answered by nobody.
func Client() *http.Client {
	return &http.Client{Timeout: 90 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
}

func (m *Machine) path(name string) string { return filepath.Join(m.dir, name) }

// prepare makes the files that the machine boots from, and its disk.
func (m *Machine) prepare(ctx context.Context, k kernel, program string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", m.path("guest"), "redstation/hardware/rig/guest")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the guest: %w\n%s", err, out)
	}
	modules, err := modulesOf(k, wanted())
	if err != nil {
		return err
	}
	if err := writeInitramfs(m.path("initramfs"), m.path("guest"), program, modules); err != nil {
		return err
	}
	if err := writeTree(ctx, m.dir, m.path("tree.dtb")); err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(m.path("disk"), nil, 0o600), os.Truncate(m.path("disk"), 64<<20)); err != nil {
		return err
	}
	maker, err := mkfs()
	if err == nil {
		_, err = tool(ctx, m.dir, "", maker, "-q", "-F", m.path("disk"))
	}
	return err
}

// board is the machine itself; the device tree must be of the same.
func board() []string { return []string{"-cpu", "cortex-a53", "-smp", "1", "-m", "512"} }

// start starts the emulator. PL011 is the first serial port, as on a Pi; the
// console is another, so that nothing of the kernel's gets on paper.
func (m *Machine) start(k kernel) error {
	server := func(name string) string { return "unix:" + m.path(name) + ",server=on,wait=off" }
	args := append([]string{"--foreground", lifetime, emulator, "-M", "virt"}, board()...)
	args = append(args, "-display", "none", "-nodefaults", "-dtb", m.path("tree.dtb"),
		"-kernel", k.image, "-initrd", m.path("initramfs"), "-append", "console=ttyS0 quiet panic=1",
		"-chardev", "socket,id=uart,path="+m.path("uart")+",server=on,wait=off", "-serial", "chardev:uart",
		"-chardev", "file,id=console,path="+m.path("console"), "-device", "pci-serial,chardev=console",
		"-drive", "if=none,id=disk,format=raw,cache=unsafe,file="+m.path("disk"), "-device", "virtio-blk-pci,drive=disk",
		"-device", "qemu-xhci", "-device", "usb-kbd,id=scanner",
		"-device", "i6300esb", "-action", "watchdog=reset",
		"-netdev", "user,id=net,restrict=on"+forward(screenPort, agentPort, gadgetPort),
		"-device", "virtio-net-pci,netdev=net,romfile=",
		"-qmp", server("qmp"), "-qtest", server("qtest"), "-qtest-log", "none")
	m.process = exec.Command("timeout", args...)
	m.process.Stdout, m.process.Stderr = &m.output, &m.output
	if err := m.process.Start(); err != nil {
		return err
	}
	go func() {
		m.process.Wait() //nolint:errcheck // how it ended says nothing; that it ended does
		close(m.ended)
	}()
	return nil
}

// forward lets this machine's loopback reach ports of the other. The emulator
// chooses free ports here.
func forward(ports ...string) (options string) {
	for _, p := range ports {
		options += ",hostfwd=tcp:127.0.0.1:0-:" + p
	}
	return options
}

// row is one line of the monitor's table of forwarded ports: protocol, file
// descriptor, address and port here, address and port there.
var row = regexp.MustCompile(`TCP\[HOST_FORWARD\]\s+\d+\s+(\S+)\s+(\d+)\s+\S+\s+(\d+)`)

// forwarded asks which ports the emulator chose.
func (m *Machine) forwarded() (map[string]string, error) {
	var table string
	if err := m.monitor.run("human-monitor-command", map[string]any{"command-line": "info usernet"}, &table); err != nil {
		return nil, err
	}
	ports := map[string]string{}
	for _, r := range row.FindAllStringSubmatch(table, -1) {
		ports[r[3]] = net.JoinHostPort(r[1], r[2])
	}
	if len(ports) != 3 {
		return nil, fmt.Errorf("the emulator forwards %d ports, want 3:\n%s", len(ports), table)
	}
	return ports, nil
}

// await calls try until it works, the machine ends, or bootTime is over.
func (m *Machine) await(try func() error) error {
	limit := time.After(bootTime)
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-m.ended:
			return fmt.Errorf("the emulator ended: %w", err)
		case <-limit:
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Console returns what the kernel and the guest said.
func (m *Machine) Console() string {
	b, err := os.ReadFile(m.path("console"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// PrinterLine connects to the far end of the UART, /dev/ttyAMA0 in the machine.
// While nobody is connected what is sent is lost, as without a printer. Whoever is
// connected must read: the emulator waits for the reader, and the machine with it.
func (m *Machine) PrinterLine() (net.Conn, error) { return net.Dial("unix", m.path("uart")) }

// USBPrinter connects to the inside of the USB printer, /dev/usb/lp0 in the
// machine. While nobody is connected or reads, the printer takes nothing.
func (m *Machine) USBPrinter() (net.Conn, error) { return net.Dial("tcp", m.ports[gadgetPort]) }

// URL returns where the program's screen is reached, without a slash at the end.
func (m *Machine) URL() string { return "http://" + m.ports[screenPort] }

// Close ends the machine and removes its files.
func (m *Machine) Close() error {
	var err error
	m.closing.Do(func() {
		if m.monitor != nil {
			m.monitor.run("quit", nil, nil) //nolint:errcheck // it may be gone
			m.monitor.close()
		}
		if m.lines != nil {
			m.lines.close()
		}
		if m.process != nil && m.process.Process != nil {
			m.process.Process.Signal(os.Interrupt) //nolint:errcheck // it may be gone; timeout passes it on
			select {
			case <-m.ended:
			case <-time.After(10 * time.Second):
				err = errors.New("the emulator does not end")
			}
		}
		err = errors.Join(err, os.RemoveAll(m.dir))
	})
	return err
}
