package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// Policy is the content security policy of every page: everything from this
// server, nothing inline, no frames.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// fixed are the headers of every answer, by their canonical names. A handler may
// set its own Cache-Control; the values are shared by all answers and never changed.
var fixed = [...]struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{Policy}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{"camera=(), microphone=(), geolocation=(), payment=(), usb=()"}},
	{"Cache-Control", []string{"no-store"}},
}

func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		for i := range fixed {
			h[fixed[i].name] = fixed[i].value
		}
		if c.IsTLS() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// accessLog writes one line a request, after it: the route's pattern, never the
// path, since a path may name a slip or a case.
func accessLog(log *slog.Logger, quiet []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			status, level := c.Response().Status, slog.LevelInfo
			switch {
			case status >= http.StatusInternalServerError:
				level = slog.LevelWarn
			case slices.Contains(quiet, c.Path()):
				level = slog.LevelDebug
			}
			ctx := c.Request().Context()
			if log.Enabled(ctx, level) {
				log.LogAttrs(ctx, level, "request served",
					slog.String("method", c.Request().Method), slog.String("route", c.Path()),
					slog.Int("status", status), slog.Int64("ms", time.Since(start).Milliseconds()))
			}
			return nil
		}
	}
}

// recoverer turns a panic into an internal error with its stack for the log.
func recoverer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				err = kiosk.Errorf(kiosk.CodeInternal, "error.internal", "panic: %v\n%s", p, debug.Stack())
			}
		}()
		return next(c)
	}
}

// sameOrigin refuses state-changing requests that a browser sends for another
// site (Fetch metadata, or Origin against Host). Programs that are no browsers
// send neither and pass: they carry no cookies that could be abused.
func sameOrigin() echo.MiddlewareFunc {
	guard := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := guard.Check(c.Request()); err != nil {
				return &kiosk.Error{Code: kiosk.CodeDenied, Key: "error.denied", Err: fmt.Errorf("check origin: %w", err)}
			}
			return next(c)
		}
	}
}

// bodyLimit bounds what a page may be sent. The bound lies around the body, so
// that a mounted handler can take the body out of it again.
func bodyLimit(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = boundBody{http.MaxBytesReader(c.Response(), r.Body, limit), r.Body}
			}
			return next(c)
		}
	}
}

// boundBody is a body with a limit around it.
type boundBody struct {
	io.ReadCloser
	whole io.ReadCloser
}

// withWholeBody takes the limit off.
func withWholeBody(r *http.Request) *http.Request {
	if b, ok := r.Body.(boundBody); ok {
		r.Body = b.whole
	}
	return r
}
