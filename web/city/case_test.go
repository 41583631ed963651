package city_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

// Cases, Case, ActOnCase and ForgetCase make the fake a hub of cases, by the rules of
// the domain.
func (f *fake) Cases(_ context.Context, q kiosk.CaseQuery) (out []kiosk.CaseItem, err error) {
	for _, c := range f.cases {
		if (q.Owner == "" || q.Owner == c.Owner) && (q.State != kiosk.CaseClosed || !c.Open()) && (q.Before == 0 || c.Pos < q.Before) && len(out) < q.Limit {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f *fake) Case(_ context.Context, booth, number string) (kiosk.CaseItem, error) {
	for _, c := range f.cases {
		if c.Booth == booth && c.Number == number {
			c.Deeds = c.CaseFace.Deeds()
			return c, nil
		}
	}
	return kiosk.CaseItem{}, &kiosk.Error{Code: kiosk.CodeNotFound, Key: "error.not_found"}
}

func (f *fake) ActOnCase(ctx context.Context, who, booth, number string, version uint64, e kiosk.CaseEvent) (kiosk.CaseItem, error) {
	item, err := f.Case(ctx, booth, number)
	if err != nil {
		return item, err
	}
	if version != item.Version {
		return item, &kiosk.Error{Code: kiosk.CodeConflict, Key: "error.case_version"}
	}
	e.Who, e.At = who, f.now
	c, err := item.CaseFace.Apply(e, kiosk.UsualRules())
	if err != nil {
		return item, err
	}
	for i := range f.cases {
		if f.cases[i].Number == number {
			f.cases[i].CaseFace.Case = c
			if len(e.Text) > 0 {
				f.cases[i].Say(kiosk.CaseWord{Deed: e.Deed, At: e.At, Text: e.Text})
			}
			f.cases[i].Events = append(f.cases[i].Events, e)
		}
	}
	return f.Case(ctx, booth, number)
}

func (f *fake) ForgetCase(ctx context.Context, who, booth, number, reason string) error {
	if len(reason) < 4 {
		return &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.reason"}
	}
	_, err := f.Case(ctx, booth, number)
	f.lines = append(f.lines, kiosk.AuditLine{Who: who, Deed: "record_erased", Reason: reason})
	return err
}

// filedCase is a case as it arrives.
func filedCase(t *testing.T, n int, number string) kiosk.CaseItem {
	t.Helper()
	filed := kiosk.CaseEvent{Deed: kiosk.DeedFiled, At: noon, Who: "07", Reason: "property", Pos: int64(n)}
	c, err := kiosk.Case{}.Apply(filed, kiosk.UsualRules())
	if err != nil {
		t.Fatal(err)
	}
	return kiosk.CaseItem{Booth: "07", Number: number, Service: "3.1", Action: kiosk.ActionRequest, Pos: int64(n), Received: noon,
		CaseFace: kiosk.CaseFace{Case: c}, Events: []kiosk.CaseEvent{filed}}
}

func TestACaseIsActedOn(t *testing.T) {
	v := signedIn(t)
	want(t, v.page("/cases"), "还没有事项")
	v.cases = append(v.cases, filedCase(t, 12, "07-001"))
	want(t, v.page("/cases?state=open&owner=property"), `href="/cases/07/07-001"`, "组建", "烦心事登记")
	want(t, v.page("/cases?owner=street"), "not:07-001")
	page := v.page("/cases/07/07-001")
	want(t, page, "受理", `href="/log/12"`, "not:办结</h2>", `name="version" value="1"`)
	post := func(status int, pairs ...string) string {
		t.Helper()
		r := v.post("/cases/07/07-001", pairs...)
		if r.Code != status {
			t.Fatalf("%v: got %d, want %d\n%s", pairs, r.Code, status, r.Body)
		}
		return r.Body.String()
	}
	post(http.StatusSeeOther, "deed", "accepted", "version", "1")
	want(t, post(409, "deed", "asked", "version", "1", "text_zh", "几号楼？"), "事项已有变化")
	want(t, post(422, "deed", "asked", "version", "2"), "请写对居民说的话")
	want(t, post(422, "deed", "asked", "version", "2", "text_zh", strings.Repeat("长", 301)), "最多 300 字")
	post(http.StatusSeeOther, "deed", "asked", "version", "2", "text_zh", "几号楼？", "text_en", "Which building?")
	want(t, v.page("/cases/07/07-001"), "等居民回答", "几号楼？", "wang")
	want(t, post(422, "deed", "planned", "version", "3", "text_zh", "修", "due", "2020-01-01"), "期限要在今天以后")
	post(http.StatusSeeOther, "deed", "planned", "version", "3", "text_zh", "周五修", "due", "2099-01-01", "party", "owners")
	want(t, v.page("/cases/07/07-001"), "会商", "登记同意", "业委会")
	post(http.StatusSeeOther, "deed", "agreed", "version", "4", "party", "owners")
	post(http.StatusSeeOther, "deed", "done", "version", "5", "outcome", "fixed", "text_zh", "修好了")
	want(t, v.page("/cases/07/07-001"), "评价 · 办好", "not:办结</h2>")
	want(t, v.page("/cases?state=closed"), "not:07-001") // nobody but the resident closes it
	post(422, "deed", "erase", "reason", "x")
	post(http.StatusSeeOther, "deed", "erase", "reason", "as the resident asked")
	if n := len(v.lines); n == 0 || v.lines[n-1].Who != "wang" {
		t.Errorf("erased by %+v", v.lines)
	}
	if r := v.get("/cases/07/07-999"); r.Code != 404 {
		t.Errorf("no such case: %d", r.Code)
	}
}

func TestCasesAreReadInPages(t *testing.T) {
	v := signedIn(t)
	for n := 120; n > 0; n-- {
		v.cases = append(v.cases, filedCase(t, n, "07-"+time.Duration(n).String()))
	}
	first := v.page("/cases?owner=property")
	want(t, first, "07-120ns", "07-71ns", "not:07-70ns")
	second := v.page(strings.ReplaceAll(link(first, "next"), "&amp;", "&"))
	want(t, second, "07-70ns", "07-21ns", "not:07-20ns", "回到最新")
}
