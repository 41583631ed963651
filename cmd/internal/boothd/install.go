package boothd

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

// stickFile is the file on a USB stick that holds an enrolment string.
const stickFile = "enrol.txt"

// longestInvitation is more than any enrolment string has, in bytes: a stick may
// hold anything under that name.
const longestInvitation = 4096

// awaitFor is how long a scan counts as an enrolment string after the page that
// waits for one was last shown. The page shows itself anew every two seconds.
const awaitFor = 15 * time.Second

// installer joins the booth to its city while it serves, for whoever sets it up on
// the screen. A nil installer does nothing.
type installer struct {
	b       *Booth
	stick   string // file; "" = none
	scanner bool
	strings chan string // from the stick

	mu      sync.Mutex
	awaited time.Time // scans count until then
	state   touch.Joining
	here    bool // the booth was enrolled by this installer
}

var _ touch.Installer = (*installer)(nil)

func newInstaller(b *Booth, c Config) *installer {
	i := &installer{b: b, scanner: !isNone(cmp.Or(c.Scanner, "none:")), strings: make(chan string, 1)}
	if c.Stick != "" {
		i.stick = filepath.Join(c.Stick, stickFile)
	}
	return i
}

// Fresh implements touch.Installer.
func (i *installer) Fresh() bool { return !i.b.Enrolled() && !i.b.invited }

// Joining implements touch.Installer.
func (i *installer) Joining() touch.Joining {
	i.mu.Lock()
	s := i.state
	i.mu.Unlock()
	s.Scanner = i.scanner
	if e := i.b.enrolment.Load(); e != nil {
		s.Booth, s.Name = e.Booth, e.Name
	}
	if i.stick != "" {
		_, err := os.Stat(i.stick)
		s.Stick = err == nil
	}
	return s
}

// Await implements touch.Installer.
func (i *installer) Await() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.awaited = time.Now().Add(awaitFor)
}

// JoinFromStick implements touch.Installer.
func (i *installer) JoinFromStick() error {
	text, err := readInvitation(i.stick)
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.enrol_stick", "read the enrolment string: %w", err)
	}
	i.mu.Lock() // what comes of the string is told after "busy", however soon it comes
	defer i.mu.Unlock()
	select {
	case i.strings <- text:
		i.state = touch.Joining{Busy: true}
	default: // one is being tried
	}
	return nil
}

// readInvitation reads the first line of the file.
func readInvitation(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // it was only read
	text := make([]byte, longestInvitation)
	n, err := f.Read(text)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(text[:n])), "\n")
	return line, nil
}

func (i *installer) set(s touch.Joining) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.state = s
}

func (i *installer) isHere(yes bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.here = yes
}

// joinedHere reports whether the booth was enrolled on its screen since the start.
func (i *installer) joinedHere() bool {
	if i == nil {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.here
}

// run spends the enrolment strings that come, one after the other, until ctx ends.
func (i *installer) run(ctx context.Context) error {
	if i == nil {
		return nil
	}
	scans := i.b.kiosk.Scans(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-scans:
			if ok && i.awaits() {
				i.join(ctx, s.Text)
			}
		case text := <-i.strings:
			i.join(ctx, text)
		}
	}
}

func (i *installer) awaits() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return time.Now().Before(i.awaited)
}

// join spends one enrolment string and keeps what came of it for the screen. The
// string is a secret: no error holds it.
func (i *installer) join(ctx context.Context, invitation string) {
	if i.b.Enrolled() {
		return
	}
	i.set(touch.Joining{Busy: true})
	i.isHere(true) // before the uplink begins
	err := i.b.enrolOnce(ctx, strings.TrimSpace(invitation))
	if err != nil {
		i.isHere(false)
		i.b.log.WarnContext(ctx, "booth not enrolled", slog.Any("err", err))
	}
	i.set(touch.Joining{Err: err})
}

// hubTimeout is how long a hub may take to answer before it counts as out of reach.
const hubTimeout = time.Second

// HubAnswers implements touch.Installer.
func (i *installer) HubAnswers(ctx context.Context) (known, answers bool) {
	hub := inspector{i.b}.Network().Hub
	u, err := url.Parse(cmp.Or(hub, i.b.hub))
	if err != nil || u.Host == "" {
		return false, false
	}
	port := cmp.Or(u.Port(), map[string]string{"https": "443"}[u.Scheme], "80")
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return true, false
	}
	conn.Close() //nolint:errcheck // that it was there is all that counts
	return true, true
}
