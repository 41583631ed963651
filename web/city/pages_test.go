package city_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/city"
)

func TestEveryPageStandsWithNothingToShow(t *testing.T) {
	for _, lang := range []kiosk.Lang{kiosk.Chinese, kiosk.English} {
		pages, err := city.RenderZero(lang)
		if err != nil {
			t.Fatal(err)
		}
		for name, page := range pages {
			if name != "row" && !strings.Contains(string(page), "</html>") {
				t.Errorf("%s in %s is not whole", name, lang)
			}
		}
	}
}

// TestPagesKeepThePolicy looks for what the content policy forbids, and for what
// every page owes its readers.
func TestPagesKeepThePolicy(t *testing.T) {
	v := signedIn(t)
	v.cases = append(v.cases, filedCase(t, 12, "07-001"))
	pages := map[string]string{"login": v.page("/login"), "opened": v.post("/log/100/open", "reason", "because of this").Body.String()}
	for _, path := range []string{"/", "/log", "/log/100", "/log/117", "/audit", "/consents", "/password", "/cases", "/cases/07/07-001"} {
		pages[path] = v.page(path)
		if got := v.get(path).Header().Get("Content-Security-Policy"); got != web.Policy {
			t.Errorf("%s: policy %q", path, got)
		}
	}
	inline := regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=\s*["']|<style|javascript:`)
	for name, page := range pages {
		if m := inline.FindString(page); m != "" {
			t.Errorf("%s has %q", name, m)
		}
		for _, m := range regexp.MustCompile(`<script[^>]*>`).FindAllString(page, -1) {
			if !strings.Contains(m, ` src="/assets/`) {
				t.Errorf("%s has %s", name, m)
			}
		}
		if n := strings.Count(page, "<h1"); n != 1 {
			t.Errorf("%s has %d headings of the first level, want 1", name, n)
		}
		want(t, page, `<html lang="zh-CN">`, "<title>", `<main id="main"`, "not:ZgotmplZ", "not:&lt;nil&gt;")
		if m := regexp.MustCompile(`[^/]city\.[a-z_]+`).FindString(page); m != "" {
			t.Errorf("%s shows a key: %s", name, m)
		}
	}
}

func TestAuditIsReadInPages(t *testing.T) {
	v := signedIn(t)
	want(t, v.page("/audit"), "还没有审计记录")
	for i := range 230 {
		v.lines = append(v.lines, kiosk.AuditLine{At: noon, Who: "local", Deed: "tested", Object: fmt.Sprintf("line %d.", i+1)})
	}
	v.lines[228].Object = "booth 07"
	v.lines[229].Object, v.lines[229].Reason = "record 12x", "<script>"
	first := v.page("/audit")
	want(t, first, "record 12x", `<a href="/log?booth=07">驿站 07</a>`, "&lt;script&gt;", "line 131.", "not:line 130.", "not:回到最新", "not:href=\"/log/12")
	second := v.page(link(first, "next"))
	want(t, second, "line 130.", "line 31.", "not:line 30.", "回到最新")
	third := v.page(link(second, "next"))
	want(t, third, "line 30.", "line 1.")
	if link(third, "next") != "" {
		t.Error("the last page goes on")
	}
}

func TestWordsAreCompleteAndUsed(t *testing.T) {
	w, err := city.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	own := func(lang kiosk.Lang) []string {
		return slices.DeleteFunc(w.Keys(lang), func(k string) bool { return !strings.HasPrefix(k, "city.") })
	}
	zh, en := own(kiosk.Chinese), own(kiosk.English)
	if !slices.Equal(zh, en) {
		for _, k := range zh {
			if !slices.Contains(en, k) {
				t.Errorf("%s stands in Chinese only", k)
			}
		}
		for _, k := range en {
			if !slices.Contains(zh, k) {
				t.Errorf("%s stands in English only", k)
			}
		}
	}
	hole := regexp.MustCompile(`\{[a-z_]+\}`)
	for _, k := range en {
		a, b := hole.FindAllString(w.Say("zh", k), -1), hole.FindAllString(w.Say("en", k), -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: got %v in English, want %v as in Chinese", k, b, a)
		}
	}
	for _, kind := range []kiosk.Kind{kiosk.KindBoothStarted, kiosk.KindBoothStopped, kiosk.KindBoothEnrolled, kiosk.KindEpochBegun,
		kiosk.KindTicketIssued, kiosk.KindRequestFiled, kiosk.KindLeafletTaken, kiosk.KindSurveyAnswered, kiosk.KindHelpCalled, kiosk.KindHelpAnswered, kiosk.KindHelpCancelled, kiosk.KindNoticePrinted, kiosk.KindNoticeRead, kiosk.KindTwinPrinted, kiosk.KindSlipReissued, kiosk.KindSlipPrinted,
		kiosk.KindRequestAnswered, kiosk.KindRequestRated, kiosk.KindRequestWithdrawn, kiosk.KindRequestReopened, kiosk.KindDataAsked, kiosk.KindConsentWithdrawn,
		kiosk.KindLoanLent, kiosk.KindLoanReturned, kiosk.KindLoanRenewed, kiosk.KindLoanSettled, kiosk.KindStockCounted, kiosk.KindAssetTagged,
		kiosk.KindTicketCalled, kiosk.KindTicketSkipped, kiosk.KindPrintMade,
		kiosk.KindDoorOpened, kiosk.KindDoorClosed, kiosk.KindDoorLeftOpen, kiosk.KindDoorNight, kiosk.KindDoorDead, kiosk.KindDoorBack,
		kiosk.KindPrinterState, kiosk.KindPrinterPaper, kiosk.KindBoardHealth, kiosk.KindPowerFailed, kiosk.KindDayResumed,
		kiosk.KindKeysChanged, kiosk.KindSettingChanged, kiosk.KindClockSet, kiosk.KindReadinessTaken, kiosk.KindStaffSignedIn, kiosk.KindStaffRefused, kiosk.KindStaffLocked} {
		if !w.Has("zh", "city.kind."+string(kind)) {
			t.Errorf("kind %s has no name", kind)
		}
	}
}
