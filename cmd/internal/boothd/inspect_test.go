package boothd_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
)

// staffOf signs in at a booth, whose PIN it sets.
func staffOf(t *testing.T, base string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	r, err := c.PostForm(base+"/staff/pin", url.Values{"digits": {"204816"}, "first": {"204816"}})
	text(t, r, err)
	return c
}

func TestStaffSeeTheBoothAsItIs(t *testing.T) {
	c := config(t, io.Discard)
	c.Door = "gpio:GPIO99999"
	base, stop := serve(t, c)
	defer stop()
	staff := staffOf(t, base)
	for path, want := range map[string][]string{
		"/staff":         {"正常", "没有连接", "还没有登记"},
		"/staff/printer": {"sim:", "纸大约还剩"},
		"/staff/door":    {"GPIO99999", "检查门磁的接线"},
		"/staff/board":   {"主机"},
		"/staff/network": {"还没有登记"},
		"/staff/log":     {"booth opened", "device not opened"},
	} {
		r, err := staff.Get(base + path)
		page := text(t, r, err)
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s lacks %q", path, w)
			}
		}
	}
}

func TestExamineTellsTheSameBesideARunningBooth(t *testing.T) {
	c := config(t, io.Discard)
	c.Addr = "127.0.0.1:0"
	c.Printer = "usblp:/dev/usb/lp99"
	find := func(c boothd.Config, name string) boothd.Finding {
		t.Helper()
		found, err := boothd.Examine(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Name == name {
				return f
			}
		}
		t.Fatalf("nothing is said of the %s: %+v", name, found)
		return boothd.Finding{}
	}
	alone := find(c, "printer")
	if alone.State != kiosk.DeviceOffline || !strings.Contains(alone.Text, "lp99") || alone.Remedy == "" {
		t.Errorf("alone: %+v", alone)
	}
	base, stop := serve(t, c)
	defer stop()
	c.Addr = strings.TrimPrefix(base, "http://")
	if beside := find(c, "printer"); beside != alone {
		t.Errorf("beside the booth: %+v, alone: %+v", beside, alone)
	}
	if f := find(c, "book"); f.State != kiosk.DeviceOK {
		t.Errorf("the book: %+v", f)
	}
	if f := find(c, "screen"); f.State != kiosk.DeviceOK || !strings.Contains(f.Text, "by process") {
		t.Errorf("the screen: %+v", f)
	}
}

func TestAForgottenPINIsSetOnlyWhereABoothIs(t *testing.T) {
	c := config(t, io.Discard)
	if err := boothd.SetPIN(t.Context(), c, "204816"); err == nil || !strings.Contains(err.Error(), "holds no booth") {
		t.Errorf("no booth: got %v", err)
	}
	_, end := serve(t, c)
	if err := boothd.SetPIN(t.Context(), c, "204816"); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("a running booth: got %v", err)
	}
	end()
	if err := boothd.SetPIN(t.Context(), boothd.Config{Data: c.Data, Version: daemon.BuildVersion()}, "204816"); err != nil {
		t.Fatal(err)
	}
	base, stop := serve(t, c)
	defer stop()
	r, err := http.PostForm(base+"/staff/enter", url.Values{"digits": {"204816"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("the PIN is answered with %s", r.Status)
	}
}
