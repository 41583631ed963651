package kiosk_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

func notice() kiosk.CityNotice {
	from := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	return kiosk.CityNotice{ID: "water", Level: kiosk.LevelEmergency, Title: kiosk.Text{"zh": "停水"},
		Lines: []kiosk.Text{{"zh": "请存水。"}}, From: from, Until: from.Add(time.Hour)}
}

func TestWhatANoticeMustBe(t *testing.T) {
	good := notice()
	item, err := good.Item()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := kiosk.ParseNotice(item); err != nil || !back.Until.Equal(good.Until) || back.Title["zh"] != "停水" {
		t.Errorf("got %+v, %v back", back, err)
	}
	for name, spoil := range map[string]func(*kiosk.CityNotice){
		"no id":                func(n *kiosk.CityNotice) { n.ID = "" },
		"an address as id":     func(n *kiosk.CityNotice) { n.ID = "../x" },
		"no level":             func(n *kiosk.CityNotice) { n.Level = "" },
		"no Chinese":           func(n *kiosk.CityNotice) { n.Title = kiosk.Text{"en": "Water"} },
		"no end":               func(n *kiosk.CityNotice) { n.Until = time.Time{} },
		"ends when it begins":  func(n *kiosk.CityNotice) { n.Until = n.From },
		"stays for years":      func(n *kiosk.CityNotice) { n.Until = n.From.AddDate(2, 0, 0) },
		"tells not what to do": func(n *kiosk.CityNotice) { n.Lines = nil },
		"seven lines":          func(n *kiosk.CityNotice) { n.Lines = make([]kiosk.Text, 7) },
		"turned text":          func(n *kiosk.CityNotice) { n.Title = kiosk.Text{"zh": "停\u202e水"} },
		"another language":     func(n *kiosk.CityNotice) { n.Title = kiosk.Text{"zh": "停水", "fr": "Eau"} },
	} {
		bad := notice()
		spoil(&bad)
		if _, err := bad.Item(); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

func TestTheTimeThatSurelyHasCome(t *testing.T) {
	boot, next := kiosk.RandomID(), kiosk.RandomID()
	hub := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	var l kiosk.Lease
	l.Touch(boot, time.Minute, hub)
	untrusted := func(since time.Duration) kiosk.Reading {
		return kiosk.Reading{Wall: time.Unix(0, 0), Since: since, State: kiosk.ClockBelowBuild}
	}
	for _, c := range []struct {
		name string
		boot kiosk.ID
		at   kiosk.Reading
		want time.Time
	}{
		{"running time counts on", boot, untrusted(61 * time.Minute), hub.Add(time.Hour)},
		{"a new boot counts from its start", next, untrusted(5 * time.Minute), hub.Add(5 * time.Minute)},
		{"a clock set by hand does not count", boot, kiosk.Reading{Wall: hub.AddDate(1, 0, 0), Since: 2 * time.Minute, State: kiosk.ClockSetByHand}, hub.Add(time.Minute)},
		{"a trusted clock does", boot, kiosk.Reading{Wall: hub.Add(9 * time.Hour), Since: 2 * time.Minute, State: kiosk.ClockNTP}, hub.Add(9 * time.Hour)},
		{"but not backwards", boot, kiosk.Reading{Wall: hub.Add(-9 * time.Hour), Since: 2 * time.Minute, State: kiosk.ClockNTP}, hub.Add(time.Minute)},
	} {
		if got := l.Surely(c.boot, c.at); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
