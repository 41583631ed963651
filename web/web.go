// Package web is what every HTTP surface of the house shares: an Echo server with
// the same headers, limits, log and error pages everywhere, pages made from
// templates that are all parsed at start, and a way to serve that stops at once.
//
// The residents' screen (package touch) and the city's console (package city) are
// built on it. Handlers of others, such as the hub's wire protocol, are mounted as
// plain net/http handlers, so that they and the console never name each other.
//
// The rules: no inline script and no inline style, ever; pages are never stored by
// a browser; what may hold a resident's words (paths, queries, bodies) is never
// logged.
package web

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
)

// DefaultBodyLimit is the most bytes that a request to a page may carry.
const DefaultBodyLimit = 256 << 10

// Opts configures a server. The zero value works.
type Opts struct {
	Log       *slog.Logger // nil = no log
	BodyLimit int64        // bytes; 0 = DefaultBodyLimit; does not bind mounted handlers
	// Fail writes the page for an error. Nil, or an error from it, gives plain text.
	Fail func(c echo.Context, f Failure) error
	// Quiet lists route patterns that are asked for so often that each answer is
	// logged at debug level only: health checks, heartbeats, assets.
	Quiet []string
}

// New returns an Echo server with the house's middleware and error handler.
func New(o Opts) *echo.Echo {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BodyLimit <= 0 {
		o.BodyLimit = DefaultBodyLimit
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard)
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = failer{log: o.Log, page: o.Fail}.handle
	e.Use(accessLog(o.Log, o.Quiet), headers, recoverer, sameOrigin(), bodyLimit(o.BodyLimit))
	return e
}

// Mount serves everything under prefix ("/v1") by h, which keeps its own limits
// and its own errors. Prefix stays in the path that h sees.
func Mount(e *echo.Echo, prefix string, h http.Handler) {
	e.Any(prefix+"/*", func(c echo.Context) error {
		h.ServeHTTP(c.Response(), withWholeBody(c.Request()))
		return nil
	})
}

// Assets serves h under the prefix where pages expect style, script and fonts.
func Assets(e *echo.Echo, prefix string, h http.Handler) {
	serve := func(c echo.Context) error {
		h.ServeHTTP(c.Response(), c.Request())
		return nil
	}
	e.GET(prefix+"*", serve)
	e.HEAD(prefix+"*", serve)
}
