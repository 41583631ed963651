package hub_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// carry exports a booth's book and returns the batch files by name.
func carry(t *testing.T, b *hubtest.Booth) (names []string, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	x, err := agent.Export(t.Context(), b.Book, b.Enrolment, b.Key, dir, func(agent.Exported) {})
	if err != nil {
		t.Fatal(err)
	}
	names, err = filepath.Glob(filepath.Join(dir, "*"+wire.FileSuffix))
	if err != nil || len(names) != x.Files || x.Records != x.Total {
		t.Fatalf("%d files, exported %+v, %v", len(names), x, err)
	}
	files = map[string][]byte{}
	for _, n := range names {
		if files[n], err = os.ReadFile(n); err != nil {
			t.Fatal(err)
		}
	}
	return names, files
}

func TestImportByHand(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 6000)
	b.Book.Write(t, kiosk.LaneUrgent, 3)
	push(t, c, b, 1, 500) // the acknowledgement was lost
	names, files := carry(t, b)
	if len(names) != 3 {
		t.Fatalf("files %v, want two of the log lane and one urgent", names)
	}
	for round := range 2 {
		var fresh []int
		for _, n := range names {
			got, err := c.Import(t.Context(), files[n])
			if err != nil {
				t.Fatal(n, err)
			}
			fresh = append(fresh, got.New)
		}
		if want := [][]int{{4500, 1000, 3}, {0, 0, 0}}[round]; !slices.Equal(fresh, want) {
			t.Errorf("round %d brought %v, want %v", round, fresh, want)
		}
	}
	if n := len(c.Entries()); n != 6003 {
		t.Errorf("%d entries, want 6003", n)
	}
	if s, err := c.Stations(t.Context()); err != nil || !s[0].LastContact.Equal(c.Clock.Read().Wall) {
		t.Errorf("station %+v, %v", s, err)
	}
	audit, _, err := c.AuditTrail(t.Context(), 0, 10)
	if err != nil || audit[0].Deed != "batch_imported" || audit[0].Object != "booth 07" {
		t.Errorf("audit %+v, %v", audit, err)
	}
}

func TestAnImportIsNoContact(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 3)
	names, files := carry(t, b)
	if _, err := c.Import(t.Context(), files[names[0]]); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Stations(t.Context()); err != nil || !s[0].LastContact.IsZero() {
		t.Errorf("last contact %v, %v: nobody called", s[0].LastContact, err)
	}
}

func TestRefusedFilesChangeNothing(t *testing.T) {
	c, elsewhere := hubtest.New(t), hubtest.New(t)
	b, revoked, foreign := c.Enrol("07"), c.Enrol("08"), elsewhere.Enrol("09")
	same := elsewhere.Enrol("07") // of the same name in another city
	for _, x := range []*hubtest.Booth{b, revoked, foreign, same} {
		x.Book.Write(t, kiosk.LaneLog, 20)
	}
	if err := c.RevokeBooth(t.Context(), "08", "stolen"); err != nil {
		t.Fatal(err)
	}
	only := func(x *hubtest.Booth) []byte {
		names, files := carry(t, x)
		return files[names[0]]
	}
	good := only(b)
	late := wire.AppendFile(nil, codec.Compress(nil, appended(t, batchOf(t, b, kiosk.LaneLog, 11, 20))), "07", b.Key)
	other := wire.AppendFile(nil, codec.Compress(nil, appended(t, batchOf(t, foreign, kiosk.LaneLog, 1, 20))), "07", b.Key)
	edited := bytes.Clone(good)
	edited[len(edited)-5] ^= 1
	_, forger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                   {nil, "it is no batch file"},
		"a picture":                 {[]byte("\x89PNG\r\n\x1a\n and so on\n\n"), "it is no batch file"},
		"cut":                       {good[:len(good)-1], "the file was changed or cut"},
		"edited":                    {edited, "the file was changed or cut"},
		"signed by another":         {wire.AppendFile(nil, codec.Compress(nil, nil), "07", forger), "does not verify with the key of booth 07"},
		"of another city":           {only(foreign), "it is of booth 09, which is not enrolled at this hub"},
		"of a namesake":             {only(same), "does not verify with the key of booth 07"},
		"of a revoked booth":        {only(revoked), "it is of booth 08, which was revoked"},
		"of another booth's stream": {other, "batch of booth \"09\", sent by 07"},
		"of records that are far":   {late, "records 1 to 10 of its stream are not here yet: bring the files before it, too"},
		"of a later version":        {bytes.Replace(good, []byte("redstation-batch/1"), []byte("redstation-batch/2"), 1), `batch file of version "2", this hub reads version 1`},
		"a bomb":                    {wire.AppendFile(nil, codec.Compress(nil, make([]byte, wire.MaxRaw+1)), "07", b.Key), "larger than the hub takes"},
		"too large":                 {make([]byte, wire.MaxFile+1), "no batch file has"},
	} {
		_, err := c.Import(t.Context(), tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", name, err, tt.want)
		}
		if n := len(c.Entries()); n != 0 || forks(t, c) != 0 {
			t.Fatalf("%s: %d entries, %d set aside", name, n, forks(t, c))
		}
	}
	if got, err := c.Import(t.Context(), good); err != nil || got.New != 20 {
		t.Errorf("the right file afterwards: %+v, %v", got, err)
	}
}

// A body that was erased stays erased, whatever a stick brings.
func TestAnImportBringsNothingErasedBack(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"a":1}`), Sealed: []byte("what a resident said")})
	names, files := carry(t, b) // with the body
	erased := batchOf(t, b, kiosk.LaneLog, 1, 1)
	erased.Records = []kiosk.Record{{Header: erased.Records[0].Header}}
	if got := pushBatch(t, c, b, erased); got.ack.Acked != 1 {
		t.Fatal(got)
	}
	if got, err := c.Import(t.Context(), files[names[0]]); err != nil || got.New != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) error {
		row, err := tx.Row(t.Context(), 1)
		if bytes.Contains(row.Raw, []byte("resident")) {
			t.Error("the erased body came back")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAForkThatCameByHandIsSetAside(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 5)
	clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	b.Book.Write(t, kiosk.LaneLog, 5)
	clone.Book.Write(t, kiosk.LaneLog, 7)
	push(t, c, b, 1, 10)
	names, files := carry(t, clone)
	if _, err := c.Import(t.Context(), files[names[0]]); kiosk.CodeOf(err) != kiosk.CodeConflict || !strings.Contains(err.Error(), "a fork") {
		t.Errorf("got %v", err)
	}
	if n := forks(t, c); n != 12 || len(c.Entries()) != 10 {
		t.Errorf("%d set aside, want 12; %d stored", n, len(c.Entries()))
	}
}

// heard says hello for the booth, with the heads of its book.
func heard(t *testing.T, c *hubtest.City, b *hubtest.Booth) {
	t.Helper()
	heads, err := b.Book.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hello := wire.Hello{Proto: wire.Proto, Heads: []wire.Head{}}
	for _, h := range heads {
		hello.Heads = append(hello.Heads, wire.Head{Epoch: h.Epoch, Lane: h.Lane, Last: h.Last})
	}
	raw, err := wire.Marshal(&hello)
	if err != nil {
		t.Fatal(err)
	}
	if got := serve(t, c, b, signed(t, c, b, wire.PathHello, wire.TypeMessage, codec.Compress(nil, raw))); got.status != 200 {
		t.Fatal(got)
	}
}

// rekeyed changes the key of a booth, with the hub's knowledge.
func rekeyed(t *testing.T, c *hubtest.City, b *hubtest.Booth) {
	t.Helper()
	_, next, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := wire.Marshal(&wire.Rekey{Chain: []wire.Rotation{wire.NewRotation(wire.WhoBooth(b.Booth), b.Key, next)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := serve(t, c, b, signed(t, c, b, wire.PathRekey, wire.TypeMessage, codec.Compress(nil, raw))); got.status != 200 {
		t.Fatal(got)
	}
	b.Key = next
}

// A stick may be on its way for long. What its key has signed counts as far as the
// booth had said that it has it, and no further: the key may be a thief's by now.
func TestAStickOutlivesItsKeyAsFarAsTheBoothHadSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(*testing.T, *hubtest.City, *hubtest.Booth)
		want string
	}{
		"the booth changed its key": {rekeyed, "a key that booth 07 has changed since, and no record behind 20 of its lane log is known of"},
		"the booth was revoked": {func(t *testing.T, c *hubtest.City, _ *hubtest.Booth) {
			if err := c.RevokeBooth(t.Context(), "07", "card stolen"); err != nil {
				t.Fatal(err)
			}
		}, "it is of booth 07, which was revoked, and no record behind 20 of its lane log was known of before"},
		"the booth was revoked and enrolled anew": {func(t *testing.T, c *hubtest.City, _ *hubtest.Booth) {
			if err := c.RevokeBooth(t.Context(), "07", "card stolen"); err != nil {
				t.Fatal(err)
			}
			c.Enrol("07")
		}, "a key that booth 07 has changed since"},
	} {
		t.Run(name, func(t *testing.T) {
			c := hubtest.New(t)
			b := c.Enrol("07")
			b.Book.Write(t, kiosk.LaneLog, 20)
			push(t, c, b, 1, 5)
			heard(t, c, b)
			old := *b
			names, files := carry(t, b)
			b.Book.Write(t, kiosk.LaneLog, 1)
			later := wire.AppendFile(nil, codec.Compress(nil, appended(t, batchOf(t, b, kiosk.LaneLog, 1, 21))), "07", old.Key)
			tt.end(t, c, b)
			_, err := c.Import(t.Context(), later)
			if kiosk.CodeOf(err) != kiosk.CodeDenied || !strings.Contains(err.Error(), tt.want) || len(c.Entries()) != 5 {
				t.Errorf("what came behind: %v, %d entries", err, len(c.Entries()))
			}
			got, err := c.Import(t.Context(), files[names[0]])
			if err != nil || got.New != 15 || len(c.Entries()) != 20 {
				t.Fatalf("what the booth had said to have: %+v, %v, %d entries", got, err, len(c.Entries()))
			}
			audit, _, err := c.AuditTrail(t.Context(), 0, 1)
			if err != nil || !strings.Contains(audit[0].Reason, "a key that the booth had before") {
				t.Errorf("audit %+v, %v", audit, err)
			}
		})
	}
}
