package hubd

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"redstation/web"
)

// machineTimeout is how long a request of a booth or a puller may take. Their lines
// may carry a thousand bytes a second; people's patience ends sooner.
const machineTimeout = 5 * time.Minute

// forMachines serves h to programs: with the time that a slow line takes, and so
// that a puller who waits for news does not hold up the end of the server.
func forMachines(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		until := time.Now().Add(machineTimeout)
		if err := errors.Join(c.SetReadDeadline(until), c.SetWriteDeadline(until)); err != nil {
			log.WarnContext(r.Context(), "deadline of request not set", slog.Any("err", err))
		}
		if r.Method == http.MethodGet {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			go func() {
				select {
				case <-web.Closing(ctx):
					cancel()
				case <-ctx.Done():
				}
			}()
			r = r.WithContext(ctx)
		}
		h.ServeHTTP(w, r)
	})
}
