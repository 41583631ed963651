package kiosk

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"testing"
)

func TestThePublicKeyOfAPaperIsThatOfHPKE(t *testing.T) {
	for range 200 {
		ikm := make([]byte, 32)
		rand.Read(ikm)
		pair, err := hpke.DHKEM(ecdh.X25519()).DeriveKeyPair(ikm)
		if err != nil {
			t.Fatal(err)
		}
		got, err := publicKey(ikm)
		if err != nil {
			t.Fatal(err)
		}
		if want := pair.PublicKey().Bytes(); !bytes.Equal(got, want) {
			t.Fatalf("key material %x: got %x, want %x", ikm, got, want)
		}
	}
}

func BenchmarkLock(b *testing.B) {
	for b.Loop() {
		if _, err := PaperCode("0123456789ABCDEF").Lock("07-218"); err != nil {
			b.Fatal(err)
		}
	}
}
