package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// codes is the one table between the domain's codes and HTTP, read both ways. The
// first status of a code is the one that is sent; the others are understood.
var codes = [...]struct {
	code     kiosk.Code
	statuses []int
}{
	{kiosk.CodeInvalid, []int{http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}},
	{kiosk.CodeNotFound, []int{http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed}},
	{kiosk.CodeConflict, []int{http.StatusConflict, http.StatusPreconditionFailed}},
	{kiosk.CodeDenied, []int{http.StatusForbidden, http.StatusUnauthorized}},
	{kiosk.CodeUnavailable, []int{http.StatusServiceUnavailable, http.StatusTooManyRequests}},
	{kiosk.CodeOffline, []int{http.StatusBadGateway, http.StatusGatewayTimeout}},
	{kiosk.CodeInternal, []int{http.StatusInternalServerError}},
}

// StatusOf returns the HTTP status for a code, 500 for an unknown one.
func StatusOf(code kiosk.Code) int {
	for _, row := range codes {
		if row.code == code {
			return row.statuses[0]
		}
	}
	return http.StatusInternalServerError
}

// CodeOfStatus returns the code that an HTTP status stands for, CodeInternal for
// an unknown one.
func CodeOfStatus(status int) kiosk.Code {
	for _, row := range codes {
		for _, s := range row.statuses {
			if s == status {
				return row.code
			}
		}
	}
	return kiosk.CodeInternal
}

// Failure is what an error page needs to know.
type Failure struct {
	Status int
	Code   kiosk.Code
	Key    string // of the sentence to say
	// Ref is a short random word that also stands in the log, so that a resident
	// can read it out to staff. Empty for trouble that is not ours.
	Ref string
}

// failer is the error handler of a server.
type failer struct {
	log  *slog.Logger
	page func(echo.Context, Failure) error
}

func (f failer) handle(err error, c echo.Context) {
	fail := failure(err)
	if fail.Status >= http.StatusInternalServerError && fail.Code == kiosk.CodeInternal {
		fail.Ref = rand.Text()[:5]
		f.log.ErrorContext(c.Request().Context(), "request failed",
			"method", c.Request().Method, "route", c.Path(), "ref", fail.Ref, "err", err)
	}
	if c.Response().Committed {
		return
	}
	if f.page != nil {
		err := f.page(c, fail)
		if err == nil {
			return
		}
		f.log.ErrorContext(c.Request().Context(), "error page failed", "route", c.Path(), "err", err)
	}
	if c.Response().Committed {
		return
	}
	if err := c.String(fail.Status, fmt.Sprintf("%d %s %s\n", fail.Status, http.StatusText(fail.Status), fail.Ref)); err != nil {
		f.log.DebugContext(c.Request().Context(), "error text not sent", "err", err)
	}
}

// failure translates any error. Echo's own errors (no such route, body too large)
// carry a status; the domain's carry a code.
func failure(err error) Failure {
	var own *kiosk.Error
	if errors.As(err, &own) {
		return Failure{Status: StatusOf(own.Code), Code: own.Code, Key: kiosk.KeyOf(own)}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return Failure{Status: http.StatusRequestEntityTooLarge, Code: kiosk.CodeInvalid, Key: "error.too_large"}
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		code := CodeOfStatus(he.Code)
		return Failure{Status: he.Code, Code: code, Key: "error." + string(code)}
	}
	return Failure{Status: http.StatusInternalServerError, Code: kiosk.CodeInternal, Key: "error.internal"}
}
