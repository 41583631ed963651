package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"redstation/sync/wire"
)

// TestRFC9421Vector checks the signature base against RFC 9421, appendix B.2.6.
func TestRFC9421Vector(t *testing.T) {
	block, _ := pem.Decode([]byte("-----BEGIN PRIVATE KEY-----\n" +
		"MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	base := wire.SignatureBase(
		[]string{"date", "@method", "@path", "@authority", "content-type", "content-length"},
		[]string{"Tue, 20 Apr 2021 02:07:55 GMT", "POST", "/foo", "example.com", "application/json", "18"},
		`;created=1618884473;keyid="test-key-ed25519"`)
	got := base64.StdEncoding.EncodeToString(ed25519.Sign(key.(ed25519.PrivateKey), base))
	want := "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
	if got != want {
		t.Errorf("signature\n got %s\nwant %s\nbase:\n%s", got, want, base)
	}
}

func testKey(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func TestRequestSignature(t *testing.T) {
	key, body := testKey(1), []byte("body")
	tests := []struct {
		name   string
		change func(r *http.Request, body *[]byte)
		ok     bool
	}{
		{"as it was signed", func(*http.Request, *[]byte) {}, true},
		{"a header that is not covered", func(r *http.Request, _ *[]byte) { r.Header.Set("Via", "proxy") }, true},
		{"another host", func(r *http.Request, _ *[]byte) { r.Host = "other" }, true},
		{"another method", func(r *http.Request, _ *[]byte) { r.Method = "PUT" }, false},
		{"another path", func(r *http.Request, _ *[]byte) { r.URL.Path = "/v1/up/urgent" }, false},
		{"another query", func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "x=1" }, false},
		{"another type", func(r *http.Request, _ *[]byte) { r.Header.Set("Content-Type", "text/plain") }, false},
		{"another encoding", func(r *http.Request, _ *[]byte) { r.Header.Set("Content-Encoding", "gzip") }, false},
		{"no encoding", func(r *http.Request, _ *[]byte) { r.Header.Del("Content-Encoding") }, false},
		{"another body", func(_ *http.Request, b *[]byte) { *b = []byte("bodY") }, false},
		{"a digest twice", func(r *http.Request, _ *[]byte) { r.Header.Add("Content-Digest", "sha-256=:AA==:") }, false},
		{"no digest", func(r *http.Request, _ *[]byte) { r.Header.Del("Content-Digest") }, false},
		{"no signature", func(r *http.Request, _ *[]byte) { r.Header.Del("Signature") }, false},
		{"two signatures", func(r *http.Request, _ *[]byte) { r.Header.Add("Signature", r.Header.Get("Signature")) }, false},
		{"another key id", func(r *http.Request, _ *[]byte) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), `keyid="07"`, `keyid="08"`, 1))
		}, false},
		{"another nonce", func(r *http.Request, _ *[]byte) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), `nonce="`, `nonce="A`, 1))
		}, false},
		{"fewer components", func(r *http.Request, _ *[]byte) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), ` "content-digest"`, "", 1))
		}, false},
		{"another tag", func(r *http.Request, _ *[]byte) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "redstation-1", "redstation-2", 1))
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _, err := wire.NewRequest(t.Context(), "http://hub/v1/up/log", wire.TypeBatch, body, "07", key, "challenge")
			if err != nil {
				t.Fatal(err)
			}
			b := bytes.Clone(body)
			tt.change(r, &b)
			s, err := wire.ReadSignature(r)
			if err == nil {
				err = s.Verify(b, public(key))
			}
			if (err == nil) != tt.ok {
				t.Errorf("verified: %v, want ok %v", err, tt.ok)
			}
		})
	}
}

func TestRequestWithAnotherKeyDoesNotVerify(t *testing.T) {
	r, nonce, err := wire.NewRequest(t.Context(), "http://hub/v1/hello", wire.TypeMessage, nil, "07", testKey(1), "c")
	if err != nil {
		t.Fatal(err)
	}
	s, err := wire.ReadSignature(r)
	if err != nil {
		t.Fatal(err)
	}
	if s.KeyID != "07" || s.Nonce != nonce || s.Challenge() != "c" {
		t.Errorf("read key id %q, nonce %q, challenge %q; sent nonce %q", s.KeyID, s.Nonce, s.Challenge(), nonce)
	}
	if s.Verify(nil, public(testKey(2))) == nil {
		t.Error("it verified with the key of another booth")
	}
	if s.Verify(nil, nil) == nil {
		t.Error("it verified without a key")
	}
}

func TestAnswerSignature(t *testing.T) {
	hub, body := testKey(3), []byte("ack")
	tests := []struct {
		name   string
		status int
		nonce  string
		trust  ed25519.PrivateKey
		change func(h http.Header, body *[]byte)
		ok     bool
	}{
		{"as it was signed", 200, "n", hub, func(http.Header, *[]byte) {}, true},
		{"another status", 409, "n", hub, func(http.Header, *[]byte) {}, false},
		{"to another request", 200, "m", hub, func(http.Header, *[]byte) {}, false},
		{"by another hub", 200, "n", testKey(4), func(http.Header, *[]byte) {}, false},
		{"another body", 200, "n", hub, func(_ http.Header, b *[]byte) { *b = []byte("acK") }, false},
		{"another challenge", 200, "n", hub, func(h http.Header, _ *[]byte) { h.Set(wire.HeaderChallenge, "x") }, false},
		{"another type", 200, "n", hub, func(h http.Header, _ *[]byte) { h.Set("Content-Type", "text/html") }, false},
		{"no signature", 200, "n", hub, func(h http.Header, _ *[]byte) { h.Del("Signature") }, false},
		{"a key that is none", 200, "n", hub, func(h http.Header, _ *[]byte) {
			h.Set("Signature-Input", strings.Replace(h.Get("Signature-Input"), `keyid="`, `keyid="A`, 1))
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, b := http.Header{}, bytes.Clone(body)
			wire.SignAnswer(h, 200, wire.TypeMessage, b, hub, "n", "next")
			tt.change(h, &b)
			pub, err := wire.VerifyAnswer(tt.status, h, b, tt.nonce, wire.Pinned(public(tt.trust)))
			if (err == nil) != tt.ok {
				t.Fatalf("verified: %v, want ok %v", err, tt.ok)
			}
			if tt.ok && !pub.Equal(hub.Public()) {
				t.Error("returned another key than the hub's")
			}
		})
	}
}

func TestChallenge(t *testing.T) {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	c := wire.NewChallenger([]byte("secret"))
	token := c.New(now)
	if token == c.New(now) {
		t.Error("two challenges are the same")
	}
	tests := []struct {
		name  string
		c     *wire.Challenger
		token string
		at    time.Time
		want  bool
	}{
		{"fresh", c, token, now, true},
		{"just before its end", c, token, now.Add(wire.ChallengeLife), true},
		{"after its end", c, token, now.Add(wire.ChallengeLife + time.Second), false},
		{"of another hub", wire.NewChallenger([]byte("other")), token, now, false},
		{"changed", c, "B" + token[1:], now, false},
		{"cut", c, token[:len(token)-1], now, false},
		{"empty", c, "", now, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.c.Valid(tt.token, tt.at); got != tt.want {
				t.Errorf("valid: %v, want %v", got, tt.want)
			}
		})
	}
}
