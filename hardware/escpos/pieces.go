package escpos

// pieceBytes is the most that one piece holds if its commands allow it: small
// printers have buffers of 4 kB.
const pieceBytes = 4 << 10

// Piece is a part of a job that may be sent on its own: whole commands, so that a
// question to the printer may stand before and after it.
type Piece struct {
	Bytes []byte // a part of the job, not a copy
	Rows  int    // how far it moves the paper, dots
}

// Pieces cuts a job for the printer p between its commands, so that whoever sends it
// can pause, keep pace with the paper and ask for the printer's state on the way. A
// piece moves the paper by 24 rows at most unless one command moves it more (a line
// of large type, a long feed), and has 4 kB at most unless one command has more. The
// pieces together are the job.
func Pieces(job []byte, p Profile) []Piece {
	m := newMachine(job, p, &Print{blank: true})
	var out []Piece
	var from, at, rows int // the piece under way begins at from and ends at at
	for at < len(job) {
		moved := m.stretch()
		end := len(job) - len(m.b)
		if at > from && (rows > 0 && rows+moved > bandRows || end-from > pieceBytes) {
			out = append(out, Piece{job[from:at:at], rows})
			from, rows = at, 0
		}
		at, rows = end, rows+moved
	}
	if at > from {
		out = append(out, Piece{job[from:at:at], rows})
	}
	return out
}

// stretch does commands until the paper moves or nothing waits in the line buffer,
// so that a line of type stays together with its end, and returns the rows moved.
func (m *machine) stretch() int {
	before, left := m.out.rows, len(m.b)
	for len(m.b) > 0 {
		m.step()
		if m.out.rows > before || len(m.line) == 0 || left-len(m.b) > pieceBytes/2 {
			break
		}
	}
	if len(m.b) == 0 {
		m.flush() // as Interpret does with a line that is not ended
	}
	return m.out.rows - before
}

// length returns how far a job moves the paper, dots.
func length(job []byte, p Profile) int {
	rows := 0
	for _, piece := range Pieces(job, p) {
		rows += piece.Rows
	}
	return rows
}
