package hub

import (
	"context"
	"time"

	"redstation/kiosk"
)

// Compact is compact, for tests that choose what to compact.
func (h *Hub) Compact(ctx context.Context, feed kiosk.Feed, upTo uint64, before time.Time) error {
	return h.compact(ctx, feed, upTo, before)
}
