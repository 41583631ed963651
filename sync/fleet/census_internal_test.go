package fleet

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// TestWhatIsWrongAtTheHubIsFound lets a hub that loses, doubles, changes and
// swaps records be compared with an honest book.
func TestWhatIsWrongAtTheHubIsFound(t *testing.T) {
	const id, n = "07", 9
	book := NewMemory(id)
	s := kiosk.Stream{Epoch: book.Epoch(), Lane: kiosk.LaneLog}
	var rows []wire.Row
	for i := range n {
		r, err := book.Enter(kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindDoorOpened, Facts: fmt.Appendf(nil, `{"n":%d}`, i)})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, wire.Row{Pos: int64(i + 1), Booth: id, Epoch: s.Epoch, Lane: "log", Seq: uint64(i + 1), Header: r.Header})
	}
	if err := book.Acknowledge(t.Context(), s, n-1, nil); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		hub  func([]wire.Row) []wire.Row
		want string
	}{
		{"all is well", func(r []wire.Row) []wire.Row { return r[:n-1] }, ""},
		{"the last one is lost", func(r []wire.Row) []wire.Row { return r[:n-2] }, "I2: 1 acknowledged records are not at the hub"},
		{"one comes twice", func(r []wire.Row) []wire.Row { return append(r[:n-1:n-1], r[3]) }, "I3: 1 records are at the hub twice"},
		{"one is not there", func(r []wire.Row) []wire.Row { return append(r[:3:3], r[4:]...) }, "I4: 1 records at the hub do not follow"},
		{"one has other bytes", func(r []wire.Row) []wire.Row { r[2].Header = []byte("x"); return r }, "I2: 1 streams have other bytes"},
		{"a position is skipped", func(r []wire.Row) []wire.Row { r[n-1].Pos++; return r }, "skipped 1 records"},
	}
	for _, tt := range tests {
		b := &booth{id: id, book: book, wrote: n}
		f := &Fleet{byID: map[string]*booth{id: b}, booths: []*booth{b}}
		c := &census{fleet: f, streams: map[stream]*seen{}}
		for _, row := range tt.hub(append([]wire.Row(nil), rows...)) {
			if err := c.take(&row); err != nil {
				t.Fatal(err)
			}
		}
		r := Result{Doubled: c.doubled, Gaps: c.gaps, Skipped: c.skipped}
		if err := b.compare(context.Background(), &r, c); err != nil {
			t.Fatal(err)
		}
		r.Behind = 0 // the book's last record was never to be acknowledged
		if got := r.Broken(); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
