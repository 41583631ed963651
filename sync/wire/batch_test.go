package wire_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// sample returns n records as a booth would write them, without random bits.
func sample(t testing.TB, n int) *wire.Batch {
	t.Helper()
	b := &wire.Batch{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1, 2, 3}, Lane: kiosk.LaneLog}, First: 1, Last: uint64(n)}
	for i := range n {
		d := kiosk.Draft{ID: kiosk.ID{9, byte(i)}, Kind: kiosk.KindDoorOpened, Schema: 1, Facts: []byte(`{"n":1}`),
			Stamp: kiosk.Stamp{Wall: time.UnixMilli(1_800_000_000_000)}}
		if i == 1 {
			d.Sealed = []byte("sealed")
		}
		r, err := d.Enter(b.Booth, b.Stream.Epoch, uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			r.Facts, r.FactsSalt = nil, nil // erased
		}
		b.Records = append(b.Records, r)
	}
	if err := b.Sign(testKey(1)); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBatchRoundTrip(t *testing.T) {
	for _, n := range []int{1, 3, 300} {
		want := sample(t, n)
		enc, err := want.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.DecodeBatch(enc)
		if err != nil {
			t.Fatal(err)
		}
		if got.Booth != want.Booth || got.Stream != want.Stream || got.First != 1 || got.Last != uint64(n) || len(got.Records) != n {
			t.Fatalf("%d records: got %+v", n, got)
		}
		for i := range want.Records {
			if !same(got.Records[i], want.Records[i]) {
				t.Errorf("record %d: got %v, want %v", i, got.Records[i], want.Records[i])
			}
			one, rest, err := wire.ReadRecord(got.Raw[i])
			if err != nil || len(rest) != 0 || !same(one, want.Records[i]) {
				t.Errorf("raw record %d: %v, %d bytes left", i, err, len(rest))
			}
		}
	}
}

// same compares records; an erased part (nil) is not an empty one.
func same(a, b kiosk.Record) bool {
	eq := func(x, y []byte) bool { return bytes.Equal(x, y) && (x == nil) == (y == nil) }
	return eq(a.Header, b.Header) && eq(a.Facts, b.Facts) && eq(a.FactsSalt, b.FactsSalt) &&
		eq(a.Sealed, b.Sealed) && eq(a.SealedSalt, b.SealedSalt)
}

func TestEveryCutOfABatchIsRefused(t *testing.T) {
	enc, err := sample(t, 3).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range enc {
		if _, err := wire.DecodeBatch(enc[:n]); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := wire.DecodeBatch(append(enc, 0xf6)); err == nil {
		t.Error("a byte after the end was taken")
	}
}

func TestSequenceIsCBOR(t *testing.T) {
	for _, n := range []int{0, 1, 23, 24, 255, 256, 65535, 65536} {
		r := kiosk.Record{Header: []byte("h"), Facts: make([]byte, n)}
		enc := wire.AppendRecord(nil, &r)
		d := cbor.NewDecoder(bytes.NewReader(enc))
		var items []any
		for {
			var v any
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("facts of %d bytes: %v", n, err)
			}
			items = append(items, v)
		}
		if len(items) != 5 || items[4] != nil || !bytes.Equal(items[1].([]byte), r.Facts) {
			t.Errorf("facts of %d bytes: decoded %d items", n, len(items))
		}
	}
}

func TestOneValueHasOneEncoding(t *testing.T) {
	tests := []struct {
		name string
		enc  []byte
	}{
		{"a length in two bytes that fits in one", []byte{0x58, 0x01, 'h'}},
		{"a length in three bytes that fits in two", []byte{0x59, 0x00, 0x01, 'h'}},
		{"a length in five bytes that fits in three", []byte{0x5a, 0, 0, 0, 1, 'h'}},
		{"a length of eight bytes", []byte{0x5b, 0, 0, 0, 0, 0, 0, 0, 1, 'h'}},
		{"an indefinite length", []byte{0x5f, 0x41, 'h', 0xff}},
		{"a text", []byte{0x61, 'h'}},
		{"a number", []byte{0x01}},
		{"undefined", []byte{0xf7}},
		{"an empty header", []byte{0x40}},
		{"no header", []byte{0xf6}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := wire.ReadRecord(append(tt.enc, 0xf6, 0xf6, 0xf6, 0xf6)); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestLimits(t *testing.T) {
	c := wire.NewCodec(1)
	t.Run("too many records", func(t *testing.T) {
		b := sample(t, 1)
		b.Last = wire.MaxRecords + 1
		enc, err := b.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.DecodeBatch(enc); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a body that says how large it is", func(t *testing.T) {
		if _, err := c.Decompress(c.Compress(nil, make([]byte, wire.MaxRaw+1))); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a bomb that does not", func(t *testing.T) {
		var bomb bytes.Buffer
		w, err := zstd.NewWriter(&bomb)
		if err != nil {
			t.Fatal(err)
		}
		for range 1 << 10 {
			w.Write(make([]byte, 1<<20))
		}
		w.Close()
		if _, err := c.Decompress(bomb.Bytes()); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%d bytes that become 1 GiB: %v", bomb.Len(), err)
		}
	})
	t.Run("many frames", func(t *testing.T) {
		frame := c.Compress(nil, make([]byte, 1<<20))
		if _, err := c.Decompress(bytes.Repeat(frame, 5)); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("not zstd", func(t *testing.T) {
		if _, err := c.Decompress([]byte("hello")); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("got %v", err)
		}
	})
	t.Run("exactly as large as allowed", func(t *testing.T) {
		raw, err := c.Decompress(c.Compress(nil, make([]byte, wire.MaxRaw)))
		if err != nil || len(raw) != wire.MaxRaw {
			t.Errorf("got %d bytes, %v", len(raw), err)
		}
	})
}
