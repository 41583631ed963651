package hubtest

import (
	"context"
	"reflect"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// consents holds the ledger: what is written, withdrawn and filtered, in any order.
func consents(t *testing.T, db *sqldb.DB) {
	yes := kiosk.ConsentLine{Number: "07-001", Booth: "07", Service: "3.1", Given: true, Text: "ab", Lang: kiosk.Chinese, Pack: "1", Helped: true, Paper: "12345674", Pos: 5}
	no := kiosk.ConsentLine{Number: "08-001", Booth: "08", Service: "6.3", Text: "cd", Lang: kiosk.English, Pack: "1", Pos: 9}
	back := kiosk.ConsentLine{Number: "07-002", Booth: "07", Service: "3.1", Given: true, Text: "ab", Lang: kiosk.Korean, Pack: "2", Pos: 7,
		Withdrawn: sqldb.Time(1000), WithdrawnPos: 3}
	again := yes
	again.Given, again.Pos = false, 99 // the number of a clone: the first counts
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, do := range []func() error{
			func() error { return tx.WithdrawConsent(ctx, back.Number, 1000, 3) }, // before the filing came
			func() error { return tx.WithdrawConsent(ctx, "never-filed", 1000, 4) },
			func() error { return tx.SaveConsent(ctx, yes) },
			func() error { return tx.SaveConsent(ctx, again) },
			func() error { return tx.SaveConsent(ctx, back) },
			func() error { return tx.WithdrawConsent(ctx, back.Number, 2000, 8) },
			func() error { return tx.SaveConsent(ctx, no) },
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
	for what, c := range map[string]struct {
		q    kiosk.ConsentQuery
		want []kiosk.ConsentLine
	}{
		"all, newest first": {kiosk.ConsentQuery{Limit: 9}, []kiosk.ConsentLine{no, back, yes}},
		"the next page":     {kiosk.ConsentQuery{Limit: 1, Before: 9}, []kiosk.ConsentLine{back}},
		"given":             {kiosk.ConsentQuery{Limit: 9, State: kiosk.ConsentGiven}, []kiosk.ConsentLine{yes}},
		"refused":           {kiosk.ConsentQuery{Limit: 9, State: kiosk.ConsentRefused}, []kiosk.ConsentLine{no}},
		"withdrawn":         {kiosk.ConsentQuery{Limit: 9, State: kiosk.ConsentWithdrawn}, []kiosk.ConsentLine{back}},
		"of a wording":      {kiosk.ConsentQuery{Limit: 9, Text: "ab", Booth: "07", Service: "3.1"}, []kiosk.ConsentLine{back, yes}},
		"of a receipt":      {kiosk.ConsentQuery{Limit: 9, Number: "07-001"}, []kiosk.ConsentLine{yes}},
		"of nobody":         {kiosk.ConsentQuery{Limit: 9, Number: "' OR 1=1 --"}, nil},
	} {
		view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			got, err := tx.Consents(ctx, c.q)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: got %+v, want %+v", what, got, c.want)
			}
			return err
		})
	}
}
