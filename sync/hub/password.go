package hub

import (
	"strings"

	"redstation/sync/wire"
)

// oneTimePassword returns 20 characters of Crockford's base32, 100 random bits, in
// groups of five to be read out.
func oneTimePassword() string {
	s := wire.NewCode() + wire.NewCode()
	return strings.Join([]string{s[:5], s[5:10], s[10:15], s[15:]}, "-")
}
