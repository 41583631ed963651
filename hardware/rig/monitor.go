package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
)

// monitor speaks the emulator's machine protocol (QMP): JSON lines, answers in the
// order of the commands, events in between.
type monitor struct {
	conn net.Conn

	running sync.Mutex // one command at a time
	answers chan answer
	done    chan struct{} // closed when the line has ended

	mu     sync.Mutex
	events []string
	came   chan struct{} // closed and made anew at each event
}

type answer struct {
	Return json.RawMessage
	Error  *struct{ Desc string }
	Event  string
}

func dialMonitor(await func(func() error) error, path string) (*monitor, error) {
	q := &monitor{answers: make(chan answer), done: make(chan struct{}), came: make(chan struct{})}
	err := await(func() (err error) {
		q.conn, err = net.Dial("unix", path)
		return err
	})
	if err != nil {
		return nil, err
	}
	go q.read()
	return q, q.run("qmp_capabilities", nil, nil)
}

// read tells answers from events. The greeting is neither.
func (q *monitor) read() {
	defer close(q.done)
	for d := json.NewDecoder(q.conn); ; {
		var a answer
		if err := d.Decode(&a); err != nil {
			return
		}
		switch {
		case a.Event != "":
			q.note(a.Event)
		case a.Return != nil || a.Error != nil:
			q.answers <- a
		}
	}
}

func (q *monitor) note(event string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events = append(q.events, event)
	close(q.came)
	q.came = make(chan struct{})
}

// run runs a command and stores its answer in result, unless that is nil.
func (q *monitor) run(command string, arguments map[string]any, result any) error {
	q.running.Lock()
	defer q.running.Unlock()
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(q.conn).Encode(request); err != nil {
		return fmt.Errorf("monitor: %s: %w", command, err)
	}
	select {
	case a := <-q.answers:
		if a.Error != nil {
			return fmt.Errorf("monitor: %s: %s", command, a.Error.Desc)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(a.Return, result)
	case <-q.done:
		return fmt.Errorf("monitor: %s: the emulator is gone", command)
	}
}

// await returns when the event has come, since the machine's start, or ctx ends.
func (q *monitor) await(ctx context.Context, event string) error {
	for {
		q.mu.Lock()
		events, came := q.events, q.came
		q.mu.Unlock()
		for _, e := range events {
			if e == event {
				return nil
			}
		}
		select {
		case <-came:
		case <-q.done:
			return errors.New("monitor: the emulator is gone")
		case <-ctx.Done():
			return fmt.Errorf("event %s has not come, but %v: %w", event, events, ctx.Err())
		}
	}
}

func (q *monitor) close() { q.conn.Close() }

// AwaitReset returns when the watchdog has fired and the machine was reset.
func (m *Machine) AwaitReset(ctx context.Context) error {
	if err := m.monitor.await(ctx, "WATCHDOG"); err != nil {
		return err
	}
	return m.monitor.await(ctx, "RESET")
}

// CutPower restarts the machine as a power cut does: at once, whatever it was doing.
// What its disk had not been given is lost.
func (m *Machine) CutPower() error { return m.monitor.run("system_reset", nil, nil) }

// PlugScanner puts the USB keyboard's plug in, or pulls it. It is in when the
// machine starts.
func (m *Machine) PlugScanner(in bool) error {
	if in {
		return m.monitor.run("device_add", map[string]any{"driver": "usb-kbd", "id": "scanner"}, nil)
	}
	return m.monitor.run("device_del", map[string]any{"id": "scanner"}, nil)
}

// Scan types text and Enter on the USB keyboard, as a scanner does that plays a
// keyboard. Text holds A to Z, digits, colon, point and hyphen.
func (m *Machine) Scan(text string) error {
	for _, r := range text {
		keys, err := keysOf(r)
		if err != nil {
			return err
		}
		if err := m.press(keys...); err != nil {
			return err
		}
	}
	return m.press("ret")
}

// press presses keys together and lets them go again. The emulator does one press
// after the other, by the machine's clock.
func (m *Machine) press(keys ...string) error {
	var list []map[string]string
	for _, k := range keys {
		list = append(list, map[string]string{"type": "qcode", "data": k})
	}
	const hold = 10 // ms
	return m.monitor.run("send-key", map[string]any{"keys": list, "hold-time": hold}, nil)
}

// keysOf returns the keys of a character on a keyboard of the United States, which
// is what scanners play.
func keysOf(r rune) ([]string, error) {
	switch {
	case r >= 'A' && r <= 'Z':
		return []string{"shift", string(r - 'A' + 'a')}, nil
	case r >= '0' && r <= '9':
		return []string{string(r)}, nil
	case r == ':':
		return []string{"shift", "semicolon"}, nil
	case r == '.':
		return []string{"dot"}, nil
	case r == '-':
		return []string{"minus"}, nil
	}
	return nil, fmt.Errorf("no key for %q", r)
}
