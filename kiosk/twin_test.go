package kiosk_test

import (
	"testing"

	"redstation/kiosk"
)

func TestParseTwinRefusesASlipOfThePen(t *testing.T) {
	const good = "48210737"
	number := ""
	for d := range 10 {
		if n, err := kiosk.ParseTwin(good[:7] + string(rune('0'+d))); err == nil {
			if number != "" {
				t.Fatalf("both %s and %s pass", number, n)
			}
			number = n
		}
	}
	if got, err := kiosk.ParseTwin(" P" + number[:4] + " " + number[4:]); err != nil || got != number {
		t.Errorf("as it stands on the paper: got %q and %v", got, err)
	}
	for i := range number {
		for d := range byte(10) {
			wrong := []byte(number)
			if wrong[i] = '0' + d; string(wrong) == number {
				continue
			}
			if _, err := kiosk.ParseTwin(string(wrong)); kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Errorf("%s passes for %s: %v", wrong, number, err)
			}
		}
	}
	for i := range len(number) - 1 {
		wrong := []byte(number)
		wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
		if a, b := number[i], number[i+1]; a == b || a == '0' && b == '9' || a == '9' && b == '0' {
			continue // the one pair that the check digit does not see
		}
		if _, err := kiosk.ParseTwin(string(wrong)); err == nil {
			t.Errorf("%s passes for %s", wrong, number)
		}
	}
	for _, s := range []string{"", "1234567", number + "0", "abcdefgh"} {
		if _, err := kiosk.ParseTwin(s); err == nil {
			t.Errorf("%q passes", s)
		}
	}
}
