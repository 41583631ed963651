package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

func TestLogPages(t *testing.T) {
	c, _ := filled(t)
	urgent := kiosk.LaneUrgent
	all := c.Entries()
	tests := []struct {
		name string
		q    kiosk.LogQuery
		want func(kiosk.Entry) bool
	}{
		{"everything", kiosk.LogQuery{}, func(kiosk.Entry) bool { return true }},
		{"a lane", kiosk.LogQuery{Lane: &urgent}, func(e kiosk.Entry) bool { return e.Lane == urgent }},
		{"a booth", kiosk.LogQuery{Booth: "02"}, func(e kiosk.Entry) bool { return e.Booth == "02" }},
		{"a kind", kiosk.LogQuery{Kind: kiosk.KindDoorClosed}, func(e kiosk.Entry) bool { return e.Kind == kiosk.KindDoorClosed }},
		{"an hour", kiosk.LogQuery{Since: all[15].Received, Until: all[30].Received}, func(e kiosk.Entry) bool {
			return !e.Received.Before(all[15].Received) && e.Received.Before(all[30].Received)
		}},
		{"a booth in an hour", kiosk.LogQuery{Booth: "01", Since: all[15].Received, Until: all[30].Received}, func(e kiosk.Entry) bool {
			return e.Booth == "01" && !e.Received.Before(all[15].Received) && e.Received.Before(all[30].Received)
		}},
	}
	for _, tt := range tests {
		for _, backward := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, newest first %v", tt.name, backward), func(t *testing.T) {
				var want, got []int64
				for _, e := range all {
					if tt.want(e) {
						want = append(want, e.Pos)
					}
				}
				q := tt.q
				q.Limit, q.Backward = 4, backward
				for {
					page, err := c.Log(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range page {
						got = append(got, e.Pos)
						q.After, q.Before = e.Pos, 0
						if backward {
							q.After, q.Before = 0, e.Pos
						}
					}
					if len(page) < q.Limit {
						break
					}
				}
				if backward {
					for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
						got[i], got[j] = got[j], got[i]
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
	}
	kinds, err := c.Kinds(t.Context())
	if err != nil || fmt.Sprint(kinds) != "[door.closed door.opened ticket.issued]" {
		t.Errorf("kinds %v, %v", kinds, err)
	}
	e, err := c.Entry(t.Context(), 7)
	if err != nil || e.Pos != 7 || e.Name != "Booth 02" || len(e.Header) == 0 {
		t.Errorf("entry 7: %+v, %v", e, err)
	}
	if _, err := c.Entry(t.Context(), 67); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("entry 67: %v", err)
	}
}

func TestOpenSealed(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	key, err := kiosk.NewCityKey(b.CityKeyID, b.CityKey)
	if err != nil {
		t.Fatal(err)
	}
	d := kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindRequestFiled, Facts: []byte(`{}`)}
	if d.Sealed, err = key.Seal("07", b.Book.Stream(kiosk.LaneLog).Epoch, d.ID, d.Kind, []byte(`{"phone":"138"}`)); err != nil {
		t.Fatal(err)
	}
	b.Book.WriteDraft(t, d)
	d.ID = kiosk.NewID() // sealed for another record
	b.Book.WriteDraft(t, d)
	b.Book.Write(t, kiosk.LaneLog, 1)
	push(t, c, b, 1, 3)
	if _, err := c.OpenSealed(t.Context(), "wang", 1, "abc"); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := c.OpenSealed(t.Context(), "wang", 3, "call back"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("nothing sealed: %v", err)
	}
	if _, err := c.OpenSealed(t.Context(), "wang", 2, "call back"); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("a blob moved to another record: %v", err)
	}
	plain, err := c.OpenSealed(t.Context(), "wang", 1, "call back")
	if err != nil || string(plain) != `{"phone":"138"}` {
		t.Errorf("opened %q, %v", plain, err)
	}
	lines, _, err := c.AuditTrail(t.Context(), 0, 2)
	if err != nil || lines[0].Who != "wang" || lines[0].Deed != "opened_sealed" || lines[0].Object != "record 1" || lines[0].Reason != "call back" {
		t.Errorf("audit %+v, %v", lines, err)
	}
	if lines[1].Object != "record 2" {
		t.Errorf("the attempt that did not open was not audited: %+v", lines[1])
	}
}

func TestAuditTrailPages(t *testing.T) {
	c := hubtest.New(t)
	for i := range 7 {
		if err := c.Audit(t.Context(), kiosk.AuditLine{Who: "wang", Deed: "exported", Object: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for before := int64(0); ; {
		lines, next, err := c.AuditTrail(t.Context(), before, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			got = append(got, l.Object)
		}
		if before = next; next == 0 {
			break
		}
	}
	if fmt.Sprint(got) != "[6 5 4 3 2 1 0]" {
		t.Errorf("got %v", got)
	}
}

func TestPoisonIsStoredAndQuarantined(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	deep := strings.Repeat("[", 20_000)
	drafts := []struct {
		d      kiosk.Draft
		reason string
	}{
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{}`)}, ""},
		{kiosk.Draft{Kind: "robot.danced", Facts: []byte(`{}`)}, "kind is not known"},
		{kiosk.Draft{Kind: "Robot;DROP", Facts: []byte(`{}`)}, "kind is not known"},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{`)}, "facts are not JSON"},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte("{\"a\":\x00}")}, "facts are not JSON"},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(deep)}, "facts are not JSON"},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`"` + strings.Repeat("x", kiosk.MaxRecordBody-2) + `"`)}, ""},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{}`), Stamp: kiosk.Stamp{Wall: time.UnixMilli(math.MaxInt64 / 2)}}, ""},
		{kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{}`), Stamp: kiosk.Stamp{Wall: time.UnixMilli(math.MinInt64 / 2)}}, ""},
	}
	for _, d := range drafts {
		b.Book.WriteDraft(t, d.d)
	}
	swapped := b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{"true":1}`)})
	b.Book.Write(t, kiosk.LaneLog, 1)
	last := uint64(len(drafts) + 2)
	batch := batchOf(t, b, kiosk.LaneLog, 1, last)
	batch.Records = append([]kiosk.Record(nil), batch.Records...)
	swapped.Facts = []byte(`{"forged":1}`)
	batch.Records[len(drafts)] = swapped
	if got := pushBatch(t, c, b, batch); got.ack.Acked != last {
		t.Fatal(got)
	}
	want := map[int64]string{int64(len(drafts) + 1): "facts do not match their commitment"}
	for i, d := range drafts {
		if d.reason != "" {
			want[int64(i+1)] = d.reason
		}
	}
	list, err := c.Quarantine(t.Context(), 0, 100)
	if err != nil || len(list) != len(want) {
		t.Errorf("%d in quarantine, want %d: %v", len(list), len(want), err)
	}
	for _, q := range list {
		if want[q.Pos] != q.Reason {
			t.Errorf("record %d: %q, want %q", q.Pos, q.Reason, want[q.Pos])
		}
	}
	token, err := c.CreateToken(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(pullAll(t, c, token, pullLimit(3))); n != int(last) {
		t.Errorf("%d of %d rows can be pulled", n, last)
	}
	for _, e := range c.Entries() {
		if e.Facts != nil && !json.Valid(e.Facts) {
			t.Errorf("entry %d: facts are not JSON", e.Pos)
		}
		if strings.Contains(string(e.Facts), "forged") {
			t.Errorf("entry %d shows facts that its header does not vouch for", e.Pos)
		}
	}
}

func TestQuarantineIsTriedAgainByAnotherVersion(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.WriteDraft(t, kiosk.Draft{Kind: "robot.danced", Facts: []byte(`{}`)})
	push(t, c, b, 1, 1)
	if n, err := c.Reconsider(t.Context()); err != nil || n != 0 {
		t.Errorf("the same version released %d, %v", n, err)
	}
	keys, err := hub.LoadKeys(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	next, err := hub.New(t.Context(), c.DB, keys, hub.Opts{Log: hubtest.Quiet(), Version: "next"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := next.Reconsider(t.Context()); err != nil || n != 0 {
		t.Errorf("the next version released %d, %v", n, err)
	}
	list, err := next.Quarantine(t.Context(), 0, 10)
	if err != nil || len(list) != 1 || list[0].Tries != 2 || list[0].Version != "next" {
		t.Errorf("quarantine %+v, %v", list, err)
	}
}

func TestStoreBelongsToOneKey(t *testing.T) {
	c := hubtest.New(t)
	keys, err := hub.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = hub.New(t.Context(), c.DB, keys, hub.Opts{})
	if kiosk.CodeOf(err) != kiosk.CodeConflict || !strings.Contains(err.Error(), "hub.key") {
		t.Errorf("another key over the same store: %v", errors.Join(err))
	}
}
