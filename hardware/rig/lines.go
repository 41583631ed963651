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
// emulator's qtest socket: one command a line, each answered by a line that begins
// with OK or FAIL.
type lines struct {
	conn net.Conn
	chip string // the PL061's path among the emulator's objects

	running sync.Mutex // one command at a time
	answers *bufio.Reader
}

func dialLines(await func(func() error) error, path string, q *monitor) (*lines, error) {
	l := &lines{}
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
	l.answers = bufio.NewReader(l.conn)
	return l, nil
}

func (l *lines) run(command string) error {
	l.running.Lock()
	defer l.running.Unlock()
	if _, err := fmt.Fprintln(l.conn, command); err != nil {
		return fmt.Errorf("qtest: %s: %w", command, err)
	}
	answer, err := l.answers.ReadString('\n')
	if err != nil {
		return fmt.Errorf("qtest: %s: the emulator is gone: %w", command, err)
	}
	if !strings.HasPrefix(answer, "OK") {
		return fmt.Errorf("qtest: %s: %s", command, strings.TrimSpace(answer))
	}
	return nil
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

func lineOf(pin string) (int, error) {
	n := slices.Index(pinNames(), pin)
	if n < 0 || pin == "POWER" {
		return 0, fmt.Errorf("the machine has no pin %s; it has %v", pin, pinNames())
	}
	return n, nil
}
