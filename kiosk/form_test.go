package kiosk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

func TestFieldsAreCheckedAndTidied(t *testing.T) {
	c := kiosktest.Catalogue()
	form := c.Functions[0].Services[2].Form
	for _, row := range []struct{ field, in, detail, want, key string }{
		{"kind", "light", "", "light", ""},
		{"kind", "", "", "", "error.required"},
		{"kind", "noise", "", "", "error.choice"},
		{"phone", "138-4321 5678", "", "13843215678", ""},
		{"phone", "＋86 １３８４３２１５６７８", "", "13843215678", ""},
		{"phone", "0432 6480 1234", "", "043264801234", ""},
		{"phone", "64801234", "", "64801234", ""},
		{"phone", "12345", "", "", "error.phone"},
		{"phone", "1384321567", "", "", "error.phone"},
		{"phone", "138432156789", "", "", "error.phone"},
		{"phone", "<script>", "", "", "error.phone"},
		{"phone", "138–4321—5678", "", "13843215678", ""},
		{"phone", "138\u00a04321　5678", "", "13843215678", ""},
		{"phone", "（0432）６４８０１２３４", "", "043264801234", ""},
		{"phone", "138４３２１5678\u202e", "", "", "error.characters"},
		{"words", "  楼道灯坏了 \r\n两天 ", "", "楼道灯坏了 \n两天", ""},
		{"words", "楼道灯\x00坏了", "", "", "error.characters"},
		{"words", "灯\u202e坏了", "", "", "error.characters"},
		{"words", "灯\u2066坏了\u2069", "", "", "error.characters"},
		{"words", "灯\ue000坏了", "", "", "error.characters"},
		{"words", "灯\xff坏了", "", "", "error.characters"},
		{"words", "３号楼　２单元\tＢ座，", "", "3号楼 2单元 B座，", ""},
		{"words", "灯\u200b坏\ufeff了   两天", "", "灯坏了 两天", ""},
		{"name", "喆堃䶮𬭎", "", "喆堃䶮𬭎", ""},
		{"name", "\u0627\u061c", "", "", "error.characters"},
		{"place", "beishan", "三号\u200f楼", "", "error.characters"},
		{"words", "", "", "", ""},
		{"words", strings.Repeat("灯", 51), "", "", "error.too_long"},
		{"name", "喆堃\u0301", "", "喆堃\u0301", ""},
		{"name", "   ", "", "", "error.required"},
		{"place", "beishan", "三号楼", "beishan", ""},
		{"place", "moon", "", "", "error.place"},
		{"place", "", "", "", ""},
		{"place", "", "三号楼", "", "error.required"},
		{"day", "2026-11-24", "", "2026-11-24", ""},
		{"day", "2026-11-30", "", "2026-11-30", ""},
		{"day", "2026-12-01", "", "", "error.date"},
		{"day", "soon", "", "", "error.date"},
		{"consent", "yes", "", "yes", ""},
		{"consent", "", "", "", "error.consent"},
	} {
		t.Run(row.field+" "+row.in, func(t *testing.T) {
			f, ok := form.Field(row.field)
			if !ok {
				t.Fatal("no such field")
			}
			got, err := f.Check(kiosk.Answer{Value: row.in, Detail: row.detail}, c, today)
			if row.key == "" {
				if err != nil || got.Value != row.want || got.Detail != row.detail {
					t.Errorf("got %+v, %v; want %q", got, err, row.want)
				}
				return
			}
			var e *kiosk.Error
			if !errors.As(err, &e) || e.Key != row.key || e.Field != row.field || e.Code != kiosk.CodeInvalid {
				t.Errorf("got %v; want key %s", err, row.key)
			}
			if got.Value != row.in || got.Detail != row.detail {
				t.Errorf("what was entered is lost: %+v", got)
			}
		})
	}
}

func TestAFormKeepsOnlyItsFieldsAndConsent(t *testing.T) {
	c := kiosktest.Catalogue()
	form := c.Functions[0].Services[2].Form
	in := kiosk.Answers{"kind": {Value: "light"}, "consent": {Value: "no"}, "phone": {Value: "13843215678"}, "extra": {Value: "x"}}
	kept, err := form.Accept(in, c, today)
	if err != nil || len(kept) != 2 {
		t.Errorf("kept %v, %v; want the kind and the consent", kept, err)
	}
	form.Anonymous = false
	if _, err := form.Accept(in, c, today); kiosk.KeyOf(err) != "error.consent_needed" {
		t.Errorf("error %v, want error.consent_needed", err)
	}
}

func TestTextFallsBackToChinese(t *testing.T) {
	text := kiosk.Text{kiosk.Chinese: "驿站", kiosk.English: "Station"}
	if text.In(kiosk.English) != "Station" || text.In(kiosk.Korean) != "驿站" {
		t.Errorf("got %q and %q", text.In(kiosk.English), text.In(kiosk.Korean))
	}
}
