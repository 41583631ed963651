package kiosk

import (
	"fmt"
	"strings"

	"golang.org/x/text/width"
)

// AssetTag is what stands on a thing that is lent: "07-10-0126". It says, with no line
// and no list, which booth it belongs to (07), which kind of thing it is (10, the code
// in the content pack) and which one of these (012). The last digit is a check: the
// algorithm of H. Michael Damm (2004) finds every wrong digit and every two digits that
// changed places. On a booth whose id has letters too, each stands for two digits (A is
// 10). It is nobody's secret: whoever has it has the thing.
type AssetTag string

// MaxAssets is how many tags a booth can have for things of one kind.
const MaxAssets = 999

// assetQR begins the payload of a sticker's QR. The rest is the tag, so that all of it
// stays in QR alphanumeric mode.
const assetQR = "RA1:"

// NewAssetTag returns the tag of the n-th thing (1 to MaxAssets) of the kind with that
// code (10 to 99) that belongs to the booth.
func NewAssetTag(booth string, code, n int) AssetTag {
	home := plainBooth(booth)
	return AssetTag(fmt.Sprintf("%s-%02d-%03d%d", home, code, n, damm(fmt.Sprintf("%s%02d%03d", home, code, n))))
}

// QR returns the payload of the tag's QR.
func (t AssetTag) QR() string { return assetQR + string(t) }

// IsAssetQR reports whether a scan can be an asset tag.
func IsAssetQR(s Scan) bool { return strings.HasPrefix(strings.ToUpper(s.Text), assetQR) }

// ParseAssetTag reads a tag as it was scanned or typed: with or without hyphens and
// spaces. The error has CodeInvalid and the key error.asset.
func ParseAssetTag(s string) (AssetTag, error) {
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(width.Narrow.String(s))), assetQR)
	s = plainBooth(s)
	wrong := func() (AssetTag, error) {
		return "", Errorf(CodeInvalid, "error.asset", "an asset tag of %d characters that does not fit its check digit", len(s))
	}
	if len(s) < 7 || len(s) > 16+6 || strings.Trim(s[len(s)-6:], "0123456789") != "" {
		return wrong()
	}
	home, rest := s[:len(s)-6], s[len(s)-6:]
	t := AssetTag(home + "-" + rest[:2] + "-" + rest[2:])
	if strings.Trim(home, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || rest[0] == '0' || rest[2:5] == "000" ||
		damm(home+rest[:5]) != int(rest[5]-'0') {
		return wrong()
	}
	return t, nil
}

// Home returns the booth that the thing belongs to, as it stands on the tag.
func (t AssetTag) Home() string { return string(t[:max(0, len(t)-8)]) }

// BelongsTo reports whether the thing belongs to the booth.
func (t AssetTag) BelongsTo(booth string) bool { return t.Home() == plainBooth(booth) }

// Code returns the code of its kind.
func (t AssetTag) Code() int {
	if len(t) < 8 {
		return 0
	}
	return int(t[len(t)-7]-'0')*10 + int(t[len(t)-6]-'0')
}

// plainBooth is a booth's id as it stands on tags: capitals, without dashes.
func plainBooth(id string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, id))
}

// damm returns the check digit of a text of digits and capitals.
func damm(s string) int {
	// The quasigroup of order 10 from Damm's thesis, "Total anti-symmetrische
	// Quasigruppen" (Marburg, 2004), page 106.
	const table = "0317598642" + "7092154863" + "4206871359" + "1750983426" + "6123045978" +
		"3674209581" + "5869720134" + "8945362017" + "9438617205" + "2581436790"
	at := 0
	for _, r := range s {
		if r >= 'A' {
			at = int(table[at*10+int(r-'A'+10)/10] - '0')
			r = '0' + (r-'A'+10)%10
		}
		at = int(table[at*10+int(r-'0')] - '0')
	}
	return at
}
