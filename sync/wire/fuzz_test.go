package wire_test

import (
	"bytes"
	"net/http"
	"testing"

	"redstation/kiosk"
	"redstation/sync/wire"
)

func FuzzDecodeBatch(f *testing.F) {
	for _, n := range []int{1, 3} {
		enc, err := sample(f, n).Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(enc)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := wire.DecodeBatch(data)
		if err != nil {
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Fatalf("error of another code: %v", err)
			}
			return
		}
		var again []byte
		for i := range b.Records {
			again = wire.AppendRecord(again, &b.Records[i])
		}
		if !bytes.HasSuffix(data, again) { // one value, one encoding
			t.Fatalf("records encode to %x", again)
		}
	})
}

func FuzzDecompress(f *testing.F) {
	c := wire.NewCodec(1)
	f.Add(c.Compress(nil, []byte("hello, hello, hello")))
	f.Fuzz(func(t *testing.T, data []byte) {
		if raw, err := c.Decompress(data); err == nil && len(raw) > wire.MaxRaw {
			t.Fatalf("%d bytes", len(raw))
		}
	})
}

func FuzzMessages(f *testing.F) {
	enc, err := wire.Marshal(&wire.Hello{Proto: 1, Heads: []wire.Head{{Last: 1}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(enc)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range []any{&wire.Hello{}, &wire.HelloAnswer{}, &wire.Ack{}, &wire.Enrol{}, &wire.EnrolAnswer{}, &wire.Problem{},
			&wire.FeedsAnswer{}, &wire.FeedPage{}, &wire.FeedHead{}, &wire.FeedSegment{}} {
			if err := wire.Unmarshal(data, m); err != nil {
				continue
			}
			if _, err := wire.Marshal(m); err != nil {
				t.Fatalf("%T: %v", m, err)
			}
		}
	})
}

func FuzzInvitation(f *testing.F) {
	f.Add(wire.Invitation{Hub: "http://hub:1", Booth: "07", Code: "ABCDE12345"}.String())
	f.Fuzz(func(t *testing.T, s string) {
		v, err := wire.ParseInvitation(s)
		if err != nil {
			return
		}
		if again, err := wire.ParseInvitation(v.String()); err != nil || again != v {
			t.Fatalf("%+v becomes %+v, %v", v, again, err)
		}
	})
}

func FuzzSignatureHeaders(f *testing.F) {
	r, _, err := wire.NewRequest(f.Context(), "http://hub/v1/hello", wire.TypeMessage, nil, "07", testKey(1), "c")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.Header.Get("Signature-Input"), r.Header.Get("Signature"))
	f.Fuzz(func(t *testing.T, input, sig string) {
		r := r.Clone(t.Context())
		r.Header = http.Header{"Signature-Input": {input}, "Signature": {sig}, "Content-Digest": r.Header["Content-Digest"],
			"Content-Type": r.Header["Content-Type"], "Content-Encoding": r.Header["Content-Encoding"]}
		s, err := wire.ReadSignature(r)
		if err != nil {
			return
		}
		if s.Verify(nil, public(testKey(2))) == nil {
			t.Fatalf("verified with a key that signed nothing: %q %q", input, sig)
		}
	})
}

func FuzzReadFile(f *testing.F) {
	f.Add(wire.AppendFile(nil, []byte("body"), "07", testKey(1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := wire.ReadFile(data)
		if err != nil {
			return
		}
		if file.Verify(public(testKey(2))) == nil {
			t.Fatalf("verified with a key that signed nothing: %q", data)
		}
		if file.Verify(public(testKey(1))) == nil && !bytes.Equal(data, wire.AppendFile(nil, file.Body, file.Booth, testKey(1))) {
			t.Fatalf("another file than the one that was signed: %q", data)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	c := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1}}, Size: 12, Root: [32]byte{1}}
	signed, err := c.Sign(testKey(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := wire.ReadCheckpoint(data)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(data, []byte(got.Text()+"\n")) { // one value, one text
			t.Fatalf("%q is read as %+v", data, got)
		}
		if _, err := got.Cosign(data, public(testKey(1)), testKey(2)); err == nil && got != c {
			t.Fatalf("a checkpoint that was never signed: %+v", got)
		}
	})
}
