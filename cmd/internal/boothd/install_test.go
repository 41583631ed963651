package boothd_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// quietLog is a log that a running booth writes to.
type quietLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *quietLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *quietLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// A hub that nobody has: its invitation is whole, and leads nowhere.
const (
	secretCode = "7K3QF9TZ2M"
	nowhere    = "redstation:enrol:1?hub=http%3A%2F%2F127.0.0.1%3A9&booth=07&code=" + secretCode + "&key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// TestAScanIsAnEnrolmentOnlyWhereThePageWaits holds a code before the scanner on
// the home page, where it must do nothing, and on the page that waits for it.
func TestAScanIsAnEnrolmentOnlyWhereThePageWaits(t *testing.T) {
	log := new(quietLog)
	c := config(t, log)
	c.Scanner, c.FirstRun, c.Stick = "wedge:", true, t.TempDir()
	base, stop := serve(t, c)
	defer stop()
	if page := get(t, base+"/"); !strings.Contains(page, "/setup/language") {
		t.Fatalf("a fresh booth does not ask to be set up:\n%s", page)
	}
	scan := func(code string) {
		t.Helper()
		r, err := http.PostForm(base+"/scan", url.Values{"text": {code}})
		text(t, r, err)
	}
	until := events(t, base)
	scan(nowhere)
	until(`"scans":1`)
	const tried = `role="alert"><svg`
	if page := get(t, base+"/setup/enrol"); strings.Contains(page, tried) || strings.Contains(page, `data-live="busy"`) {
		t.Error("a scan on another page was taken for an enrolment")
	}
	told := func(want string) {
		t.Helper()
		var page string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if page = get(t, base+"/setup/enrol"); strings.Contains(page, want) {
				return
			}
		}
		t.Fatalf("the page never says %q:\n%s", want, page)
	}
	scan("SB1:0000000000")
	told("这不是加入城市用的码")
	scan(nowhere)
	told("连不上城市的服务器")
	if err := os.WriteFile(filepath.Join(c.Stick, "enrol.txt"), []byte("\n hello\nworld"), 0o600); err != nil {
		t.Fatal(err)
	}
	told("读取U盘里的码")
	r, err := http.PostForm(base+"/setup/enrol", nil)
	text(t, r, err)
	told("这不是加入城市用的码")
	if strings.Contains(log.String(), secretCode) || strings.Contains(get(t, base+"/setup/enrol"), secretCode) {
		t.Errorf("the code stands in the log or on the page:\n%s", log)
	}
}
