package kiosk_test

import (
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestAPasswordMatchesItsOwnHashOnly(t *testing.T) {
	hash, again := kiosk.HashPassword("204816"), kiosk.HashPassword("204816")
	if hash == again {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	for _, tt := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"the password", hash, "204816", true},
		{"another one", hash, "204817", false},
		{"nothing", hash, "", false},
		{"no hash", "", "204816", false},
		{"a hash of another kind", strings.Replace(hash, "argon2id", "argon2i", 1), "204816", false},
		{"a hash that would take a gigabyte", strings.Replace(hash, "m=19456", "m=99999999", 1), "204816", false},
		{"a hash without a key", hash[:strings.LastIndex(hash, "$")+1], "204816", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := kiosk.PasswordMatches(tt.hash, tt.password); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
