package kiosk_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/kiosk"
)

const paperCode = kiosk.PaperCode("7K3QF9TZ2M4PXA0B")

func signer() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)) }

func sealed(t testing.TB, version uint64, plain string) kiosk.Capsule {
	t.Helper()
	l, err := paperCode.Lock("07-218")
	if err != nil {
		t.Fatal(err)
	}
	c, err := kiosk.SealCapsule(l, kiosk.PurposeReceipt, version, []byte(plain), "07", signer())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What papers in residents' hands open must open for ever. The file holds capsules
// as they were once made, by both ways of making them: number, code, plain text and
// the capsule in hex. With -update two are added, none is taken away.
func TestCapsulesOfAllTimesOpen(t *testing.T) {
	golden := filepath.Join("testdata", "capsule.golden")
	if *update {
		self, err := paperCode.SealCapsule("07-218", kiosk.PurposeReceipt, 1, []byte("made with the code"), "07", signer())
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(golden, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, c := range []struct {
			kiosk.Capsule
			plain string
		}{{sealed(t, 2, "made with the key"), "made with the key"}, {self, "made with the code"}} {
			b, err := c.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(strings.Join([]string{"07-218", string(paperCode), c.plain, hex.EncodeToString(b)}, "\t") + "\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) < 2 {
		t.Fatalf("%d vectors", len(lines))
	}
	for i, line := range lines {
		f := strings.Split(line, "\t")
		raw, err := hex.DecodeString(f[3])
		if err != nil {
			t.Fatal(err)
		}
		c, err := kiosk.ParseCapsule(raw)
		if err != nil {
			t.Fatalf("vector %d: %v", i, err)
		}
		if err := c.Verify(signer().Public().(ed25519.PublicKey)); err != nil {
			t.Errorf("vector %d: %v", i, err)
		}
		plain, err := kiosk.PaperCode(f[1]).Open(f[0], kiosk.PurposeReceipt, &c)
		if err != nil || string(plain) != f[2] {
			t.Errorf("vector %d: got %q, %v; want %q", i, plain, err, f[2])
		}
		if again, err := c.Bytes(); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("vector %d: written again it is %x", i, again)
		}
	}
}

func TestBothWaysOfSealingOpen(t *testing.T) {
	for i := range 100 {
		code := kiosk.NewPaperCode()
		plain := bytes.Repeat([]byte{byte(i)}, i)
		c, err := code.SealCapsule("07-001", kiosk.PurposeReceipt, uint64(i+1), plain, "07", signer())
		if err != nil {
			t.Fatal(err)
		}
		l, err := code.Lock("07-001")
		if err != nil || c.Index != kiosk.ID(l.Index) || !bytes.Equal(c.Public, l.Public) || len(c.Sealed) != len(plain)+kiosk.CapsuleOverhead {
			t.Fatalf("capsule %+v does not fit the lock %+v, %v", c, l, err)
		}
		if got, err := code.Open("07-001", kiosk.PurposeReceipt, &c); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %x, %v; want %x", got, err, plain)
		}
	}
}

func TestNothingElseOpensACapsule(t *testing.T) {
	for name, try := range map[string]func(c *kiosk.Capsule) error{
		"an older version passed off as a newer one": func(c *kiosk.Capsule) error { c.Version = 3; return open(paperCode, "07-218", c) },
		"sealed bytes of another version": func(c *kiosk.Capsule) error {
			c.Sealed = sealed(t, 1, "filed").Sealed
			return open(paperCode, "07-218", c)
		},
		"another capsule's index": func(c *kiosk.Capsule) error { c.Index[0] ^= 1; return open(paperCode, "07-218", c) },
		"another paper's key": func(c *kiosk.Capsule) error {
			c.Public = bytes.Repeat([]byte{9}, 32)
			return open(paperCode, "07-218", c)
		},
		"another purpose's":        func(c *kiosk.Capsule) error { c.Purpose = "tag"; return open(paperCode, "07-218", c) },
		"as another purpose":       func(c *kiosk.Capsule) error { _, err := paperCode.Open("07-218", "tag", c); return err },
		"another suite":            func(c *kiosk.Capsule) error { c.Suite = 2; return open(paperCode, "07-218", c) },
		"another code":             func(c *kiosk.Capsule) error { return open("7K3QF9TZ2M4PXA0C", "07-218", c) },
		"another number":           func(c *kiosk.Capsule) error { return open(paperCode, "07-219", c) },
		"no sealed bytes":          func(c *kiosk.Capsule) error { c.Sealed = nil; return open(paperCode, "07-218", c) },
		"sealed bytes without end": func(c *kiosk.Capsule) error { c.Sealed = c.Sealed[:40]; return open(paperCode, "07-218", c) },
	} {
		t.Run(name, func(t *testing.T) {
			c := sealed(t, 2, "received")
			err := try(&c)
			var e *kiosk.Error
			if !errors.As(err, &e) || e.Code != kiosk.CodeDenied || e.Key != "error.capsule" || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one clear refusal", err)
			}
		})
	}
	whole := sealed(t, 2, "received")
	for i := range whole.Sealed {
		c := whole
		c.Sealed = bytes.Clone(whole.Sealed)
		c.Sealed[i] ^= 0x40
		if err := open(paperCode, "07-218", &c); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("with byte %d changed: %v", i, err)
		}
	}
}

func open(code kiosk.PaperCode, number string, c *kiosk.Capsule) error {
	_, err := code.Open(number, kiosk.PurposeReceipt, c)
	return err
}

func TestASignatureHoldsEveryFieldOfACapsule(t *testing.T) {
	key := signer().Public().(ed25519.PublicKey)
	c := sealed(t, 2, "received")
	if err := c.Verify(key); err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(key[:5]); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("with half a key: %v", err)
	}
	for name, change := range map[string]func(*kiosk.Capsule){
		"suite": func(c *kiosk.Capsule) { c.Suite++ }, "purpose": func(c *kiosk.Capsule) { c.Purpose = "tag" },
		"index": func(c *kiosk.Capsule) { c.Index[3]++ }, "public": func(c *kiosk.Capsule) { c.Public = append(bytes.Clone(c.Public), 1) },
		"version": func(c *kiosk.Capsule) { c.Version++ }, "signer": func(c *kiosk.Capsule) { c.Signer = kiosk.SignerHub },
		"sealed": func(c *kiosk.Capsule) { c.Sealed = append(bytes.Clone(c.Sealed), 1) }, "signature": func(c *kiosk.Capsule) { c.Signature = bytes.Clone(c.Signature); c.Signature[5]++ },
	} {
		other := c
		change(&other)
		if err := other.Verify(key); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s changed: got %v, want %s", name, err, kiosk.CodeDenied)
		}
	}
}

func FuzzParseCapsule(f *testing.F) {
	c := sealed(f, 1, "filed")
	b, err := c.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := kiosk.ParseCapsule(b)
		if err != nil {
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Errorf("code %s", kiosk.CodeOf(err))
			}
			return
		}
		if err := open(paperCode, "07-218", &c); err != nil && kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("open: %v", err)
		}
	})
}

func BenchmarkSealCapsule(b *testing.B) {
	l, err := paperCode.Lock("07-218")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("with the key", func(b *testing.B) {
		key := signer()
		for b.Loop() {
			if _, err := kiosk.SealCapsule(l, kiosk.PurposeReceipt, 1, make([]byte, 100), "07", key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("with the code and lock", func(b *testing.B) {
		key := signer()
		for b.Loop() {
			if _, err := paperCode.SealCapsule("07-218", kiosk.PurposeReceipt, 1, make([]byte, 100), "07", key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lock alone", func(b *testing.B) {
		for b.Loop() {
			if _, err := paperCode.Lock("07-218"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
