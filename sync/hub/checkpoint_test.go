package hub_test

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// appended encodes a batch as it is.
func appended(t *testing.T, b *wire.Batch) []byte {
	t.Helper()
	raw, err := b.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestBatchesWithoutTheBoothsOwnWordChangeNothing(t *testing.T) {
	c := hubtest.New(t)
	b, other := c.Enrol("07"), c.Enrol("08")
	b.Book.Write(t, kiosk.LaneLog, 20)
	other.Book.Write(t, kiosk.LaneLog, 20)
	push(t, c, b, 1, 10)
	before, _ := stored(t, c, 10)
	for name, tt := range map[string]struct {
		change func(*wire.Batch)
		want   string
	}{
		"no note":                    {func(x *wire.Batch) { x.Note = nil }, "400 malformed"},
		"a note of fewer records":    {func(x *wire.Batch) { x.Note = batchOf(t, b, kiosk.LaneLog, 1, 19).Note }, "400 malformed"},
		"the note of another booth":  {func(x *wire.Batch) { x.Note = batchOf(t, other, kiosk.LaneLog, 1, 20).Note }, "400 malformed"},
		"a note signed by another":   {func(x *wire.Batch) { signWith(t, x, other.Key) }, "401 signature"},
		"a note with a changed line": {func(x *wire.Batch) { x.Note = []byte(strings.Replace(string(x.Note), "— ", "- ", 1)) }, "401 signature"},
	} {
		batch := batchOf(t, b, kiosk.LaneLog, 11, 20)
		tt.change(batch)
		if got := pushRaw(t, c, b, kiosk.LaneLog, appended(t, batch)); !strings.HasPrefix(got.String(), tt.want) {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
		if after, last := stored(t, c, 10); after != before || last != 10 || forks(t, c) != 0 {
			t.Errorf("%s: something changed: %d records, %d set aside", name, last, forks(t, c))
		}
	}
	if got := push(t, c, b, 11, 20); got.ack.Acked != 20 {
		t.Errorf("the right batch afterwards: %s", got)
	}
}

func signWith(t *testing.T, b *wire.Batch, key ed25519.PrivateKey) {
	t.Helper()
	if err := b.Sign(key); err != nil {
		t.Fatal(err)
	}
}

func TestTheLastCheckpointIsKeptAndRepeated(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 20)
	first := push(t, c, b, 1, 10)
	second := push(t, c, b, 11, 20)
	late := push(t, c, b, 1, 10)
	if string(late.ack.Note) != string(second.ack.Note) || string(first.ack.Note) == string(second.ack.Note) || len(first.ack.Note) == 0 {
		t.Errorf("an old batch is answered with %q, want the note of all 20", late.ack.Note)
	}
	want := batchOf(t, b, kiosk.LaneLog, 1, 20).Checkpoint()
	if err := want.VerifyHub(late.ack.Note, ed25519.PublicKey(b.HubKey)); err != nil {
		t.Error(err)
	}
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) error {
		all, err := tx.Checkpoints(t.Context(), "")
		if len(all) != 1 || all[0].Size != 20 || string(all[0].Key) != string(b.Key.Public().(ed25519.PublicKey)) {
			t.Errorf("kept: %+v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A booth that signs another tree for records that the hub has all of.
func TestAnotherTreeOverKnownRecordsIsAFork(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	push(t, c, b, 1, 10)
	batch := batchOf(t, b, kiosk.LaneLog, 6, 10)
	batch.Root[0] ^= 1
	if got := pushBatch(t, c, b, batch); !strings.HasPrefix(got.String(), "409 fork") {
		t.Errorf("got %s", got)
	}
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) error {
		notes, err := tx.ForkNotes(t.Context(), "07", b.Book.Stream(kiosk.LaneLog))
		if len(notes) != 1 || string(notes[0].Note) != string(batch.Note) {
			t.Errorf("what the booth signed is not kept: %+v", notes)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnknownVersionsAreToldWhichAreSpoken(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	hello, err := wire.Marshal(&wire.Hello{Proto: 7})
	if err != nil {
		t.Fatal(err)
	}
	enrol, err := wire.Marshal(&wire.Enrol{Proto: 7, Booth: "07"})
	if err != nil {
		t.Fatal(err)
	}
	for path, raw := range map[string][]byte{wire.PathHello: hello, wire.PathUp + "log": {0x82, 0x07, 0x01}, wire.PathEnrol: enrol} {
		got := serve(t, c, b, signed(t, c, b, path, wire.TypeMessage, codec.Compress(nil, raw)))
		if got.status != http.StatusBadRequest || got.problem.Trouble != wire.TroubleProto || len(got.problem.Spoken) != 1 || got.problem.Spoken[0] != 1 {
			t.Errorf("%s: %s, spoken %v", path, got, got.problem.Spoken)
		}
	}
}
