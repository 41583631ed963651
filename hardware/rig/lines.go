package rig

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
)

// lines are the far ends of the machine's GPIO pins. They are reached over the
// emulator's qtest socket: one command a line, each answered by OK or FAIL; the
// changes of the outputs come in between.
type lines struct {
	conn net.Conn
	chip string // the PL061's path among the emulator's objects

	running sync.Mutex
	answers chan string
	done    chan struct{}

	mu   sync.Mutex
	high map[int]bool // outputs, by line
}

func dialLines(await func(func() error) error, path string, q *monitor) (*lines, error) {
	l := &lines{answers: make(chan string), done: make(chan struct{}), high: map[int]bool{}}
	var objects []struct{ Name, Type string }
	if err := q.run("qom-list", map[string]any{"path": "/machine/unattached"}, &objects); err != nil {
		return nil, err
	}
	for _, o := range objects {
		if o.Type == "child<pl061>" {
			l.chip = "/machine/unattached/" + o.Name
		}
	}
	if l.chip == "" {
		return nil, fmt.Errorf("the emulated board has no PL061")
	}
	err := await(func() (err error) {
		l.conn, err = net.Dial("unix", path)
		return err
	})
	if err != nil {
		return nil, err
	}
	go l.read()
	return l, l.run("irq_intercept_out " + l.chip)
}

// read tells answers from changes: "IRQ raise 1", "IRQ lower 1".
func (l *lines) read() {
	defer close(l.done)
	for s := bufio.NewScanner(l.conn); s.Scan(); {
		var change string
		var n int
		if _, err := fmt.Sscanf(s.Text(), "IRQ %s %d", &change, &n); err == nil {
			l.mu.Lock()
			l.high[n] = change == "raise"
			l.mu.Unlock()
			continue
		}
		l.answers <- s.Text()
	}
}

func (l *lines) run(command string) error {
	l.running.Lock()
	defer l.running.Unlock()
	if _, err := fmt.Fprintln(l.conn, command); err != nil {
		return fmt.Errorf("qtest: %s: %w", command, err)
	}
	select {
	case a := <-l.answers:
		if !strings.HasPrefix(a, "OK") {
			return fmt.Errorf("qtest: %s: %s", command, a)
		}
		return nil
	case <-l.done:
		return fmt.Errorf("qtest: %s: the emulator is gone", command)
	}
}

func (l *lines) close() { l.conn.Close() }

// SetLine drives the far end of an input pin: high is an open contact against the
// pull-up resistor, low a closed one. Lines are low when the machine starts, and
// after a reset.
func (m *Machine) SetLine(pin string, high bool) error {
	n, err := lineOf(pin)
	if err != nil {
		return err
	}
	level := 0
	if high {
		level = 1
	}
	return m.lines.run(fmt.Sprintf("set_irq_in %s unnamed-gpio-in %d %d", m.lines.chip, n, level))
}

// Line returns the level of an output pin.
func (m *Machine) Line(pin string) (high bool, err error) {
	n, err := lineOf(pin)
	m.lines.mu.Lock()
	defer m.lines.mu.Unlock()
	return m.lines.high[n], err
}

func lineOf(pin string) (int, error) {
	n := slices.Index(pinNames(), pin)
	if n < 0 || pin == "POWER" {
		return 0, fmt.Errorf("the machine has no pin %s; it has %v", pin, pinNames())
	}
	return n, nil
}
