package escpos

import "redstation/kiosk"

// A printer answers questions with single bytes that carry neither the question's
// name nor a checksum. What tells them apart are the fixed bits: an answer to DLE
// EOT has b&0x93 == 0x12, a packet of automatic status begins with b&0x93 == 0x10,
// and all else that a printer sends has b&0x90 == 0 (Epson's ESC/POS reference,
// "identifying the transmission status"; Bixolon and Ithaca print the same tables).

// Query is a question to the printer.
type Query byte

// The questions. The first four are answered at once, even by a printer that has
// stopped; the others wait for their turn in the printer's buffer.
const (
	Unasked    Query = iota // of a Reply: an automatic status packet
	AskPrinter              // DLE EOT 1: on line, drawer
	AskOffline              // DLE EOT 2: why it is off line: cover, feed button, paper, error
	AskError                // DLE EOT 3: what kind of error
	AskPaper                // DLE EOT 4: paper near its end, paper out
	AskFence                // GS r 1: answered when all before it has been printed
	AskSensor               // ESC v 0: one byte of the CSN-A2 family, which is silent on DLE EOT
)

// Bytes returns what is to be sent, nil for Unasked.
func (q Query) Bytes() []byte {
	switch {
	case q.atOnce():
		return []byte{dle, 0x04, byte(q)}
	case q == AskFence:
		return []byte{gs, 'r', 1}
	case q == AskSensor:
		return []byte{esc, 'v', 0}
	}
	return nil
}

// atOnce tells the questions that are answered outside the printer's buffer.
func (q Query) atOnce() bool { return q >= AskPrinter && q <= AskPaper }

// Automatic returns the command that makes the printer send a status packet now and
// at every change (GS a, all classes), or stops that.
func Automatic(on bool) []byte {
	if on {
		return []byte{gs, 'a', 0x0f}
	}
	return []byte{gs, 'a', 0}
}

// Reply is one answer, or one automatic status packet.
type Reply struct {
	Query Query   // what it answers; Unasked for a packet
	Bits  [4]byte // one byte of an answer, all four of a packet
}

// Status is what the printer told of itself. The zero value knows nothing. Several
// replies add up; begin a new Status for a new round of questions.
type Status struct {
	Heard         bool // it said anything at all
	Offline       bool // it takes nothing to print, for whatever reason
	Drawer        bool // the drawer contact is high
	Cover         bool // the cover is open
	Feeding       bool // somebody holds the feed button
	Stopped       bool // it stopped at the end of the paper
	Failed        bool // some error
	Cutter        bool // the cutter is jammed
	Unrecoverable bool // only switching off and on mends it, or a workshop
	Recoverable   bool // it mends itself, such as a hot head
	NearEnd       bool // the roll is nearly used up
	End           bool // no paper
}

// Add takes a reply into account.
func (s *Status) Add(r Reply) {
	s.Heard = true
	b := r.Bits[0]
	switch r.Query {
	case AskPrinter:
		s.Drawer, s.Offline = b&0x04 != 0, b&0x08 != 0
	case AskOffline:
		s.Cover, s.Feeding = b&0x04 != 0, b&0x08 != 0
		s.Stopped, s.Failed = b&0x20 != 0, b&0x40 != 0
	case AskError:
		s.Cutter, s.Unrecoverable, s.Recoverable = b&0x08 != 0, b&0x20 != 0, b&0x40 != 0
	case AskPaper:
		s.NearEnd, s.End = b&0x0c != 0, b&0x60 != 0
	case AskFence:
		// A printer without paper never comes to the fence, so that all four sensor
		// bits, whose order differs between makers, can only mean a short roll.
		s.NearEnd = b&0x0f != 0
	case AskSensor:
		s.sensor(b)
	case Unasked:
		s.packet(r.Bits)
	}
}

// sensor reads the answer to ESC v (Cashino CSN-A1 manual, "transit the printer
// status"): 0x04 no paper, 0x08 failure, 0x40 too hot. Epson's older printers say
// 0x0c for no paper and 0x03 for a short roll, so that 0x08 beside 0x04 is no failure.
func (s *Status) sensor(b byte) {
	s.End = b&0x04 != 0
	s.Failed = b&0x0c == 0x08
	s.Recoverable = b&0x40 != 0
	s.NearEnd = b&0x03 == 0x03
}

// packet reads an automatic status packet: printer, errors, paper; the fourth byte
// is for slips and reserved.
func (s *Status) packet(b [4]byte) {
	s.Drawer, s.Offline = b[0]&0x04 != 0, b[0]&0x08 != 0
	s.Cover, s.Feeding = b[0]&0x20 != 0, b[0]&0x40 != 0
	s.Failed = b[1]&0x04 != 0
	s.Cutter, s.Unrecoverable, s.Recoverable = b[1]&0x08 != 0, b[1]&0x20 != 0, b[1]&0x40 != 0
	s.NearEnd, s.End = b[2]&0x03 != 0, b[2]&0x0c != 0
}

// PrinterState sums the status up for people, the cause that is mended first before
// its consequences: an open cover lets the paper seem to be out, and lack of paper
// is an error to some printers.
func (s Status) PrinterState() kiosk.PrinterState {
	switch {
	case !s.Heard:
		return kiosk.PrinterUnknown
	case s.Cover:
		return kiosk.PrinterCover
	case s.End, s.Stopped:
		return kiosk.PrinterNoPaper
	case s.Cutter, s.Unrecoverable, s.Recoverable, s.Failed, s.Offline:
		return kiosk.PrinterError
	case s.NearEnd:
		return kiosk.PrinterPaperLow
	}
	return kiosk.PrinterReady
}
