package hub_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

var record = flag.String("record", "", "record the corpus of this version of the protocol, such as v2, where there is none")

// corpus holds, by version of the protocol, what booths of that version have sent: the
// bodies as they were on the line. Nothing in it is ever changed. In the order of
// their names: enrolments, hellos, batches, files that were carried by hand.
const corpus = "../wire/testdata/corpus"

// corpusCode stands in the recorded enrolments where a code was.
const corpusCode = "ABCDE12345"

// TestT14EveryRecordedMessageIsAccepted sends what booths of every version once sent
// to the hub of today.
func TestT14EveryRecordedMessageIsAccepted(t *testing.T) {
	if *record != "" {
		recordCorpus(t, filepath.Join(corpus, *record))
	}
	versions, err := filepath.Glob(corpus + "/v*")
	if err != nil || len(versions) == 0 {
		t.Fatalf("no corpus in %s: %v", corpus, err)
	}
	p := kiosktest.Prove(t, "T14", "recorded messages of every version", kiosktest.Runs{Short: 1, Release: 1})
	for p.Next() {
		for _, dir := range versions {
			p.Count(filepath.Base(dir), replay(t, dir))
		}
	}
}

// replay sends the messages of one version to a fresh hub and returns how many there are.
func replay(t *testing.T, dir string) (messages int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "booth.key"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := hubtest.New(t)
	b := c.Enrol("07") // for the hub's key; the recorded enrolments replace its own
	b.Key = ed25519.NewKeyFromSeed(seed)
	names, err := filepath.Glob(filepath.Join(dir, "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	var records uint64
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		what := strings.Split(filepath.Base(name), "-")[1]
		switch what {
		case "enrol":
			enrolRecorded(t, c, b, name, body)
		case "hello":
			if got := serve(t, c, b, signed(t, c, b, wire.PathHello, wire.TypeMessage, body)); got.status != http.StatusOK {
				t.Errorf("%s: %s", name, got)
			}
		case "log", "urgent":
			got := serve(t, c, b, signed(t, c, b, wire.PathUp+what, wire.TypeBatch, body))
			if records += newIn(t, body); got.status != http.StatusOK || got.ack.Acked == 0 {
				t.Errorf("%s: %s", name, got)
			}
		case "file":
			got, err := c.Import(t.Context(), body)
			if err != nil || got.New == 0 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			records += uint64(got.New)
		default:
			t.Fatalf("%s is none of enrol, hello, log, urgent, file", name)
		}
		messages++
	}
	if _, last := stored(t, c, 1); uint64(last) != records || records == 0 {
		t.Errorf("%s: %d records are stored of %d", dir, last, records)
	}
	return messages
}

// newIn counts the records of a batch; the recorded ones do not overlap.
func newIn(t *testing.T, body []byte) uint64 {
	t.Helper()
	raw, err := codec.Decompress(body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.DecodeBatch(raw)
	if err != nil {
		t.Fatal(err)
	}
	return b.Last - b.First + 1
}

// enrolRecorded puts a good code in place of the recorded one, byte for byte.
func enrolRecorded(t *testing.T, c *hubtest.City, b *hubtest.Booth, name string, body []byte) {
	t.Helper()
	line, err := c.CreateEnrolment(t.Context(), "07", "", c.URL)
	if err != nil {
		t.Fatal(err)
	}
	v, err := wire.ParseInvitation(line)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := codec.Decompress(body)
	if err != nil || !bytes.Contains(raw, []byte(corpusCode)) {
		t.Fatalf("%s: %v", name, err)
	}
	raw = bytes.Replace(raw, []byte(corpusCode), []byte(v.Code), 1)
	anyone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key}
	anyone.Booth = wire.KeyIDEnrol
	if got := serve(t, c, anyone, signed(t, c, anyone, wire.PathEnrol, wire.TypeMessage, codec.Compress(nil, raw))); got.status != http.StatusOK {
		t.Errorf("%s: %s", name, got)
	}
}

// recordCorpus writes what a booth of this program sends.
func recordCorpus(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(dir); err == nil {
		t.Fatalf("%s is there already, and what was recorded never changes", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	message := func(m any) []byte {
		t.Helper()
		raw, err := wire.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return codec.Compress(nil, raw)
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	write("booth.key", []byte(hex.EncodeToString(key.Seed())+"\n"))
	b := &hubtest.Booth{Book: hubtest.NewBook("07"), Key: key}
	b.Book.Write(t, kiosk.LaneLog, 20)
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Ref: []byte{1, 2}, Actor: []byte{3}, BasedOn: 4, Facts: []byte(`{"number":"07-001"}`), Sealed: []byte("sealed")})
	b.Book.WriteDraft(t, kiosk.Draft{Kind: "kind.of_its_day", Schema: 9, Facts: []byte("no JSON")})
	b.Book.Write(t, kiosk.LaneLog, 8)
	b.Book.Write(t, kiosk.LaneUrgent, 2)
	pub := key.Public().(ed25519.PublicKey)
	write("10-enrol", message(&wire.Enrol{Proto: wire.Proto, Booth: "07", Code: corpusCode, Key: pub, Hardware: "Raspberry Pi 4 Model B Rev 1.5"}))
	write("11-enrol-bare", message(map[string]any{"booth": "07", "code": corpusCode, "key": []byte(pub)}))
	heads := []wire.Head{{Epoch: b.Book.Stream(kiosk.LaneUrgent).Epoch, Lane: kiosk.LaneUrgent, Last: 2}, {Epoch: b.Book.Stream(kiosk.LaneLog).Epoch, Last: 30, OldestMS: 1_790_000_000_000}}
	write("20-hello", message(&wire.Hello{Proto: wire.Proto, Version: "1.0.0", Printer: "ready", Heads: heads}))
	write("21-hello-bare", message(map[string]any{"proto": wire.Proto, "version": "", "printer": "", "heads": []wire.Head{}}))
	write("22-hello-more", message(map[string]any{"proto": wire.Proto, "version": "9", "printer": "ready", "heads": heads, "mood": "good", "later": []any{1, cbor.RawMessage{0xf6}}}))
	erased := batchOf(t, b, kiosk.LaneLog, 11, 22)
	erased.Records = append([]kiosk.Record(nil), erased.Records...)
	erased.Records[10].Sealed, erased.Records[10].SealedSalt = nil, nil
	for name, x := range map[string]*wire.Batch{"30-log": batchOf(t, b, kiosk.LaneLog, 1, 10), "31-log-strange": erased, "32-urgent": batchOf(t, b, kiosk.LaneUrgent, 1, 2)} {
		write(name, codec.Compress(nil, appended(t, x)))
	}
	write("40-file", wire.AppendFile(nil, codec.Compress(nil, appended(t, batchOf(t, b, kiosk.LaneLog, 23, 30))), "07", key))
}
