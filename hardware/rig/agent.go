package rig

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What the guest does for the host; see guest/main.go.

// Up returns when the machine answers: after its start, and after a reset.
func (m *Machine) Up(ctx context.Context) error {
	return m.await(func() error {
		// The emulator takes a connection before the machine can; such a one comes late or never.
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, err := m.ask(ctx, http.MethodGet, "/up", nil, "")
		return err
	})
}

const patience = 500 * time.Millisecond

// StartProgram starts the program under test and returns when it has told its
// supervisor that it is ready. Its data may be kept in folders under /data.
func (m *Machine) StartProgram(ctx context.Context, args ...string) error {
	return m.tell(ctx, "/start", nil, strings.Join(args, "\n"))
}

// AwaitEnd returns when the program has ended by itself. The error says so where it
// ended otherwise than with status 0.
func (m *Machine) AwaitEnd(ctx context.Context) error { return m.tell(ctx, "/end", nil, "") }

// FreezeProgram makes the program hang (SIGSTOP).
func (m *Machine) FreezeProgram(ctx context.Context) error { return m.tell(ctx, "/freeze", nil, "") }

// ThawProgram ends FreezeProgram (SIGCONT).
func (m *Machine) ThawProgram(ctx context.Context) error { return m.tell(ctx, "/thaw", nil, "") }

// ArmWatchdog arms the machine's watchdog: the guest feeds it whenever the program
// says that it is well, and otherwise the machine is reset after so many seconds.
func (m *Machine) ArmWatchdog(ctx context.Context, seconds int) error {
	return m.tell(ctx, "/watchdog", url.Values{"seconds": {strconv.Itoa(seconds)}}, "")
}

// PlugUSB puts the USB printer's plug in, or pulls it.
func (m *Machine) PlugUSB(ctx context.Context, in bool) error {
	if in {
		return m.tell(ctx, "/usb/plug", nil, "")
	}
	return m.tell(ctx, "/usb/unplug", nil, "")
}

// Grabbed reports whether a program has the scanner for itself, so that nothing
// that it types reaches another.
func (m *Machine) Grabbed(ctx context.Context) (bool, error) {
	err := m.tell(ctx, "/grab", url.Values{"name": {"QEMU QEMU USB Keyboard"}}, "")
	if err != nil && strings.Contains(err.Error(), syscall.EBUSY.Error()) {
		return true, nil
	}
	return false, err
}

// The bits of a USB printer's port status (USB printer class 1.1, section 4.2.2).
const (
	USBNoError    = 0x08
	USBSelected   = 0x10
	USBPaperEmpty = 0x20
)

// SetUSBStatus sets what the USB printer says of itself.
func (m *Machine) SetUSBStatus(ctx context.Context, bits uint8) error {
	return m.tell(ctx, "/usb/status", url.Values{"bits": {strconv.Itoa(int(bits))}}, "")
}

// Log returns what the program has logged since the machine's last start.
func (m *Machine) Log(ctx context.Context) (string, error) {
	b, err := m.ask(ctx, http.MethodGet, "/log", nil, "")
	return string(b), err
}

// File returns a file of the machine. The error is fs.ErrNotExist where there is none.
func (m *Machine) File(ctx context.Context, name string) ([]byte, error) {
	return m.ask(ctx, http.MethodGet, "/file", url.Values{"name": {name}}, "")
}

func (m *Machine) tell(ctx context.Context, path string, query url.Values, body string) error {
	_, err := m.ask(ctx, http.MethodPost, path, query, body)
	return err
}

func (m *Machine) ask(ctx context.Context, method, path string, query url.Values, body string) ([]byte, error) {
	u := url.URL{Scheme: "http", Host: m.ports[agentPort], Path: path, RawQuery: query.Encode()}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := m.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", bytes.TrimSpace(b), fs.ErrNotExist)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the guest refuses %s: %s", path, bytes.TrimSpace(b))
	}
	return b, nil
}

// lockedBuffer keeps what a process says.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
