package web_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// server has a page that reads its body, one that fails in the wanted way, and a
// mounted handler.
func server(log io.Writer, fail error) *echo.Echo {
	e := web.New(web.Opts{
		Log:       slog.New(slog.NewTextHandler(log, nil)),
		BodyLimit: 10,
		Quiet:     []string{"/healthz"},
		Fail: func(c echo.Context, f web.Failure) error {
			return c.String(f.Status, string(f.Code)+" "+f.Key+" "+f.Ref)
		},
	})
	read := func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
			return err
		}
		return c.String(http.StatusOK, "ok")
	}
	e.POST("/s/:id", read)
	e.GET("/healthz", read)
	e.GET("/fail", func(echo.Context) error { return fail })
	e.GET("/panic", func(echo.Context) error { panic("13812345678") })
	web.Mount(e, "/v1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || n < 11 {
			http.Error(w, "cut", http.StatusTeapot)
		}
	}))
	return e
}

func do(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestServer(t *testing.T) {
	tests := []struct {
		name         string
		method, path string
		body         string
		header       []string
		want         int
		says         string
	}{
		{"a page answers", "POST", "/s/1", "short", nil, 200, "ok"},
		{"a body over the limit is refused", "POST", "/s/1", strings.Repeat("x", 11), nil, 413, "invalid error.too_large "},
		{"a mounted handler has its own limit", "POST", "/v1/batch", strings.Repeat("x", 11), nil, 200, ""},
		{"another site may not post", "POST", "/s/1", "x", []string{"Sec-Fetch-Site", "cross-site"}, 403, "denied error.denied "},
		{"another origin may not post", "POST", "/s/1", "x", []string{"Origin", "http://evil.example"}, 403, "denied error.denied "},
		{"the same origin may", "POST", "/s/1", "x", []string{"Sec-Fetch-Site", "same-origin"}, 200, "ok"},
		{"an unknown path is not found", "GET", "/nowhere", "", nil, 404, "not_found error.not_found "},
		{"a wrong method is not found", "GET", "/s/1", "", nil, 405, "not_found error.not_found "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(server(io.Discard, nil), tt.method, tt.path, tt.body, tt.header...)
			if w.Code != tt.want || w.Body.String() != tt.says {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.want, tt.says)
			}
			if got := w.Header().Get("Content-Security-Policy"); got != web.Policy {
				t.Errorf("policy: got %q", got)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("cache: got %q", got)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
		says string
	}{
		{"the domain's errors have their status", &kiosk.Error{Code: kiosk.CodeUnavailable, Key: "error.full"}, 503, "unavailable error.full "},
		{"wrapped ones too", errors.Join(errors.New("x"), &kiosk.Error{Code: kiosk.CodeNotFound, Key: "error.service"}), 404, "not_found error.service "},
		{"Echo's errors have a code", echo.NewHTTPError(http.StatusTooManyRequests), 429, "unavailable error.unavailable "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(server(io.Discard, tt.err), "GET", "/fail", "")
			if w.Code != tt.want || w.Body.String() != tt.says {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tt.want, tt.says)
			}
		})
	}
}

func TestFaultIsLoggedWithItsReference(t *testing.T) {
	var log bytes.Buffer
	w := do(server(&log, errors.New("disk on fire")), "GET", "/fail", "")
	_, ref, _ := strings.Cut(w.Body.String(), "error.internal ")
	if w.Code != 500 || len(ref) != 5 {
		t.Fatalf("got %d %q, want 500 and a reference of 5 letters", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), ref) || !strings.Contains(log.String(), "disk on fire") {
		t.Errorf("log lacks the reference or the cause:\n%s", &log)
	}
	if strings.Contains(w.Body.String(), "fire") {
		t.Errorf("the page tells the cause: %q", w.Body)
	}
	if w := do(server(&log, nil), "GET", "/panic", ""); w.Code != 500 {
		t.Errorf("panic: got %d, want 500", w.Code)
	}
}

func TestLogNamesRoutesNotPaths(t *testing.T) {
	var log bytes.Buffer
	h := server(&log, nil)
	do(h, "POST", "/s/13812345678?q=13912345678", "hello")
	do(h, "GET", "/nowhere/13712345678", "")
	do(h, "GET", "/healthz", "")
	got := log.String()
	if !strings.Contains(got, "route=/s/:id") {
		t.Errorf("log lacks the route:\n%s", got)
	}
	for _, secret := range []string{"13812345678", "13912345678", "13712345678", "healthz"} {
		if strings.Contains(got, secret) {
			t.Errorf("log has %s:\n%s", secret, got)
		}
	}
}

func TestCodesAndStatusesAgree(t *testing.T) {
	for _, code := range []kiosk.Code{kiosk.CodeInvalid, kiosk.CodeNotFound, kiosk.CodeConflict, kiosk.CodeDenied,
		kiosk.CodeUnavailable, kiosk.CodeOffline, kiosk.CodeInternal} {
		if got := web.CodeOfStatus(web.StatusOf(code)); got != code {
			t.Errorf("%s: there and back is %s", code, got)
		}
	}
	if got := web.CodeOfStatus(http.StatusTeapot); got != kiosk.CodeInternal {
		t.Errorf("unknown status: got %s, want internal", got)
	}
}
