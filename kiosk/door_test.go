package kiosk_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

func TestNightHoldsWhatLiesInItsHours(t *testing.T) {
	for _, tt := range []struct {
		night, at string
		want      bool
	}{
		{"22:00-06:00", "21:59", false},
		{"22:00-06:00", "22:00", true},
		{"22:00-06:00", "00:00", true},
		{"22:00-06:00", "05:59", true},
		{"22:00-06:00", "06:00", false},
		{"22:00-06:00", "12:00", false},
		{"01:30-02:00", "01:29", false},
		{"01:30-02:00", "01:30", true},
		{"01:30-02:00", "02:00", false},
		{"none", "00:00", false},
	} {
		night, err := kiosk.ParseNight(tt.night)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse("15:04", tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := night.Holds(at); got != tt.want {
			t.Errorf("%s holds %s: got %v, want %v", tt.night, tt.at, got, tt.want)
		}
		if night.String() != tt.night {
			t.Errorf("got %s, want %s", night, tt.night)
		}
	}
}

func TestANightThatIsNoneIsRefused(t *testing.T) {
	for _, text := range []string{"", "22:00", "22:00-", "22-6", "22:00-24:00", "22:00-22:00", "22:00-06:00-07:00"} {
		if _, err := kiosk.ParseNight(text); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%q: got %v, want code invalid", text, err)
		}
	}
}
