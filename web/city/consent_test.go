package city_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

// ledger fills the ledger with n lines, every third of them withdrawn.
func (v *visit) ledger(n int) *visit {
	for i := range n {
		at := noon.Add(time.Duration(i-n) * time.Minute)
		l := kiosk.ConsentLine{Number: fmt.Sprintf("07-%03d", i+1), Booth: "07", Name: "南京", Service: "3.1", Given: i%2 == 0, Text: "1122334455667788",
			Lang: kiosk.Korean, Pack: "2026.11", Pos: int64(i + 1), Received: at, When: kiosk.Instant{Lo: at, Hi: at, Best: at, Confidence: kiosk.TimeExact}}
		if i%3 == 2 {
			l.Withdrawn, l.WithdrawnPos = noon, 900
		}
		v.consents = append(v.consents, l)
	}
	return v
}

func TestTheLedgerOfConsentsIsReadFilteredAndExported(t *testing.T) {
	v := signedIn(t).ledger(60)
	v.consents[59].Helped, v.consents[58].Paper, v.consents[57].Number = true, "12345674", "=1+1"
	page := v.page("/consents")
	want(t, page, "07-060", "3.1 ", "1122334455667788", `href="/log/60"`, "已收回", "不同意", "他人代填", "P12345674", `href="/log/900"`, "before=11", "not:07-010")
	want(t, v.page("/consents?before=11"), "07-010", "not:07-011")
	want(t, v.page("/consents?state=withdrawn&number=07-003"), "07-003", `<option value="withdrawn" selected>`, "not:07-006")
	want(t, v.page("/consents?number=nobody"), "没有符合条件")

	sheet := v.get("/consents.csv?state=withdrawn").Body.String()
	if n := strings.Count(sheet, "\r\n"); n != 21 || !strings.HasPrefix(sheet, "\uFEFF") || strings.Contains(sheet, "\r\n=1+1") {
		t.Errorf("the sheet has %d lines:\n%s", n, sheet)
	}
	lines := strings.Split(strings.TrimSpace(v.get("/consents.ndjson").Body.String()), "\n")
	if len(lines) != 60 {
		t.Fatalf("%d lines for programs, want 60", len(lines))
	}
	var first struct {
		Number string
		Given  bool
		State  string
		Lang   string
		Helped bool
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Number != "07-060" || first.State != "withdrawn" || !first.Helped || first.Lang != "ko" {
		t.Errorf("the first line is %s (%v)", lines[0], err)
	}
	trail := v.page("/audit")
	want(t, trail, "consents csv state=withdrawn, 20 rows", "consents ndjson, 60 rows")
}

func TestTheLedgerIsForWhoIsSignedIn(t *testing.T) {
	v := newVisit(t)
	for _, path := range []string{"/consents", "/consents.csv", "/consents.ndjson"} {
		if got := v.get(path); got.Code != http.StatusSeeOther {
			t.Errorf("%s: got %d", path, got.Code)
		}
	}
}

func TestAnEmptyLedgerSaysSo(t *testing.T) {
	want(t, signedIn(t).page("/consents"), "还没有同意记录")
}
