package touch

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/web"
)

// A booth has one screen, so there is at most one session of staff: signing in
// anew ends the one before. It lives in memory and ends after five minutes without
// a page, when staff sign out or go to the residents' home page, when the screen is
// wiped, and with the program.

// staffCookie holds the secret of the session and nothing else.
const staffCookie = "staff"

// staffIdle is how long a session lasts without a page being asked for. What a page
// asks for by itself, to show how the devices are, does not count.
const staffIdle = 5 * time.Minute

// staffPageIdle is how long a page of staff waits for a touch before it asks
// whether anybody is there: they work on devices, not on the glass.
const staffPageIdle = 4 * time.Minute

// liveHeader marks what a page asks for by itself.
const liveHeader = "X-Live"

// session is the session of staff, if there is one.
type session struct {
	mu   sync.Mutex
	open bool
	hash [sha256.Size]byte
	seen time.Duration // since boot
}

// begin begins a session and returns its secret.
func (s *session) begin(now time.Duration) string {
	secret := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.hash, s.seen = true, sha256.Sum256([]byte(secret)), now
	return secret
}

// holds reports whether the secret is that of the open session, and keeps it awake
// if a person asked.
func (s *session) holds(secret string, now time.Duration, person bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.is(secret) {
		return false
	}
	if now-s.seen > staffIdle {
		s.open = false
		return false
	}
	if person {
		s.seen = now
	}
	return true
}

// end ends the session of that secret.
func (s *session) end(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.is(secret) {
		s.open = false
	}
}

func (s *session) is(secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	return s.open && subtle.ConstantTimeCompare(hash[:], s.hash[:]) == 1
}

// signedIn reports whether the request comes from staff.
func (s *screen) signedIn(c echo.Context) bool {
	k, err := c.Cookie(staffCookie)
	return err == nil && s.staff.holds(k.Value, s.booth.Now().Since, c.Request().Header.Get(liveHeader) == "")
}

// guard lets staff in and sends everybody else to sign in.
func (s *screen) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !s.signedIn(c) {
			return web.SeeOther(c, signInURL)
		}
		return next(c)
	}
}

// leaveStaff ends the session of whoever asks, if it is one.
func (s *screen) leaveStaff(c echo.Context) {
	if k, err := c.Cookie(staffCookie); err == nil {
		s.staff.end(k.Value)
		setCookie(c, staffCookie, "", -1)
	}
}
