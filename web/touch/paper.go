package touch

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// A receipt that somebody has opened is held in memory for the visit: its number and
// its code stand in no address, no cookie, no log and on no disk. A booth has one
// screen, so at most one is held: opening another lets go of the one before. It ends
// when the screen is wiped, on the home page, five minutes after the last page that
// asked for it, and with the program.

// paperCookie holds the secret of whoever opened the receipt and nothing else.
const paperCookie = "paper"

// paperIdle is how long an opened receipt is held without a page that asks for it.
const paperIdle = 5 * time.Minute

// openedReceipt is a receipt that opened.
type openedReceipt struct {
	Number  string
	Service string
	Action  kiosk.Action
	Code    kiosk.PaperCode
	kiosk.Opened
}

// String returns the same for every receipt: neither number nor code belong in a log.
func (openedReceipt) String() string { return "a receipt" }

// GoString returns the same for every receipt.
func (openedReceipt) GoString() string { return "a receipt" }

// LogValue implements slog.LogValuer.
func (openedReceipt) LogValue() slog.Value { return slog.StringValue("a receipt") }

// desk holds the receipt of the visit, and waits for a scan of one.
type desk struct {
	mu    sync.Mutex
	open  bool
	hash  [sha256.Size]byte
	held  *openedReceipt
	scans <-chan kiosk.Scan
	stop  context.CancelFunc
	timer *time.Timer
	turn  uint64 // counts who sat at the desk: a timer of one before does nothing
}

// sit makes the desk belong to the bearer of the secret, and returns it. Whoever was
// there before is wiped, unless it is the same.
func (d *desk) sit(secret string, scans func(context.Context) <-chan kiosk.Scan) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.is(secret) {
		d.touch()
		return secret
	}
	d.clear()
	secret = rand.Text()
	ctx, stop := context.WithCancel(context.Background())
	d.open, d.hash, d.scans, d.stop = true, sha256.Sum256([]byte(secret)), scans(ctx), stop
	d.turn++
	turn := d.turn
	d.timer = time.AfterFunc(paperIdle, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.turn == turn {
			d.clear()
		}
	})
	return secret
}

// take returns the receipt that is held for the bearer of the secret.
func (d *desk) take(secret string) (openedReceipt, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.is(secret) || d.held == nil {
		return openedReceipt{}, false
	}
	d.touch()
	return *d.held, true
}

// put lets the desk hold a receipt; nil lets go of it.
func (d *desk) put(secret string, r *openedReceipt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.is(secret) {
		d.touch()
		d.held = r
	}
}

// scanned returns the last scan since the bearer of the secret sat down, once.
func (d *desk) scanned(secret string) (kiosk.Scan, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.is(secret) {
		return kiosk.Scan{}, false
	}
	d.touch()
	select {
	case s, ok := <-d.scans:
		return s, ok
	default:
		return kiosk.Scan{}, false
	}
}

// leave wipes the desk if the bearer of the secret sits there.
func (d *desk) leave(secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.is(secret) {
		d.clear()
	}
}

func (d *desk) touch() { d.timer.Reset(paperIdle) }

func (d *desk) clear() {
	if !d.open {
		return
	}
	d.stop()
	d.timer.Stop()
	d.open, d.hash, d.held, d.scans, d.stop = false, [sha256.Size]byte{}, nil, nil, nil
}

func (d *desk) is(secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	return d.open && subtle.ConstantTimeCompare(hash[:], d.hash[:]) == 1
}

func paperSecret(c echo.Context) string {
	if k, err := c.Cookie(paperCookie); err == nil {
		return k.Value
	}
	return ""
}

// opened returns the receipt that this visit has opened, as it was when it was last
// shown: what can be done with it is for the handlers of its action.
func (s *screen) opened(c echo.Context) (openedReceipt, bool) { return s.desk.take(paperSecret(c)) }

// sit begins a visit with a receipt, or goes on with it.
func (s *screen) sit(c echo.Context) string {
	before := paperSecret(c)
	secret := s.desk.sit(before, s.booth.Scans)
	if secret != before {
		setCookie(c, paperCookie, secret, 0)
	}
	return secret
}

// leaveDesk lets go of the receipt of whoever asks.
func (s *screen) leaveDesk(c echo.Context) {
	if secret := paperSecret(c); secret != "" {
		s.desk.leave(secret)
		setCookie(c, paperCookie, "", -1)
	}
}
