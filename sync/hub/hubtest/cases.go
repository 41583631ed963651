package hubtest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// cases holds that a case is found by its alias, its number, its record and what it is
// looked for by, and that what happened to it stays in its order.
func cases(t *testing.T, db *sqldb.DB) {
	day := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	newCase := func(n byte, step kiosk.Step, due time.Time) sqldb.Case {
		return sqldb.Case{Ref: kiosk.ID{n}, Booth: "07", Number: "07-00" + string('0'+n), Service: "3.1", Action: kiosk.ActionRequest, Pos: int64(n),
			Record: kiosk.ID{100 + n}, Received: 9, Face: kiosk.CaseFace{Case: kiosk.Case{Version: 1, Step: step, Owner: "property", Level: kiosk.LevelCommunity, Since: day, Due: due}}}
	}
	open, late, judged, wish, closed := newCase(1, kiosk.StepTeam, day.Add(time.Hour)), newCase(2, kiosk.StepCarry, day), newCase(3, kiosk.StepRate, day), newCase(4, "", time.Time{}), newCase(5, kiosk.StepRate, time.Time{})
	wish.Face.Wish, closed.Face.Ending, closed.Face.Owner = kiosk.WishCopy, kiosk.EndRated, "street"
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, c := range []sqldb.Case{open, late, judged, wish, closed} {
			if err := tx.SaveCase(ctx, c); err != nil {
				return err
			}
		}
		open.Face.Version, open.Face.Words = 2, []kiosk.CaseWord{{Deed: kiosk.DeedAsked, At: day, Text: kiosk.Text{kiosk.Chinese: "几号楼？"}}}
		if _, err := tx.SaveCapsule(ctx, sqldb.Capsule{Booth: "07", Number: closed.Number, Lock: kiosk.ID{5}, Version: 2, Bytes: []byte("x")}); err != nil {
			return err
		}
		return tx.SaveCase(ctx, open)
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for name, find := range map[string]func() (sqldb.Case, error){
			"alias":  func() (sqldb.Case, error) { return tx.LockCase(ctx, open.Ref) },
			"number": func() (sqldb.Case, error) { return tx.CaseByNumber(ctx, "07", open.Number) },
			"record": func() (sqldb.Case, error) { return tx.CaseOfRecord(ctx, open.Record) },
		} {
			if got, err := find(); err != nil || !reflect.DeepEqual(got, open) {
				t.Errorf("by its %s: %+v, %v; want %+v", name, got, err, open)
			}
		}
		for _, tt := range []struct {
			name string
			q    kiosk.CaseQuery
			want []int64
		}{
			{"all", kiosk.CaseQuery{}, []int64{5, 4, 3, 2, 1}},
			{"below a position", kiosk.CaseQuery{Before: 4, Limit: 2}, []int64{3, 2}},
			{"open ones", kiosk.CaseQuery{State: kiosk.CaseOpen}, []int64{3, 2, 1}},
			{"closed ones", kiosk.CaseQuery{State: kiosk.CaseClosed}, []int64{5}},
			{"overdue ones", kiosk.CaseQuery{State: kiosk.CaseOverdue}, []int64{2}},
			{"wishes about data", kiosk.CaseQuery{State: kiosk.CaseWish}, []int64{4}},
			{"of an office", kiosk.CaseQuery{Owner: "street"}, []int64{5}},
			{"at a step", kiosk.CaseQuery{Step: kiosk.StepTeam, Booth: "07"}, []int64{1}},
			{"of another booth", kiosk.CaseQuery{Booth: "08"}, nil},
		} {
			tt.q.At = day
			if tt.q.Limit == 0 {
				tt.q.Limit = 50
			}
			list, err := tx.Cases(ctx, tt.q)
			if got := casePositions(list); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: %v, %v; want %v", tt.name, got, err, tt.want)
			}
		}
		due, err := tx.DueCases(ctx, sqldb.Millis(day), 10)
		if got := casePositions(due); err != nil || len(got) != 2 {
			t.Errorf("due: %v, %v", got, err)
		}
		ended, err := tx.EndedCases(ctx, sqldb.Millis(day.Add(time.Second)), 10)
		if got := casePositions(ended); err != nil || !reflect.DeepEqual(got, []int64{5}) {
			t.Errorf("ended: %v, %v", got, err)
		}
		for now, want := range map[time.Time]bool{day.Add(-time.Second): false, day: true} {
			if got, err := tx.HasDueCases(ctx, sqldb.Millis(now), 0); got != want || err != nil {
				t.Errorf("due at %v: %v, %v", now, got, err)
			}
		}
		return nil
	})
	caseEvents(t, db, open.Ref, day)
}

func casePositions(list []sqldb.Case) (at []int64) {
	for _, c := range list {
		at = append(at, c.Pos)
	}
	return at
}

func caseEvents(t *testing.T, db *sqldb.DB, ref kiosk.ID, day time.Time) {
	t.Helper()
	said := kiosk.CaseEvent{Deed: kiosk.DeedAnswered, At: day, Who: "07", BasedOn: 2, Record: kiosk.ID{7}, Pos: 8}
	asked := kiosk.CaseEvent{Deed: kiosk.DeedAsked, At: day, Who: "li", Text: kiosk.Text{kiosk.Chinese: "几号楼？"}}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for i, e := range []kiosk.CaseEvent{asked, said, said, asked} {
			if fresh, err := tx.AddCaseEvent(ctx, ref, e); err != nil || fresh != (i != 2) {
				t.Errorf("event %d: fresh %v, %v", i, fresh, err)
			}
		}
		if err := tx.AddWaiting(ctx, 12, ref); err != nil {
			return err
		}
		return tx.AddWaiting(ctx, 11, ref)
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		got, err := tx.CaseEvents(ctx, ref)
		if err != nil || !reflect.DeepEqual(got, []kiosk.CaseEvent{asked, said, asked}) {
			t.Errorf("events %+v, %v", got, err)
		}
		if err := tx.SilenceCase(ctx, ref); err != nil {
			return err
		}
		if got, err = tx.CaseEvents(ctx, ref); err != nil || len(got) != 3 || got[0].Text != nil || got[2].Deed != kiosk.DeedAsked {
			t.Errorf("silenced events %+v, %v", got, err)
		}
		for _, want := range [][]int64{{11, 12}, nil} {
			if got, err := tx.TakeWaiting(ctx, ref); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("waiting %v, %v; want %v", got, err, want)
			}
		}
		return tx.DropCapsule(ctx, "07", "07-005")
	})
}
