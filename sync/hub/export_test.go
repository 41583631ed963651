package hub

import (
	"context"
	"net/netip"
	"time"

	"redstation/sync/hub/sqldb"
)

// APIRoutes returns what is served under /api/v1/ and with which parameters.
func (h *Hub) APIRoutes() map[string][]string {
	out := map[string][]string{}
	for _, r := range h.apiRoutes() {
		out[r.path] = r.parameters
	}
	return out
}

// DeliverNow makes one pass over the webhooks: what is due is sent.
func (h *Hub) DeliverNow(ctx context.Context) error {
	ids, err := h.hookIDs(ctx)
	for _, id := range ids {
		h.serveWebhook(ctx, id)
	}
	return err
}

// SetPatience shortens how long a receiver may take.
func (h *Hub) SetPatience(d time.Duration) { h.poster.patience = d }

// PublishKeys is publishKeys for tests.
func (h *Hub) PublishKeys(ctx context.Context) error { return h.publishKeys(ctx) }

// ForgetPapers lets the hub read the log again from its beginning, as after a crash.
func (h *Hub) ForgetPapers(ctx context.Context) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.SetMeta(ctx, papersCursor, "0") })
}

// Reach is reach for tests.
func Reach(a netip.Addr, loopback, private bool) string { return reach(a, loopback, private) }
