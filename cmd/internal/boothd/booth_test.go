package boothd_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
)

// config is a booth on a free port with simulated devices.
func config(t *testing.T, log io.Writer) boothd.Config {
	return boothd.Config{Data: filepath.Join(t.TempDir(), "data"), Addr: "127.0.0.1:0", Printer: "sim:", Door: "sim:",
		Version: daemon.BuildVersion(), Log: slog.New(slog.NewTextHandler(log, nil))}
}

// serve opens and runs a booth, and returns its address and how to end it.
func serve(t *testing.T, c boothd.Config) (base string, stop func()) {
	t.Helper()
	b, err := boothd.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, daemon.NoNotifier()) }()
	return b.URL(), func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	return text(t, r, err)
}

func text(t *testing.T, r *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode >= 300 {
		t.Fatalf("%s answers %s", r.Request.URL, r.Status)
	}
	return string(b)
}

func TestABoothServesWithoutHubAndStartsAgain(t *testing.T) {
	c := config(t, io.Discard)
	key := kiosk.RandomID().String()
	ticket := func(base string) string {
		r, err := http.PostForm(base+"/s/5.2/ticket", url.Values{"key": {key}})
		return text(t, r, err)
	}
	base, stop := serve(t, c)
	first := ticket(base)
	if !strings.Contains(first, "001") {
		t.Errorf("no ticket number on the page:\n%s", first)
	}
	stop()

	base, stop = serve(t, c)
	defer stop()
	if !strings.Contains(ticket(base), "001") {
		t.Error("the same form after a restart got another number")
	}
}

func TestADataFolderHasOneBooth(t *testing.T) {
	c := config(t, io.Discard)
	_, stop := serve(t, c)
	defer stop()
	if b, err := boothd.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("got %v, %v", b, err)
	}
}

func TestABoothStartsWithoutItsDevices(t *testing.T) {
	var log bytes.Buffer
	c := config(t, &log)
	c.Printer, c.Door, c.Scanner = "file:/dev/null/prints", "gpio:GPIO99999", "serial:/dev/no-such-port"
	base, stop := serve(t, c)
	get(t, base+"/readyz")
	stop()
	for _, want := range []string{"printer not opened", "device=door", "device=scanner"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, &log)
		}
	}
}

func TestButtonsOfTheDevicePageMoveTheDevices(t *testing.T) {
	base, stop := serve(t, config(t, io.Discard))
	defer stop()
	before := get(t, base+"/sim/papers")
	for _, button := range []string{"paper-out", "paper-in", "paper-low", "cover-open", "cover-close", "door-open", "door-close"} {
		r, err := http.PostForm(base+"/sim/press", url.Values{"button": {button}})
		text(t, r, err)
		after := get(t, base+"/sim/papers")
		if after == before {
			t.Errorf("%s changes nothing on the page", button)
		}
		before = after
	}
}

func TestAReceiptComesOutOfTheSimulatedPrinter(t *testing.T) {
	base, stop := serve(t, config(t, io.Discard))
	defer stop()
	r, err := http.PostForm(base+"/s/5.2/ticket", url.Values{"key": {kiosk.RandomID().String()}})
	text(t, r, err)
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(get(t, base+"/sim/papers"), "/sim/papers/1") {
		if time.Now().After(deadline) {
			t.Fatal("no paper came")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if png := get(t, base+"/sim/papers/1"); !strings.HasPrefix(png, "\x89PNG") {
		t.Errorf("the paper is no picture: %q", png[:min(20, len(png))])
	}
}

func TestAnEnrolmentStringThatIsNoneIsRefused(t *testing.T) {
	b, err := boothd.Open(t.Context(), config(t, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Enrol(t.Context(), "hello"); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v, want an error with code invalid", err)
	}
}
