package touch

import (
	"context"
	"sync"
	"time"

	"redstation/kiosk"
)

// catcher holds the scan that the page on the screen waits for, in memory, once and for
// a short time: a booth has one screen and one scanner. It listens only from when such a
// page was shown.
type catcher struct {
	mu    sync.Mutex
	scans <-chan kiosk.Scan
	stop  func()
}

// catchFor is how long a page that waits for a scan is waited with.
const catchFor = 5 * time.Minute

// wait listens from now on. What was scanned before is forgotten.
func (c *catcher) wait(b *kiosk.Booth) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
	ctx, stop := context.WithTimeout(context.Background(), catchFor)
	c.scans, c.stop = b.Scans(ctx), stop
}

// take returns the scan that came since, once.
func (c *catcher) take() (kiosk.Scan, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case s, ok := <-c.scans:
		return s, ok
	default:
		return kiosk.Scan{}, false
	}
}

func (c *catcher) end() {
	if c.stop != nil {
		c.stop()
	}
	c.scans, c.stop = nil, nil
}
