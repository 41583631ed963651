package escpos_test

import (
	"bytes"
	"strings"
	"testing"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// joined puts the pieces together again.
func joined(pieces []escpos.Piece) (b []byte, rows int) {
	for _, p := range pieces {
		b = append(b, p.Bytes...)
		rows += p.Rows
	}
	return b, rows
}

func TestThePiecesAreTheJob(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58()} {
		job, pr := printed(t, slip(), p)
		pieces := escpos.Pieces(job, p)
		got, rows := joined(pieces)
		if !bytes.Equal(got, job) {
			t.Errorf("paper %s: the pieces are not the job", p.Name)
		}
		if rows != pr.Height() {
			t.Errorf("paper %s: the pieces move the paper by %d rows, the job by %d", p.Name, rows, pr.Height())
		}
		if len(pieces) < rows/64 {
			t.Errorf("paper %s: only %d pieces for %d rows", p.Name, len(pieces), rows)
		}
	}
}

// TestNoPieceEndsInsideACommand sends the pieces with a question between them, and
// what comes out is the same paper.
func TestNoPieceEndsInsideACommand(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58()} {
		job, want := printed(t, slip(), p)
		var asked []byte
		for _, piece := range escpos.Pieces(job, p) {
			asked = append(append(asked, piece.Bytes...), escpos.AskPaper.Bytes()...)
		}
		got, err := escpos.Interpret(asked, p)
		if err != nil {
			t.Fatal(err)
		}
		if got.Unknown != 0 || got.Text != want.Text || !bytes.Equal(got.Image().Pix, want.Image().Pix) {
			t.Errorf("paper %s: with questions between the pieces it prints otherwise, %d not understood", p.Name, got.Unknown)
		}
	}
}

func TestAPieceIsSmallUnlessOneCommandIsLarge(t *testing.T) {
	band := func(stride, rows int) string {
		return "\x1dv0\x00" + string([]byte{byte(stride), 0, byte(rows), byte(rows >> 8)}) + strings.Repeat("\x55", stride*rows)
	}
	for _, tt := range []struct {
		name, job string
		rows      []int // of each piece
	}{
		{"nothing", "", nil},
		{"settings only", "\x1b@\x1c&", []int{0}},
		{"lines", "a\nb\nc\n", []int{32, 32, 32}},
		{"a line of close type and a feed", "\x1b3\x14a\n\x1bJ\x04\x1bJ\x0a", []int{24, 14}},
		{"a line that is not ended", "a", []int{24}},
		{"bands", band(48, 24) + band(48, 24) + band(48, 10) + "\x1bJ\x0e", []int{24, 24, 24}},
		{"one picture higher than a band", band(48, 500), []int{500}},
		{"settings go with the line after them", "a\n\x1bE\x01b\n", []int{32, 32}},
		{"a line stays together with its end", "\x1bJ\x14a\n", []int{20, 32}},
		{"many settings", strings.Repeat("\x1bE\x01", 3000), []int{0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pieces := escpos.Pieces([]byte(tt.job), escpos.Paper58())
			if b, _ := joined(pieces); string(b) != tt.job {
				t.Error("the pieces are not the job")
			}
			if len(pieces) != len(tt.rows) {
				t.Fatalf("got %d pieces, want %d", len(pieces), len(tt.rows))
			}
			for i, p := range pieces {
				if p.Rows != tt.rows[i] {
					t.Errorf("piece %d: got %d rows, want %d", i, p.Rows, tt.rows[i])
				}
			}
		})
	}
}

func FuzzPieces(f *testing.F) {
	b, err := escpos.Encode(kiosk.Receipt{Lines: slip().Lines[:8]}, escpos.Paper58())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("\x1b@\x1c&\xba\xec\x1d!\x77\x1b3\x00\n\x1dV\x41\x10\x1dv0\x00\x01\x00\x02\x00ab\x10\x04\x01"))
	f.Add([]byte("\x1c&\x1d! \xcf0\xc2A\xb2A\xb7A\xb1A\xa1\xa3")) // ends in a line that was wrapped
	f.Fuzz(func(t *testing.T, job []byte) {
		p := escpos.Paper58()
		pieces := escpos.Pieces(job, p)
		got, rows := joined(pieces)
		if !bytes.Equal(got, job) {
			t.Fatal("the pieces are not the job")
		}
		for i, piece := range pieces {
			if len(piece.Bytes) == 0 || piece.Rows < 0 {
				t.Fatalf("piece %d has %d bytes and %d rows", i, len(piece.Bytes), piece.Rows)
			}
		}
		if pr, err := escpos.Interpret(job, p); err == nil && rows != pr.Height() {
			t.Errorf("the pieces move the paper by %d rows, the job by %d", rows, pr.Height())
		}
	})
}
