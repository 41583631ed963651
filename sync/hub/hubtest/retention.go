package hubtest

import (
	"bytes"
	"context"
	"testing"

	"redstation/sync/hub/sqldb"
)

// retired holds that a record can be emptied by its position, and no other with it,
// and that rules are kept with how far they were carried out.
func retired(t *testing.T, db *sqldb.DB) {
	log, _ := fill(t, db)
	const pos = 7
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SetRule(ctx, "ticket.", 30); err != nil {
			return err
		}
		if err := tx.RuleDone(ctx, "ticket.", pos); err != nil {
			return err
		}
		return tx.EmptyRecord(ctx, pos, []byte("emptied"))
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SetRule(ctx, "loan.", 7); err != nil {
			return err
		}
		for i, want := range []bool{true, false} {
			if had, err := tx.DropRule(ctx, "loan."); had != want || err != nil {
				t.Errorf("rule dropped, time %d: %t, %v", i+1, had, err)
			}
		}
		return nil
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for i, l := range log {
			row, err := tx.Row(ctx, int64(i+1))
			if err != nil {
				return err
			}
			want := l.raw
			if i+1 == pos {
				want = []byte("emptied")
			}
			if !bytes.Equal(row.Raw, want) {
				t.Errorf("record %d is %q, want %q", i+1, row.Raw, want)
			}
		}
		rules, err := tx.Rules(ctx)
		found := false
		for _, r := range rules {
			if r.Kind == "loan." {
				t.Errorf("a rule that was dropped is there: %v", r)
			}
			found = found || r == sqldb.Rule{Kind: "ticket.", Days: 30, Done: pos}
		}
		if !found {
			t.Errorf("rules are %v", rules)
		}
		return err
	})
}
