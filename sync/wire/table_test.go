package wire_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

func table(t *testing.T, heading bool, rows ...wire.Row) string {
	t.Helper()
	var b bytes.Buffer
	w, err := wire.NewRowWriter(&b, wire.CSV, heading)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Write(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableIsReadByAnyReader(t *testing.T) {
	east := time.FixedZone("", 8*3600)
	row := wire.Row{Pos: 7, Booth: "07", Name: "北山, \"东\"", Lane: "log", Seq: 3, Kind: kiosk.KindTicketIssued, Wall: time.Date(2026, 12, 1, 8, 0, 0, 0, east),
		ClockState: uint8(kiosk.ClockNTP), Received: time.Date(2026, 12, 1, 8, 0, 1, 500e6, east), Facts: json.RawMessage(`{"a":"x,y"}`), Sealed: []byte("s")}
	text := table(t, true, row)
	if n := strings.Count(text, "\r\n"); n != 2 || strings.Count(text, "\n") != n {
		t.Errorf("lines do not end in CR LF:\n%q", text)
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 2 || !slices.Equal(lines[0], wire.ColumnNames()) {
		t.Fatalf("read again: %v, %v", lines, err)
	}
	got := map[string]string{}
	for i, name := range lines[0] {
		got[name] = lines[1][i]
	}
	for name, want := range map[string]string{"pos": "7", "name": `北山, "东"`, "wall": "2026-12-01T00:00:00Z", "received": "2026-12-01T00:00:01.5Z",
		"clock_state": "ntp", "facts": `{"a":"x,y"}`, "sealed": "true"} {
		if got[name] != want {
			t.Errorf("column %s: got %q, want %q", name, got[name], want)
		}
	}
	if text := table(t, false, row); strings.Contains(text, "pos") {
		t.Errorf("a table without a heading has one:\n%s", text)
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	for text, want := range map[string]string{"=1+1": "'=1+1", "@SUM": "'@SUM", "＝1": "'＝1", "-1": "'-1", "北山": "北山", "": "", "7-1": "7-1"} {
		if got := strings.Split(table(t, false, wire.Row{Booth: text}), ",")[1]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
