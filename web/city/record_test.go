package city_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestRecordInFull(t *testing.T) {
	v := signedIn(t)
	page := v.page("/log/100")
	header := hex.EncodeToString(v.log[99].Header)
	want(t, page, "记录 100", "登记诉求", "烦心事登记", "楼道照明", "北山街道", "同意留联系方式", "转给", "社区", "AAAA",
		"2026-11-23 11:40:00", "2026-11-23 11:40:01", "已与市级服务器核对", "第 41 次开机后 3 天 5 小时", "写下 2 秒后到达",
		"普通", v.log[99].Epoch.String(), v.log[99].ID.String(), header[:64], header[64:128],
		`href="/log/97"`, `href="/log/103"`, "居民所说，已密封", `action="/log/100/open"`, "not:13904320000")
	h, err := kiosk.DecodeHeader(v.log[99].Header)
	if err != nil {
		t.Fatal(err)
	}
	want(t, page, hex.EncodeToString(h.FactsCommit), hex.EncodeToString(h.SealedCommit))
	want(t, v.page("/log/118"), "时间不明", "不晚于 2026-11-23 11:58:02", "在 2026-10-23 12:00:00 与 2026-11-23 11:58:02 之间", "1970-01-01 08:00:08", "肯定不对", "not:写下 ")
	want(t, v.page("/log/119"), "约 2026-11-23 07:00", "±40 分，开机后还没有校时", "在 2026-11-23 06:20:00 与 2026-11-23 07:39:00 之间", "2026-11-23 03:00:00", "not:写下 ", "没有密封部分", "not:<form method=\"post\" action=\"/log")
	want(t, v.page("/log/116"), "内容已按规定删除")
	v.log[99].Header = []byte("\x99from the future")
	want(t, v.page("/log/100"), "读不懂这条记录的信息头", hex.EncodeToString(v.log[99].Header))
	v.log[96].Epoch = kiosk.ID{1}
	want(t, v.page("/log/100"), `href="/log/103"`, "not:href=\"/log/97\"")
	for _, path := range []string{"/log/999", "/log/0", "/log/-1", "/log/x", "/log/99999999999999999999"} {
		if w := v.get(path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: got %d, want 404", path, w.Code)
		}
	}
}

func TestSealedFieldsOpenWithAReasonOnly(t *testing.T) {
	v := signedIn(t)
	for _, reason := range []string{"", "   ", "abc", "核实一", " a  b ", strings.Repeat("长", 201)} {
		w := v.post("/log/100/open", "reason", reason)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("reason %q: got %d, want 422", reason, w.Code)
		}
		want(t, w.Body.String(), "理由", `aria-invalid="true"`, "not:13904320000")
	}
	if w := v.post("/log/100/open?reason=because+of+this"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a reason in the address: got %d, want 422", w.Code)
	}
	if len(v.lines) != 0 {
		t.Fatalf("audit has %v though nothing was opened", v.lines)
	}
	w := v.post("/log/100/open", "reason", "核实<楼道>照明")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d with Cache-Control %q, want 200 with no-store", w.Code, w.Header().Get("Cache-Control"))
	}
	want(t, w.Body.String(), "联系电话", "13904320000", "王&lt;大&gt;爷", "地点（补充）", "3号楼", "称呼", "<code>odd_key</code>",
		"核实&lt;楼道&gt;照明", "wang", `data-opened="/log/100"`, "not:<form method=\"post\" action=\"/log")
	if len(v.lines) != 1 || v.lines[0].Who != "wang" || v.lines[0].Object != "record 100" || v.lines[0].Reason != "核实<楼道>照明" {
		t.Errorf("audit: got %+v", v.lines)
	}
	want(t, v.page("/log/100"), "not:13904320000")
	want(t, v.page("/audit"), "打开密封内容", `<a href="/log/100">`, "核实&lt;楼道&gt;照明", "not:13904320000")
	want(t, v.console.String(), "not:13904320000", "not:核实", "not:wang", "not:/log/100")
	if w := v.get("/log/100/open"); w.Code == http.StatusOK {
		t.Error("a GET opened the record")
	}
}

func TestSealedToAnotherKey(t *testing.T) {
	v := signedIn(t)
	delete(v.sealed, 100)
	w := v.post("/log/100/open", "reason", "核实楼道照明")
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d, want 403", w.Code)
	}
	want(t, w.Body.String(), "市级密钥打不开", "核实楼道照明")
	if w := v.post("/log/999/open", "reason", "核实楼道照明"); w.Code != http.StatusNotFound {
		t.Errorf("no such record: got %d, want 404", w.Code)
	}
}
