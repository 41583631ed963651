package hub_test

import (
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

func TestForksAreAnAlarmUntilSomebodyHasLookedIntoThem(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	b.Book.Write(t, kiosk.LaneLog, 5)
	clone.Book.Write(t, kiosk.LaneLog, 8)
	push(t, c, b, 1, 15)
	push(t, c, clone, 9, 16)
	forked := func(want int64) {
		t.Helper()
		if s, err := c.Stations(t.Context()); err != nil || s[0].Forked != want {
			t.Errorf("%d forked streams, %v; want %d", s[0].Forked, err, want)
		}
	}
	forked(1)
	if err := b.Book.BeginEpoch(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	b.Book.Write(t, kiosk.LaneLog, 2)
	push(t, c, b, 1, 2) // a success clears the last error, not the alarm
	if s, err := c.Stations(t.Context()); err != nil || s[0].LastError != "" {
		t.Errorf("station %+v, %v", s, err)
	}
	forked(1)

	list, err := c.Forks(t.Context())
	if err != nil || len(list) != 1 || list[0].Booth != "07" || list[0].Records != 8 || list[0].First != 9 || list[0].Last != 16 || list[0].Head != 15 || list[0].Frozen == 0 {
		t.Errorf("forks %+v, %v", list, err)
	}
	rekeyed(t, c, b)
	clone.Key = b.Key
	var notes []string
	var seqs []uint64
	err = c.WalkForks(t.Context(), "07", func(line any) error {
		switch x := line.(type) {
		case wire.NoteRow:
			notes = append(notes, x.Note)
			got, err := wire.OpenCheckpoint([]byte(x.Note), x.Keys...)
			if err != nil || got.Size != 16 {
				t.Errorf("what the booth signed: %+v, %v", got, err)
			}
		case wire.Row:
			if x.Pos != 0 || x.Kind != kiosk.KindTicketIssued || len(x.Facts) == 0 {
				t.Errorf("row %+v", x)
			}
			seqs = append(seqs, x.Seq)
		}
		return nil
	})
	if err != nil || len(notes) != 1 || len(seqs) != 8 || seqs[0] != 9 || seqs[7] != 16 {
		t.Errorf("%d notes, records %v, %v", len(notes), seqs, err)
	}

	if n, err := c.SettleForks(t.Context(), "07"); err != nil || n != 1 {
		t.Errorf("settled %d, %v", n, err)
	}
	forked(0)
	push(t, c, clone, 17, 18) // the copy runs on
	forked(1)
	if _, err := c.SettleForks(t.Context(), "99"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a booth that is not there: %v", err)
	}
}

func TestQuarantineIsListedAndRetried(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 2)
	b.Book.WriteDraft(t, kiosk.Draft{Kind: "robot.danced", Facts: []byte(`{}`)})
	push(t, c, b, 1, 3)
	for range 2 {
		list, err := c.Suspects(t.Context(), 0, 10)
		if err != nil || len(list) != 1 || list[0].Quarantined.Pos != 3 || list[0].Booth != "07" || list[0].Seq != 3 || !strings.Contains(list[0].Reason, "kind is not known") {
			t.Fatalf("got %+v, %v", list, err)
		}
		if n, err := c.Retry(t.Context()); err != nil || n != 0 {
			t.Errorf("released %d, %v", n, err)
		}
	}
	if list, err := c.Suspects(t.Context(), 0, 10); err != nil || list[0].Tries != 3 {
		t.Errorf("got %+v, %v; want three tries", list, err)
	}
	if list, err := c.Suspects(t.Context(), 3, 10); err != nil || len(list) != 0 {
		t.Errorf("behind the last: %+v, %v", list, err)
	}
}
