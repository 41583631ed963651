package escpos_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"redstation/hardware/escpos"
)

func TestAnswersAreFoundAmongEachOther(t *testing.T) {
	answer := func(q escpos.Query, b byte) escpos.Reply { return escpos.Reply{Query: q, Bits: [4]byte{b}} }
	packet := func(b ...byte) escpos.Reply { return escpos.Reply{Bits: [4]byte(b)} }
	for _, tt := range []struct {
		name         string
		expect       []escpos.Query
		in           string
		want         []escpos.Reply
		stray, noise uint64
	}{
		{"an answer and a packet after it", []escpos.Query{escpos.AskPaper}, "\x12\x10\x00\x00\x00",
			[]escpos.Reply{answer(escpos.AskPaper, 0x12), packet(0x10, 0, 0, 0)}, 0, 0},
		{"a fence is passed while the paper is asked for", []escpos.Query{escpos.AskFence, escpos.AskPaper}, "\x1e\x03",
			[]escpos.Reply{answer(escpos.AskPaper, 0x1e), answer(escpos.AskFence, 0x03)}, 0, 0},
		{"the same the other way round", []escpos.Query{escpos.AskFence, escpos.AskPaper}, "\x00\x12",
			[]escpos.Reply{answer(escpos.AskFence, 0x00), answer(escpos.AskPaper, 0x12)}, 0, 0},
		{"a packet hides no fence", []escpos.Query{escpos.AskFence}, "\x10\x00\x03\x00\x0f",
			[]escpos.Reply{packet(0x10, 0, 3, 0), answer(escpos.AskFence, 0x0f)}, 0, 0},
		{"an answer breaks into a packet", []escpos.Query{escpos.AskPrinter}, "\x10\x00\x16\x18\x00\x0c\x00",
			[]escpos.Reply{answer(escpos.AskPrinter, 0x16), packet(0x18, 0, 0x0c, 0)}, 0, 2},
		{"an answer that comes twice", []escpos.Query{escpos.AskPrinter}, "\x12\x12",
			[]escpos.Reply{answer(escpos.AskPrinter, 0x12)}, 1, 0},
		{"answers nobody asked for", nil, "\x12\x00\x72", nil, 3, 0},
		{"the newer question takes the place", []escpos.Query{escpos.AskPrinter, escpos.AskPaper}, "\x72",
			[]escpos.Reply{answer(escpos.AskPaper, 0x72)}, 0, 0},
		{"flow control and noise", []escpos.Query{escpos.AskPaper, escpos.AskFence}, "\x11\x13\xff\x80\x9f", nil, 0, 5},
		{"nothing to expect", []escpos.Query{escpos.Unasked, 99}, "\x12", nil, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, step := range []int{1, 2, len(tt.in)} { // in pieces of any size
				var d escpos.Demux
				for _, q := range tt.expect {
					d.Expect(q)
				}
				var got []escpos.Reply
				for part := range slices.Chunk([]byte(tt.in), step) {
					got = append(got, d.Feed(part)...)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("in steps of %d: got %v, want %v", step, got, tt.want)
				}
				if d.Stray != tt.stray || d.Noise != tt.noise {
					t.Errorf("in steps of %d: got %d stray and %d noise, want %d and %d", step, d.Stray, d.Noise, tt.stray, tt.noise)
				}
			}
		})
	}
}

func TestResetForgetsWhatWasOpen(t *testing.T) {
	var d escpos.Demux
	d.Expect(escpos.AskPaper)
	d.Expect(escpos.AskFence)
	d.Feed([]byte{0x10, 0x00}) // half a packet
	if !d.Waiting(escpos.AskPaper) || !d.Waiting(escpos.AskFence) {
		t.Error("the questions are not waiting")
	}
	d.Reset()
	if d.Waiting(escpos.AskPaper) || d.Waiting(escpos.AskFence) || d.Waiting(escpos.Unasked) {
		t.Error("something is still waiting")
	}
	if got := d.Feed([]byte{0x00, 0x12}); got != nil {
		t.Errorf("got %v for questions that were forgotten", got)
	}
	if d.Stray != 2 || d.Noise != 2 {
		t.Errorf("got %d stray and %d noise, want 2 and 2", d.Stray, d.Noise)
	}
}

// TestAMegabyteOfNoiseIsCountedAndKeptNowhere: every byte ends in one counter or in
// one packet, but for the three of a packet under way.
func TestAMegabyteOfNoiseIsCountedAndKeptNowhere(t *testing.T) {
	noise := make([]byte, 1<<20)
	rng := rand.New(rand.NewPCG(3, 1))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var d escpos.Demux
	packets := 0
	for part := range slices.Chunk(noise, 4096) {
		packets += len(d.Feed(part))
	}
	counted := d.Stray + d.Noise + 4*uint64(packets)
	if counted < 1<<20-3 || counted > 1<<20 {
		t.Errorf("counted %d bytes of %d", counted, 1<<20)
	}
	quiet := bytes.Repeat([]byte{0xff}, 4096)
	if n := testing.AllocsPerRun(10, func() { d.Feed(quiet) }); n != 0 {
		t.Errorf("noise takes %v allocations", n)
	}
}

func FuzzDemux(f *testing.F) {
	f.Add([]byte("\x12\x10\x00\x00\x00\x16"), byte(escpos.AskPaper), byte(escpos.AskFence))
	f.Add([]byte("\x10\x00\x10\x00\x00\x00\x03\xff\x11\x13"), byte(escpos.AskSensor), byte(escpos.AskSensor))
	f.Fuzz(func(t *testing.T, in []byte, first, second byte) {
		var d escpos.Demux
		var s escpos.Status
		d.Expect(escpos.Query(first))
		d.Expect(escpos.Query(second))
		used := uint64(0)
		for _, r := range d.Feed(in) {
			s.Add(r)
			if r.Query == escpos.Unasked {
				used += 3
			}
			used++
		}
		if counted := used + d.Stray + d.Noise; counted > uint64(len(in)) || counted+3 < uint64(len(in)) {
			t.Errorf("counted %d bytes of %d", counted, len(in))
		}
		if s.PrinterState() == "" {
			t.Error("no state")
		}
	})
}
