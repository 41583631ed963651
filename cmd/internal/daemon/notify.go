package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Notifier speaks systemd's notification protocol (sd_notify(3)): datagrams of
// KEY=VALUE lines to the socket that NOTIFY_SOCKET names. Without that variable,
// that is outside systemd, it does nothing.
type Notifier struct {
	socket   string
	interval time.Duration // of the watchdog; 0 = none is set
	log      *slog.Logger
}

// NewNotifier reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID through getenv;
// pid is this process.
func NewNotifier(getenv func(string) string, pid int, log *slog.Logger) *Notifier {
	n := &Notifier{socket: getenv("NOTIFY_SOCKET"), log: log}
	usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 {
		return n
	}
	if p := getenv("WATCHDOG_PID"); p != "" && p != strconv.Itoa(pid) {
		return n // meant for another process
	}
	n.interval = time.Duration(usec) * time.Microsecond
	return n
}

// NoNotifier returns one that tells nobody: for a service inside another.
func NoNotifier() *Notifier { return &Notifier{log: slog.New(slog.DiscardHandler)} }

// Ready says that the service answers.
func (n *Notifier) Ready() { n.send("READY=1") }

// Stopping says that the service has begun to shut down.
func (n *Notifier) Stopping() { n.send("STOPPING=1") }

// Status tells in one line what the service is doing; systemctl status shows it.
func (n *Notifier) Status(line string) { n.send("STATUS=" + line) }

// Run pets the watchdog for as long as healthy returns nil, and returns when ctx
// ends. While healthy fails it keeps still, so that systemd restarts a service that
// answers but cannot work. It asks four times in the watchdog's interval: one check
// that failed in a bad moment ends nothing.
func (n *Notifier) Run(ctx context.Context, healthy func(context.Context) error) error {
	if n.interval == 0 || n.socket == "" {
		return nil
	}
	t := time.NewTicker(n.interval / 4)
	defer t.Stop()
	for {
		if err := healthy(ctx); err == nil {
			n.send("WATCHDOG=1")
		} else if ctx.Err() == nil {
			n.log.WarnContext(ctx, "health check failed, watchdog not fed", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// send writes one datagram. A supervisor that does not listen is no reason to
// stop serving residents, so trouble is only logged.
func (n *Notifier) send(state string) {
	if n.socket == "" {
		return
	}
	if err := n.write(state); err != nil {
		n.log.Warn("supervisor not told", slog.String("state", state), slog.Any("err", err))
	}
}

// sendLimit is how long a supervisor may take to make room for a message: its
// socket holds only about ten.
const sendLimit = time.Second

func (n *Notifier) write(state string) error {
	// A name that begins with @ is in the abstract namespace; package net knows that.
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("dial %s: %w", n.socket, err)
	}
	defer c.Close()
	if err := c.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return fmt.Errorf("write to %s: %w", n.socket, err)
	}
	if _, err := c.Write([]byte(state)); err != nil {
		return fmt.Errorf("write to %s: %w", n.socket, err)
	}
	return nil
}
