package web_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/web"
)

// run serves e until the returned stop is called, which returns Serve's error.
func run(t *testing.T, e *echo.Echo) (base string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- web.Serve(ctx, l, e) }()
	return "http://" + l.Addr().String(), func() error { cancel(); return <-done }
}

func TestServeStopsAtOnceWithAnOpenStream(t *testing.T) {
	e := web.New(web.Opts{})
	e.GET("/events", func(c echo.Context) error {
		s, err := web.OpenStream(c)
		if err != nil {
			return err
		}
		if err := s.Send("status", map[string]bool{"up": true}); err != nil {
			return err
		}
		select {
		case <-c.Request().Context().Done():
		case <-web.Closing(c.Request().Context()):
		}
		return nil
	})
	base, stop := run(t, e)
	resp, err := http.Get(base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for want := range strings.SplitSeq("retry: 1000||id: 1|event: status|data: {\"up\":true}", "|") {
		if got, err := lines.ReadString('\n'); err != nil || got != want+"\n" {
			t.Fatalf("stream: got %q %v, want %q", got, err, want)
		}
	}
	start := time.Now()
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("stop took %v with a stream open", took)
	}
}

func TestServeLetsARunningRequestFinish(t *testing.T) {
	e := web.New(web.Opts{})
	inside, goOn := make(chan struct{}), make(chan struct{})
	e.POST("/submit", func(c echo.Context) error {
		close(inside)
		<-goOn
		return c.String(http.StatusOK, "filed: "+errText(c.Request().Context().Err()))
	})
	base, stop := run(t, e)
	got := make(chan string, 1)
	go func() {
		resp, err := http.Post(base+"/submit", "text/plain", nil)
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		got <- string(body)
	}()
	<-inside
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(goOn)
	if text := <-got; text != "filed: none" {
		t.Errorf("got %q, want the answer, with its context alive", text)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
}

func errText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
