package daemon

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func TestTheRingKeepsTheLastLines(t *testing.T) {
	var passed bytes.Buffer
	ring := NewRing(3, "request served")
	log := slog.New(ring.Handler(slog.NewTextHandler(&passed, &slog.HandlerOptions{Level: slog.LevelWarn})))
	log.Info("one")
	log.Info("request served", "route", "/")
	log.Debug("not kept")
	log.With("booth", "07").WithGroup("door").Warn("two", "pin", 17)
	log.Error("three", "err", strings.Repeat("长", longestLine))
	log.Info("four")
	var got []string
	for _, l := range ring.Lines() {
		got = append(got, l.Text)
	}
	if len(got) != 3 || got[0] != "four" || !strings.HasPrefix(got[1], "three err=长") || got[2] != "two booth=07 door.pin=17" {
		t.Errorf("got %q", got)
	}
	if n := len(got[1]); n > longestLine+5 || !strings.HasSuffix(got[1], " …") {
		t.Errorf("a long line has %d bytes", n)
	}
	if text := passed.String(); !strings.Contains(text, "msg=two") || strings.Contains(text, "msg=one") {
		t.Errorf("handed on: %q, want what its own level lets through", text)
	}
}

func TestTheRingIsSharedByManyLoggers(t *testing.T) {
	ring := NewRing(10, "")
	log := slog.New(ring.Handler(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				log.With("a", 1).Info("said", "b", 2)
				ring.Lines()
			}
		})
	}
	all.Wait()
	for _, l := range ring.Lines() {
		if l.Text != "said a=1 b=2" {
			t.Errorf("got %q", l.Text)
		}
	}
}
