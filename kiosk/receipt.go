package kiosk

// Receipt is what goes on paper, as values: no printer's bytes. It is laid out
// for the width of whatever printer the booth has.
type Receipt struct {
	Lines []Line
}

// Line is one element of a receipt, top to bottom. Exactly one of Text, Pair, QR,
// Rule and Feed is used.
type Line struct {
	Text  string // wrapped at the paper's width
	Size  Size
	Bold  bool
	Align Align
	Pair  *Pair  // a name at the left and a value at the right, wrapped where they do not fit
	QR    string // payload, error correction level M, centred
	Rule  bool   // a thin line across the paper
	Feed  int    // so many empty half-lines
}

// Pair is a name and its value on one line.
type Pair struct {
	Name, Value string
}

// Size is the size of type on paper: a Chinese character is 24 dots high at
// Normal (3 mm at 203 dpi), 48 at Large, 72 at Huge.
type Size int

// The sizes.
const (
	Normal Size = iota
	Large
	Huge
)

// Align is the alignment of a line.
type Align int

// The alignments.
const (
	Left Align = iota
	Center
	Right
)
