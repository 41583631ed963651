package hubd

import (
	"context"
	"net/http"

	"redstation/cmd/internal/daemon"
	"redstation/web"
)

// listenMetrics takes the address of the hub's figures, where one is given.
func (h *Hub) listenMetrics(addr string) (err error) {
	if addr != "" {
		h.metrics, err = daemon.Listen(addr)
	}
	return err
}

// serveMetrics serves the figures at /metrics until ctx ends. There is no token in
// front of them: the address is for the monitoring alone.
func (h *Hub) serveMetrics(ctx context.Context) error {
	if h.metrics == nil {
		<-ctx.Done()
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h.MetricsHandler())
	return web.Serve(ctx, h.metrics, mux)
}
