package city_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"redstation/kiosk"
)

func (f *fake) LoansOut(_ context.Context, due, number string, limit int) (out []kiosk.LoanLine, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.loans {
		if cmp.Or(cmp.Compare(l.Due, due), cmp.Compare(l.Number, number)) > 0 && len(out) < limit {
			out = append(out, l)
		}
	}
	return out, nil
}

func TestWhatIsLentIsListedWithoutNames(t *testing.T) {
	v := signedIn(t)
	want(t, v.page("/loans"), "现在没有借出的东西")
	for i := range 150 {
		v.loans = append(v.loans, kiosk.LoanLine{Number: fmt.Sprintf("07-%03d", i), Booth: "07", Service: "12.1", Thing: "umbrella",
			Tag: "07-10-0011", Due: fmt.Sprintf("%d-12-24", 2025+i/75), Pos: int64(i + 1)})
	}
	v.loans[3].Doubt = kiosk.DoubtLentAgain
	first := v.page("/loans")
	want(t, first, "逾期", "07-000", "07-10-0011", `<a href="/log/1">07-000</a>`, "又借给了别人", "07-099", "not:07-100")
	second := v.page(link(first, "next"))
	want(t, second, "07-100", "07-149", "not:>07-099<")
	if link(second, "next") != "" {
		t.Error("the last page goes on")
	}
}
