package wire_test

import (
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

func TestInvitation(t *testing.T) {
	want := wire.Invitation{Hub: "http://10.0.0.1:8443/sub", Booth: "07", Code: "ABCDE12345", Fingerprint: wire.Fingerprint(public(testKey(1)))}
	line := want.String()
	tests := []struct {
		name, s string
		ok      bool
	}{
		{"as it was printed", line, true},
		{"with blanks and line breaks around it", "\n  " + line + "\r\n", true},
		{"with the code as someone typed it", strings.Replace(line, "ABCDE12345", "abcde-l2345", 1), true},
		{"empty", "", false},
		{"something else", "https://example.org", false},
		{"of a later version", strings.Replace(line, ":1?", ":2?", 1), false},
		{"cut", line[:len(line)-2], false},
		{"without a hub", strings.Replace(line, "hub=", "hup=", 1), false},
		{"with a hub that is a file", strings.Replace(line, "hub=http", "hub=file", 1), false},
		{"with a booth that is none", strings.Replace(line, "booth=07", "booth=-7", 1), false},
		{"for the booth that has no city", strings.Replace(line, "booth=07", "booth=new", 1), false},
		{"with a short code", strings.Replace(line, "ABCDE12345", "ABCDE", 1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := wire.ParseInvitation(tt.s)
			if tt.ok && (err != nil || got != want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			if !tt.ok && kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if err := want.Trust(public(testKey(1))); err != nil {
		t.Error(err)
	}
	if err := want.Trust(public(testKey(2))); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("trusted another key: %v", err)
	}
}
