// Package notary checks what was exported from a hub against what the booths and
// the hub have signed: is every record there, in its place, byte for byte as its
// booth wrote it?
//
// An export is NDJSON as pulls write it (wire.Row), of whole streams and in the
// hub's order. A checkpoint (wire.NoteRow) says which Merkle tree the headers of a
// stream make, signed by the booth and the hub. The header of a record commits to
// its facts and its sealed bytes. So the records that a checkpoint covers can be
// neither changed nor taken out nor put elsewhere without this package saying which.
//
// What a checkpoint cannot vouch for: the columns that the hub adds (the position,
// the booth's name, when it received the record, what it makes of the booth's clock),
// whether a part that is absent was erased by right, and that a booth told the truth.
package notary

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// Place names a record.
type Place struct {
	Booth  string
	Stream kiosk.Stream
	Seq    uint64
}

// String names the record for people.
func (p Place) String() string {
	return fmt.Sprintf("record %d of booth %s (lane %s, epoch %s)", p.Seq, p.Booth, p.Stream.Lane, p.Stream.Epoch)
}

// Fault is what is wrong with an export: the first record that is not as it was
// signed.
type Fault struct {
	Place
	Line int // of the export; 0 where it is the record that is not there
	Why  string
}

// Error says which record it is and what is wrong with it.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.Place.String() + " " + f.Why
	}
	return fmt.Sprintf("%s, line %d, %s", f.Place, f.Line, f.Why)
}

// Report is what can be said of an export that holds.
type Report struct {
	Records int
	Streams int
	Newer   int      // records behind the checkpoint of their stream: not vouched for yet
	Erased  int      // parts that are not there; their records stand all the same
	Hubs    []string // fingerprints of the keys that the hub signed with
}

// log is one stream of the export.
type log struct {
	place  Place
	tree   tree
	notes  []checkpoint // smallest first
	proven uint64       // the first so many records are vouched for
}

// tree holds the hashes of a Merkle log as tlog stores them.
type tree []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = t[x]
	}
	return out, nil
}

func (t *tree) add(n uint64, header []byte) error {
	hashes, err := tlog.StoredHashes(int64(n), header, *t)
	*t = append(*t, hashes...)
	return err
}

// key names a stream of the city.
type key struct {
	booth  string
	stream kiosk.Stream
}

// auditor reads an export.
type auditor struct {
	streams map[key]*log
	order   []*log // as they are met
	report  Report
	last    [2]*record // the last one, and the one before it
	broken  *Fault     // a line that cannot be read: which record it was shows where one is missing
	missing *Fault     // a record that should have come by now; it may still come further down
	found   *record    // what stands in its place
	each    func(*record) error
}

// Verify reads an export from its beginning to its end and compares it with the
// checkpoints: those of notes and those that stand in the export itself. hubs are the
// fingerprints of the hub keys that are trusted, in hex; none trusts any. The error
// is a *Fault where a record is not as it was signed; one with kiosk.CodeInvalid
// where the input is no such export or no such checkpoint, and one with
// kiosk.CodeDenied where a checkpoint was signed by others.
func Verify(export io.ReadSeeker, notes []wire.NoteRow, hubs []string) (Report, error) {
	a, err := audit(export, notes, hubs, nil)
	if err != nil {
		return Report{}, err
	}
	return a.report, nil
}

func audit(export io.ReadSeeker, notes []wire.NoteRow, hubs []string, each func(*record) error) (*auditor, error) {
	inside, err := notesInside(export)
	if err != nil {
		return nil, err
	}
	a := &auditor{streams: map[key]*log{}, each: each}
	if err := a.trust(append(slices.Clone(notes), inside...), hubs); err != nil {
		return nil, err
	}
	if err := lines(export, a.line); err != nil {
		return nil, err
	}
	return a, a.end()
}

// notesInside returns the checkpoints that stand in an export.
func notesInside(export io.ReadSeeker) ([]wire.NoteRow, error) {
	var rows []wire.NoteRow
	err := lines(export, func(n int, line []byte) error {
		if !isNote(line) {
			return nil
		}
		row, err := readNote(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	_, err = export.Seek(0, io.SeekStart)
	return rows, err
}

// maxLine is the most bytes of a line: facts and sealed bytes of 48 KiB each, in
// base64 and once more as text.
const maxLine = 1 << 20

// lines walks over the lines that are not empty.
func lines(r io.Reader, f func(n int, line []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; s.Scan(); n++ {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		if err := f(n, s.Bytes()); err != nil {
			return err
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return invalid("it has a line of more than %d bytes, which no record has", maxLine)
	}
	return s.Err()
}

// line takes in one line of the export.
func (a *auditor) line(n int, line []byte) error {
	if isNote(line) {
		return nil
	}
	r, fault := readRecord(n, line)
	if fault != nil && fault.Booth == "" { // not even whose record it is
		if a.report.Records == 0 || a.broken != nil {
			return invalid("line %d %s: want NDJSON as redstation logs pull writes it", n, fault.Why)
		}
		a.broken = fault
		return nil
	}
	if fault != nil {
		return fault
	}
	r.line = n
	if a.missing != nil {
		return a.displaced(r)
	}
	if err := a.place(r); err != nil || a.missing != nil {
		return err
	}
	a.report.Records++
	a.report.Erased += r.erased
	if a.each != nil {
		return a.each(r)
	}
	return nil
}

// place puts a record behind the one before it in its stream.
func (a *auditor) place(r *record) error {
	l := a.log(key{r.Booth, r.Stream})
	next := l.place.Seq + 1
	if prev := a.last[0]; prev != nil && r.pos <= prev.pos {
		if before := a.last[1]; before == nil || before.pos < r.pos {
			return &Fault{prev.Place, prev.line, fmt.Sprintf("is not in its place: position %d stands before %d", prev.pos, r.pos)}
		}
		return &Fault{r.Place, r.line, fmt.Sprintf("is not in its place: position %d came before it", prev.pos)}
	}
	switch {
	case r.Seq > next:
		why := fmt.Sprintf("is missing: record %d stands in its place in line %d", r.Seq, r.line)
		if next == 1 {
			why = fmt.Sprintf("is missing, like all before %d: an export must begin with the first record of each stream", r.Seq)
		}
		a.missing, a.found = a.gap(l, why), r
		return nil
	case r.Seq < next:
		return &Fault{r.Place, r.line, fmt.Sprintf("is not in its place: record %d came before it", l.place.Seq)}
	}
	a.last[1], a.last[0], l.place.Seq = a.last[0], r, r.Seq
	return l.tree.add(r.Seq-1, r.header)
}

// displaced finds out, once a record is missing, whether it only stands elsewhere: the
// hub's positions grow from line to line.
func (a *auditor) displaced(r *record) error {
	f := a.found
	switch {
	case r.Place == a.missing.Place && r.line > f.line+1:
		return &Fault{r.Place, r.line, fmt.Sprintf("is not in its place: record %d came before it, in line %d", f.Seq, f.line)}
	case r.pos < f.pos:
		return &Fault{f.Place, f.line, fmt.Sprintf("is not in its place: position %d stands before %d", f.pos, r.pos)}
	}
	return nil
}

// gap is the fault of a stream's next record: it is not there, or it is the one that
// could not be read.
func (a *auditor) gap(l *log, why string) *Fault {
	f := &Fault{Place: l.place, Why: why}
	f.Seq++
	if a.broken != nil {
		f.Line, f.Why = a.broken.Line, a.broken.Why
	}
	return f
}

func (a *auditor) log(k key) *log {
	l := a.streams[k]
	if l == nil {
		l = &log{place: Place{Booth: k.booth, Stream: k.stream}}
		a.streams[k] = l
		a.order = append(a.order, l)
	}
	return l
}

// end compares the streams with their checkpoints.
func (a *auditor) end() error {
	if a.missing != nil {
		return a.missing
	}
	if a.report.Records == 0 {
		return invalid("it holds no records: write it with redstation logs pull")
	}
	for _, l := range a.order {
		if err := l.compare(a); err != nil {
			return err
		}
		a.report.Streams++
		a.report.Newer += int(l.place.Seq - l.proven)
	}
	if a.broken != nil {
		return invalid("line %d %s", a.broken.Line, a.broken.Why)
	}
	return nil
}

// compare holds a stream's tree against what was signed for it.
func (l *log) compare(a *auditor) error {
	if len(l.notes) == 0 {
		return invalid("there is no checkpoint for the records of booth %s (lane %s, epoch %s): get those with redstation logs checkpoints", l.place.Booth, l.place.Stream.Lane, l.place.Stream.Epoch)
	}
	for _, c := range l.notes {
		if c.Size > l.place.Seq {
			if l.place.Seq == 0 && a.broken == nil {
				return a.gap(l, fmt.Sprintf("is missing, like all %d that were signed: an export of one booth wants that booth's checkpoints only, or somebody took them out", c.Size))
			}
			return a.gap(l, fmt.Sprintf("is missing, up to record %d, which was signed: pull on from where the export ends, or somebody took them out", c.Size))
		}
		root, err := tlog.TreeHash(int64(c.Size), l.tree)
		if err != nil {
			return err
		}
		if root != c.Root {
			f := &Fault{Place: l.place, Why: fmt.Sprintf("or one before it, down to record %d, was changed together with its leaf: their tree is not the one that was signed", l.proven+1)}
			f.Seq = c.Size
			return f
		}
		l.proven = c.Size
	}
	return nil
}

func invalid(format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.export", format, args...)
}

// isNote reports whether a line is a checkpoint and not a record.
func isNote(line []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(line), []byte(`{"note":`)) }

func readNote(line []byte) (wire.NoteRow, error) {
	var row wire.NoteRow
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&row); err != nil {
		return row, invalid("is not a checkpoint: write them with redstation logs checkpoints")
	}
	return row, nil
}
