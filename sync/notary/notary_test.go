package notary_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/notary"
	"redstation/sync/wire"
)

// export is what a city has pulled.
type export struct {
	lines [][]byte
	notes []wire.NoteRow
	hub   string // fingerprint
}

// city runs two booths against a hub and pulls everything.
func city(t *testing.T) *export {
	t.Helper()
	c := hubtest.New(t)
	e := &export{hub: c.Fingerprint()}
	for _, id := range []string{"07", "08"} {
		b := c.Enrol(id)
		b.Book.Write(t, kiosk.LaneLog, 9)
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Ref: []byte{1, 2}, Facts: fmt.Appendf(nil, `{"number":"%s-218","a":"<&>\u2028"}`, id), Sealed: []byte("sealed")})
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte("{ \"not\": \"compact\" }")})
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte("not JSON <\xff>")})
		b.Book.WriteDraft(t, kiosk.Draft{Kind: "Strange Kind", Facts: []byte{}})
		b.Book.Write(t, kiosk.LaneLog, 4)
		b.Book.Write(t, kiosk.LaneUrgent, 3)
		push(t, b)
	}
	token, err := c.CreateToken(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	if e.notes, err = wire.PullNotes(t.Context(), nil, c.URL, token, ""); err != nil {
		t.Fatal(err)
	}
	for row, err := range wire.Pull(t.Context(), c.URL, token, wire.PullOpts{Limit: 7}) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := row.Line()
		if err != nil {
			t.Fatal(err)
		}
		e.lines = append(e.lines, line)
	}
	return e
}

// push lets the agent carry a book to its hub.
func push(t *testing.T, b *hubtest.Booth) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	a, err := agent.New(b.Book, b.Enrolment, b.Key, agent.Opts{Log: hubtest.Quiet(), OnUplink: func(u kiosk.Uplink) {
		if u.Up && u.Behind == 0 {
			stop()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(ctx); err != nil || b.Book.Behind() != 0 {
		t.Fatalf("%d behind, %v", b.Book.Behind(), err)
	}
}

func (e *export) verify(lines [][]byte) (notary.Report, error) {
	return notary.Verify(bytes.NewReader(bytes.Join(lines, nil)), e.notes, []string{e.hub})
}

// place reads which record a line is.
func place(t *testing.T, line []byte) string {
	t.Helper()
	var r wire.Row
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("record %d of booth %s (lane %s, epoch %s)", r.Seq, r.Booth, r.Lane, r.Epoch)
}

// names reports whether err is a fault that names one of the records.
func names(err error, records ...string) bool {
	fault, ok := errors.AsType[*notary.Fault](err)
	for _, r := range records {
		if ok && strings.HasPrefix(fault.Error(), r) && !strings.Contains(fault.Error(), "\n") {
			return true
		}
	}
	return false
}

func TestTheOriginalHolds(t *testing.T) {
	e := city(t)
	r, err := e.verify(e.lines)
	if err != nil || r.Records != 40 || r.Streams != 4 || r.Newer != 0 || r.Erased != 0 || len(r.Hubs) != 1 || r.Hubs[0] != e.hub {
		t.Errorf("got %+v, %v", r, err)
	}
	var all bytes.Buffer // the checkpoints behind the records, in one file
	all.Write(bytes.Join(e.lines, nil))
	for _, n := range e.notes {
		if err := json.NewEncoder(&all).Encode(n); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := notary.Verify(bytes.NewReader(all.Bytes()), nil, nil); err != nil || r.Records != 40 {
		t.Errorf("with the checkpoints in the same file: %+v, %v", r, err)
	}
}

// Every byte of a line that a signature covers is changed once.
func TestEveryChangedByteIsNamed(t *testing.T) {
	e := city(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for i, line := range e.lines {
		want := place(t, line)
		for at := range len(line) - 1 { // but not the line break
			if n := rng.IntN(60); n > 0 && (n > 20 || (i != 9 && i != 11)) {
				continue // a third of a request and of one with strange facts, some of the others
			}
			changed := bytes.Clone(line)
			changed[at] ^= 1 << rng.IntN(7)
			if own(line, at) || changed[at] == '\n' || changed[at] == '\r' {
				continue
			}
			lines := append([][]byte(nil), e.lines...)
			lines[i] = changed
			if _, err := e.verify(lines); !names(err, want) {
				t.Fatalf("byte %d of line %d\n%s%sgot %v, want %s", at, i+1, line, changed, err, want)
			}
		}
	}
}

// own reports whether a byte belongs to the value of a column that the hub adds.
func own(line []byte, at int) bool {
	for _, name := range []string{`"pos":`, `"name":`, `"received":`, `"t_lo":`, `"t_hi":`, `"t_best":`, `"confidence":`} {
		begin := bytes.Index(line, []byte(name)) + len(name)
		if end := begin + bytes.IndexByte(line[begin:], ','); at >= begin && at < end {
			return true
		}
	}
	return false
}

func TestRemovedAndSwappedRecordsAreNamed(t *testing.T) {
	e := city(t)
	for i := range e.lines {
		without := append(append([][]byte(nil), e.lines[:i]...), e.lines[i+1:]...)
		if _, err := e.verify(without); !names(err, place(t, e.lines[i])) {
			t.Errorf("without line %d: %v, want %s", i+1, err, place(t, e.lines[i]))
		}
		twice := append(append([][]byte(nil), e.lines[:i+1]...), e.lines[i:]...)
		if _, err := e.verify(twice); !names(err, place(t, e.lines[i])) {
			t.Errorf("line %d twice: %v, want %s", i+1, err, place(t, e.lines[i]))
		}
		for j := range i {
			if i-j > 1 && (i+j)%3 != 0 {
				continue
			}
			swapped := append([][]byte(nil), e.lines...)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			if _, err := e.verify(swapped); !names(err, place(t, e.lines[i]), place(t, e.lines[j])) {
				t.Errorf("lines %d and %d swapped: %v", i+1, j+1, err)
			}
		}
	}
}

// A forger who knows the format makes a record anew, with salt, commitment and leaf.
func TestAForgedRecordDoesNotFitTheTree(t *testing.T) {
	e := city(t)
	var r wire.Row
	if err := json.Unmarshal(e.lines[4], &r); err != nil {
		t.Fatal(err)
	}
	h, err := kiosk.DecodeHeader(r.Header)
	if err != nil {
		t.Fatal(err)
	}
	d := kiosk.Draft{ID: h.ID, Lane: h.Lane, Kind: h.Kind, Facts: []byte(`{"forged":true}`), Stamp: kiosk.Stamp{Wall: h.Wall(), State: h.ClockState}}
	forged, err := d.Enter(h.Booth, h.Epoch, h.Seq)
	if err != nil {
		t.Fatal(err)
	}
	r.Header, r.Facts, r.FactsSalt = forged.Header, forged.Facts, forged.FactsSalt
	r.Leaf = leaf(forged.Header)
	line, err := r.Line()
	if err != nil {
		t.Fatal(err)
	}
	lines := append([][]byte(nil), e.lines...)
	lines[4] = line
	_, err = e.verify(lines)
	if fault, ok := errors.AsType[*notary.Fault](err); !ok || fault.Booth != r.Booth || fault.Stream.Epoch != r.Epoch || !strings.Contains(fault.Why, "their tree is not the one that was signed") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoExportIsToldInOneLine(t *testing.T) {
	e := city(t)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.ReadCheckpoint([]byte(e.notes[0].Note))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := c.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	whole := bytes.Join(e.lines, nil)
	for name, tt := range map[string]struct {
		export string
		notes  []wire.NoteRow
		hubs   []string
		want   string
	}{
		"nothing":                   {"", e.notes, nil, "it holds no records"},
		"a table":                   {"pos,booth,name\n1,07,x\n", e.notes, nil, "line 1 is not a record: want NDJSON"},
		"another program's NDJSON":  {`{"level":"info"}` + "\n", e.notes, nil, "want NDJSON as redstation logs pull writes it"},
		"no checkpoints":            {string(whole), nil, nil, "there are no checkpoints"},
		"the checkpoints of some":   {string(whole), e.notes[:1], nil, "there is no checkpoint for the records of booth"},
		"another hub":               {string(whole), e.notes, []string{strings.Repeat("ab", 32)}, "signed by a hub whose key has the fingerprint " + e.hub},
		"a checkpoint of a forger":  {string(whole), []wire.NoteRow{{Note: string(forged), Keys: e.notes[0].Keys}}, nil, "checkpoint of " + c.Origin()},
		"a checkpoint without keys": {string(whole), []wire.NoteRow{{Note: e.notes[0].Note}}, nil, "names 0 keys"},
	} {
		_, err := notary.Verify(strings.NewReader(tt.export), tt.notes, tt.hubs)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
		if _, fault := errors.AsType[*notary.Fault](err); fault {
			t.Errorf("%s is called a forgery: %v", name, err)
		}
	}
}

// The proof of one record is checked by a program that shares nothing with ours.
func TestProofsAreCheckedByPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is not there: apt install python3")
	}
	e := city(t)
	whole := bytes.Join(e.lines, nil)
	check := func(p *notary.Proof) (string, error) {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "proof.json")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, "check_proof.py", path, e.hub).CombinedOutput()
		return string(out), err
	}
	prove := func(what string) *notary.Proof {
		p, err := notary.Prove(bytes.NewReader(whole), e.notes, []string{e.hub}, what)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for i, line := range e.lines {
		var r wire.Row
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if p := prove(r.ID.String()); i%13 == 0 {
			if out, err := check(p); err != nil || !strings.HasPrefix(out, fmt.Sprintf("record %d of redstation/%s/%s/%s is in the tree of ", r.Seq, r.Booth, r.Epoch, r.Lane)) {
				t.Errorf("%s: %s, %v", place(t, line), out, err)
			}
		}
	}
	for name, change := range map[string]func(*notary.Proof){
		"header":    func(p *notary.Proof) { p.Header[len(p.Header)-1] ^= 1 },
		"facts":     func(p *notary.Proof) { *p.Facts += " " },
		"hash":      func(p *notary.Proof) { p.Hashes[0][0] ^= 1 },
		"place":     func(p *notary.Proof) { p.LeafIndex, p.Seq = p.LeafIndex-1, p.Seq-1 },
		"note":      func(p *notary.Proof) { p.Note = strings.Replace(p.Note, "\n17\n", "\n18\n", 1); p.TreeSize++ },
		"signature": func(p *notary.Proof) { p.Keys[0], p.Keys[1] = p.Keys[1], p.Keys[0] },
		"booth":     func(p *notary.Proof) { p.Booth = "09" },
		"id":        func(p *notary.Proof) { p.ID = strings.Repeat("f", 32) },
	} {
		p := prove("08-218")
		change(p)
		if out, err := check(p); err == nil || !strings.HasPrefix(out, "not proven: ") {
			t.Errorf("another %s: %s, %v", name, out, err)
		}
	}
	if _, err := notary.Prove(bytes.NewReader(whole), e.notes, nil, "09-1"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a number that nobody has: %v", err)
	}
}

func leaf(header []byte) []byte {
	h := tlog.RecordHash(header)
	return h[:]
}
