package wire_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"redstation/kiosk"
	"redstation/sync/wire"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden holds the bytes of every message. A change of a golden file is a
// change of the protocol: booths in the street speak the old one.
func TestGolden(t *testing.T) {
	epoch, root := kiosk.ID{0xee, 15: 0x01}, bytes.Repeat([]byte{0xab}, 32)
	_, chain := chainOf(wire.WhoHub, 3)
	rotation := chain[0]
	heads := []wire.Head{{Epoch: epoch, Lane: kiosk.LaneUrgent, Last: 3}, {Epoch: epoch, Lane: kiosk.LaneLog, Last: 1200, Acked: 1000, OldestMS: 1_800_000_000_000}}
	checkpoint := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: epoch}, Size: 1200, Root: [32]byte(root)}
	note, err := checkpoint.Sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	if note, err = checkpoint.Cosign(note, public(testKey(1)), testKey(2)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		message any
		empty   any
	}{
		{"hello", &wire.Hello{Proto: 1, Version: "1.0.0", Printer: "ready", Heads: heads, Feeds: []wire.FeedAt{{Feed: "city", Ver: 12}, {Feed: "booth/07", Ver: 3}}}, &wire.Hello{}},
		{"feeds_answer", &wire.FeedsAnswer{HubTimeMS: 1_800_000_000_000, Feeds: []wire.FeedAt{{Feed: "city", Ver: 12}}}, &wire.FeedsAnswer{}},
		{"feed_page", &wire.FeedPage{Feed: "city", After: 255, Full: true, Items: []kiosk.Item{
			{Ver: 256, Type: "notice", ID: "a", Op: kiosk.ItemPut, MinVersion: 1, Body: []byte("snow")}}}, &wire.FeedPage{}},
		{"feed_head", &wire.FeedHead{Feed: "tags", Ver: 256, Sums: wire.PutSums(&kiosk.Sums{1: {0xab}})}, &wire.FeedHead{}},
		{"feed_segment", &wire.FeedSegment{Feed: "booth/07", Bucket: 3, Sum: kiosk.Sum{0xab}, After: 2, More: true, Items: []kiosk.Item{
			{Ver: 9, Type: "record", ID: "x", Op: kiosk.ItemErase}}}, &wire.FeedSegment{}},
		{"hello_answer", &wire.HelloAnswer{HubTimeMS: 1_800_000_000_000, MaxRecords: 5000, MaxBytes: 1 << 20,
			Heads: []wire.Head{{Epoch: epoch, Last: 1200, Root: root, Note: note}}, CityKeyID: 1, CityKey: root}, &wire.HelloAnswer{}},
		{"ack", &wire.Ack{Acked: 1200, Root: root, Note: note, HubTimeMS: 1_800_000_000_000}, &wire.Ack{}},
		{"enrol", &wire.Enrol{Proto: 1, Booth: "07", Code: "ABCDE12345", Key: root, Hardware: "rpi-4"}, &wire.Enrol{}},
		{"enrol_answer", &wire.EnrolAnswer{Booth: "07", Name: "松花江路", HubTimeMS: 1_800_000_000_000, CityKeyID: 1, CityKey: root}, &wire.EnrolAnswer{}},
		{"rotation", &rotation, &wire.Rotation{}},
		{"hello_answer_next", &wire.HelloAnswer{HubTimeMS: 1_800_000_000_000, MaxRecords: 5000, MaxBytes: 1 << 20, Heads: []wire.Head{}, CityKeyID: 2, CityKey: root, Next: &rotation}, &wire.HelloAnswer{}},
		{"keys_answer", &wire.KeysAnswer{HubTimeMS: 1_800_000_000_000, Chain: chain}, &wire.KeysAnswer{}},
		{"rekey", &wire.Rekey{Chain: chain[:1]}, &wire.Rekey{}},
		{"rekey_answer", &wire.RekeyAnswer{Key: root, HubTimeMS: 1_800_000_000_000}, &wire.RekeyAnswer{}},
		{"time_answer", &wire.TimeAnswer{HubTimeMS: 1_800_000_000_000}, &wire.TimeAnswer{}},
		{"problem", &wire.Problem{Trouble: wire.TroubleNeed, Need: 17, HubTimeMS: 1_800_000_000_000}, &wire.Problem{}},
		{"problem_proto", &wire.Problem{Trouble: wire.TroubleProto, Detail: "protocol 9", Spoken: []uint{1}, HubTimeMS: 1_800_000_000_000}, &wire.Problem{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			enc, err := wire.Marshal(tt.message)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, enc)
			if err := wire.Unmarshal(enc, tt.empty); err != nil {
				t.Fatal(err)
			}
			if again, err := wire.Marshal(tt.empty); err != nil || !bytes.Equal(again, enc) {
				t.Errorf("decoded and encoded again it is %x, %v", again, err)
			}
		})
	}
	t.Run("batch", func(t *testing.T) {
		b := wire.Batch{Booth: "07", Stream: kiosk.Stream{Epoch: epoch}, First: 41, Last: 42, Root: [32]byte(root), Records: []kiosk.Record{
			{Header: []byte("header 41"), Facts: []byte(`{"a":1}`), FactsSalt: []byte("salt"), Sealed: []byte("sealed"), SealedSalt: []byte("sSalt")},
			{Header: []byte("header 42")}}}
		if err := b.Sign(testKey(1)); err != nil {
			t.Fatal(err)
		}
		enc, err := b.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "batch", enc)
	})
}

// golden compares enc with testdata/NAME.golden: its diagnostic notation (RFC
// 8949, section 8) for people, its bytes in hex for machines.
func golden(t *testing.T, name string, enc []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	var got bytes.Buffer
	for rest := enc; len(rest) > 0; {
		s, r, err := cbor.DiagnoseFirst(rest)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&got, s)
		rest = r
	}
	fmt.Fprintln(&got)
	for b := enc; len(b) > 0; b = b[min(32, len(b)):] {
		fmt.Fprintln(&got, hex.EncodeToString(b[:min(32, len(b))]))
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s:\n got:\n%s\nwant:\n%s", path, got.Bytes(), want)
	}
}
