package hub

import (
	"bytes"
	"testing"
	"time"

	"redstation/kiosk"
)

func sampleHeader(t testing.TB, d kiosk.Draft) []byte {
	t.Helper()
	r, err := d.Enter("07", kiosk.ID{1, 2}, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	return r.Header
}

// The quick look at a header must agree with the decoder whenever it says anything.
func checkGlance(t *testing.T, header []byte) {
	t.Helper()
	g, ok := glance(header)
	if !ok {
		return
	}
	h, err := kiosk.DecodeHeader(header)
	if err != nil {
		t.Fatalf("header %x: glance takes what the decoder refuses: %v", header, err)
	}
	if g.version != h.V || g.suite != h.Suite || string(g.booth) != h.Booth || g.epoch != h.Epoch || g.lane != h.Lane || g.seq != h.Seq ||
		string(g.kind) != string(h.Kind) || !bytes.Equal(g.facts, h.FactsCommit) || !bytes.Equal(g.sealed, h.SealedCommit) {
		t.Fatalf("header %x: glance reads %+v, the decoder %+v", header, g, h)
	}
}

func TestGlanceReadsWhatBoothsWrite(t *testing.T) {
	for _, d := range []kiosk.Draft{
		{Kind: kiosk.KindDoorOpened},
		{Kind: kiosk.KindRequestFiled, Sealed: []byte("x"), Actor: []byte{1}, Ref: []byte{2, 3}, BasedOn: 70000, Lane: kiosk.LaneUrgent},
		{Kind: kiosk.KindBoothStarted, Stamp: kiosk.Stamp{Wall: time.UnixMilli(-5), Since: -3, State: kiosk.ClockAnchored}},
	} {
		header := sampleHeader(t, d)
		if _, ok := glance(header); !ok {
			t.Errorf("%s: it was not sure", d.Kind)
		}
		checkGlance(t, header)
	}
}

func FuzzGlance(f *testing.F) {
	f.Add(sampleHeader(f, kiosk.Draft{Kind: kiosk.KindDoorOpened}))
	f.Add(sampleHeader(f, kiosk.Draft{Kind: kiosk.KindRequestFiled, Sealed: []byte("x"), Ref: []byte{1}}))
	f.Fuzz(func(t *testing.T, header []byte) { checkGlance(t, header) })
}
