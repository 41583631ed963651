package kiosk_test

import (
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestAnAssetTagIsReadHoweverItIsTyped(t *testing.T) {
	tag := kiosk.NewAssetTag("07", 10, 12)
	for _, s := range []string{string(tag), tag.QR(), strings.ToLower(tag.QR()), strings.ReplaceAll(string(tag), "-", ""),
		" 07 10 " + string(tag[6:]), "０７" + string(tag[2:])} {
		got, err := kiosk.ParseAssetTag(s)
		if err != nil || got != tag {
			t.Errorf("%q: got %q and %v, want %q", s, got, err, tag)
		}
	}
	if tag.Home() != "07" || tag.Code() != 10 || !tag.BelongsTo("07") || tag.BelongsTo("12") {
		t.Errorf("%s: got home %q and code %d", tag, tag.Home(), tag.Code())
	}
	letters := kiosk.NewAssetTag("north-1", 12, 999)
	if got, err := kiosk.ParseAssetTag(letters.QR()); err != nil || got != letters || !got.BelongsTo("North-1") {
		t.Errorf("got %q and %v, want %q", got, err, letters)
	}
}

func TestAnAssetTagFindsSlips(t *testing.T) {
	for n := 1; n <= kiosk.MaxAssets; n += 7 {
		tag := strings.ReplaceAll(string(kiosk.NewAssetTag("07", 23, n)), "-", "")
		for i := range tag {
			for d := byte('0'); d <= '9'; d++ {
				wrong := tag[:i] + string(d) + tag[i+1:]
				if _, err := kiosk.ParseAssetTag(wrong); d != tag[i] && kiosk.CodeOf(err) != kiosk.CodeInvalid {
					t.Errorf("%s for %s was taken", wrong, tag)
				}
			}
			if i+1 < len(tag) && tag[i] != tag[i+1] {
				wrong := tag[:i] + string(tag[i+1]) + string(tag[i]) + tag[i+2:]
				if _, err := kiosk.ParseAssetTag(wrong); kiosk.CodeOf(err) != kiosk.CodeInvalid {
					t.Errorf("%s for %s was taken", wrong, tag)
				}
			}
		}
	}
	for _, s := range []string{"", "07", "RS1:07-218.7K3QF9TZ2M4PXA0B", "07-10-000" + "0", "号码-10-0126", strings.Repeat("9", 60)} {
		if _, err := kiosk.ParseAssetTag(s); kiosk.KeyOf(err) != "error.asset" {
			t.Errorf("%q: got %v", s, err)
		}
	}
}
