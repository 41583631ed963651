package kiosk_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestWhatCountsAsAScan(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string // "" = none
	}{
		{"a code of ours", "SB1:7K3QF9TZ2M", "SB1:7K3QF9TZ2M"},
		{"Chinese", "北山街道 07 号", "北山街道 07 号"},
		{"space around", "  A1 \r\n", "A1"},
		{"the longest", strings.Repeat("x", kiosk.MaxScan), strings.Repeat("x", kiosk.MaxScan)},
		{"one byte too long", strings.Repeat("x", kiosk.MaxScan+1), ""},
		{"nothing", "", ""},
		{"only space", " \t ", ""},
		{"not UTF-8", "A\xff", ""},
		{"a control character inside", "A\x1dB", ""},
		{"a direction mark", "A\u202eB", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := kiosk.NewScan(tt.text)
			if got.Text != tt.want {
				t.Errorf("got %q, want %q", got.Text, tt.want)
			}
			if tt.want != "" && err != nil || tt.want == "" && kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAScanIsNeverShownByAccident(t *testing.T) {
	s, err := kiosk.NewScan("SECRET")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %q %v\n", s, s, s, s, s, []any{&s})
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "scan", s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "scan", s)
	if _, err := kiosk.NewScan("SECRET\x00"); err != nil {
		fmt.Fprintln(&out, err)
	}
	if strings.Contains(out.String(), "SECRET") {
		t.Errorf("it is shown:\n%s", &out)
	}
}

func TestAScanReachesThoseWhoWait(t *testing.T) {
	b, err := kiosk.New(kiosk.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	b.NoteScan(kiosk.Scan{Text: "before"}) // nobody waits: it is gone
	ctx, stop := context.WithCancel(t.Context())
	first, second := b.Scans(ctx), b.Scans(ctx)
	for _, text := range []string{"one", "two"} {
		b.NoteScan(kiosk.Scan{Text: text})
	}
	for _, ch := range []<-chan kiosk.Scan{first, second} {
		if got := <-ch; got.Text != "two" {
			t.Errorf("got %q, want the last one", got.Text)
		}
	}
	if n := b.Status().ScanCount; n != 3 {
		t.Errorf("counted %d, want 3", n)
	}
	b.NoteScan(kiosk.Scan{Text: "unread"})
	stop()
	for ch := range second { // closed, with nothing left in it or the scan that came before
		t.Logf("got %s before the end", ch)
	}
	b.NoteScan(kiosk.Scan{Text: "after"})
}
