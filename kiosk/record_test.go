package kiosk_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

var update = flag.Bool("update", false, "write the golden files anew")

func id(b byte) kiosk.ID { return kiosk.ID(bytes.Repeat([]byte{b}, 16)) }

func draft() kiosk.Draft {
	return kiosk.Draft{ID: id(3), Lane: kiosk.LaneUrgent, Kind: "request.filed", Schema: 1, Actor: []byte{1, 2}, BasedOn: 9,
		Facts: []byte(`{"service":"3.1"}`), Sealed: []byte("sealed"), Epoch: id(1),
		Stamp: kiosk.Stamp{Boot: kiosk.Boot{Count: 5, ID: id(2)}, Since: 90 * time.Second, Wall: time.UnixMilli(1795406400000), State: kiosk.ClockNTP}}
}

// The header's bytes are hashed and signed: a program of any later version must
// write and read them alike. Salts are random, so the commitments are replaced.
func TestHeaderBytesNeverChange(t *testing.T) {
	golden := filepath.Join("testdata", "header.golden")
	d := draft()
	r, err := d.Enter("07", id(1), 42)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name       string
		salt, body []byte
	}{{"facts", r.FactsSalt, r.Facts}, {"sealed", r.SealedSalt, r.Sealed}} {
		commit := kiosk.Commit(part.name, part.salt, part.body)
		if !bytes.Contains(r.Header, commit) {
			t.Fatalf("the header does not commit to the %s", part.name)
		}
		r.Header = bytes.Replace(r.Header, commit, make([]byte, sha256.Size), 1)
	}
	got := hex.EncodeToString(r.Header) + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("header\n got %swant %s", got, want)
	}
	h, err := kiosk.DecodeHeader(r.Header)
	if err != nil {
		t.Fatal(err)
	}
	if h.Booth != "07" || h.Seq != 42 || h.Lane != kiosk.LaneUrgent || h.ID != id(3) || h.BootCount != 5 || h.BasedOn != 9 ||
		h.BoottimeNS != int64(90*time.Second) || h.WallMS != 1795406400000 || h.ClockState != kiosk.ClockNTP || !bytes.Equal(h.Actor, []byte{1, 2}) {
		t.Errorf("read back %+v", h)
	}
}

func TestSaltsAreDrawnAnew(t *testing.T) {
	d := draft()
	a, err := d.Enter("07", id(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Enter("07", id(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a.FactsSalt, b.FactsSalt) || bytes.Equal(a.SealedSalt, b.SealedSalt) || bytes.Equal(a.FactsSalt, a.SealedSalt) {
		t.Error("two parts share a salt")
	}
}

func TestARecordTooLargeToSendIsRefused(t *testing.T) {
	d := draft()
	d.Facts = bytes.Repeat([]byte{'x'}, kiosk.MaxRecordBody+1)
	if _, err := d.Enter("07", id(1), 1); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("error %v, want %s", err, kiosk.CodeInvalid)
	}
}

func FuzzDecodeHeader(f *testing.F) {
	d := draft()
	r, err := d.Enter("07", id(1), 42)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.Header)
	f.Add([]byte{0x93, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := kiosk.DecodeHeader(b)
		if err == nil && (h.Booth == "" || h.Seq == 0 || h.Kind == "") {
			t.Errorf("accepted a header without a name: %+v", h)
		}
		if err != nil && kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("error %v, want %s", err, kiosk.CodeInvalid)
		}
	})
}

func TestSealedBytesOpenOnlyForTheirRecord(t *testing.T) {
	secret, err := kiosk.NewCitySecret(7)
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte(`{"phone":"13843215678"}`)
	blob, err := secret.Public().Seal("07", id(1), id(3), "request.filed", plain)
	if err != nil {
		t.Fatal(err)
	}
	if len(blob) != len(plain)+kiosk.SealOverhead || bytes.Contains(blob, []byte("1384321")) {
		t.Errorf("blob of %d bytes for %d", len(blob), len(plain))
	}
	good := kiosk.Header{Booth: "07", Epoch: id(1), ID: id(3), Kind: "request.filed"}
	if got, err := secret.Open(&good, blob); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened %q, %v", got, err)
	}
	moved := map[string]func(*kiosk.Header){
		"another booth":  func(h *kiosk.Header) { h.Booth = "08" },
		"another epoch":  func(h *kiosk.Header) { h.Epoch = id(9) },
		"another record": func(h *kiosk.Header) { h.ID = id(9) },
		"another kind":   func(h *kiosk.Header) { h.Kind = "ticket.issued" },
	}
	for name, change := range moved {
		h := good
		change(&h)
		if _, err := secret.Open(&h, blob); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s: %v, want %s", name, err, kiosk.CodeDenied)
		}
	}
	raw, err := secret.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, err := kiosk.ParseCitySecret(7, raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Open(&good, blob); err != nil {
		t.Errorf("the same key read back: %v", err)
	}
	if _, err := again.Open(&good, blob[:10]); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("cut short: %v", err)
	}
}

func TestPaperCodes(t *testing.T) {
	c := kiosk.NewPaperCode()
	if len(c) != 16 || strings.ContainsAny(string(c), "ILOU") {
		t.Errorf("code %q: want 16 characters of Crockford's alphabet", c)
	}
	if got, err := kiosk.ParsePaperCode(strings.ToLower(c.Groups())); err != nil || got != c {
		t.Errorf("read back %q, %v; want %q", got, err, c)
	}
	if got, err := kiosk.ParsePaperCode("oil0-oil0-oil0-oil0"); err != nil || got != "0110011001100110" {
		t.Errorf("look-alikes: %q, %v", got, err)
	}
	for _, bad := range []string{"", "123", "0000 0000 0000 000U", "0000 0000 0000 0000 0", "号号号号号号号号"} {
		if _, err := kiosk.ParsePaperCode(bad); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%q: %v, want %s", bad, err, kiosk.CodeInvalid)
		}
	}
}

// The derivation is a promise to paper that is already in people's hands.
func TestALockNeverChanges(t *testing.T) {
	l, err := kiosk.PaperCode("0123456789ABCDEF").Lock("07-218")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "lock.golden")
	got := hex.EncodeToString(l.Index[:]) + " " + hex.EncodeToString(l.Public) + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("lock\n got %swant %s", got, want)
	}
	other, err := kiosk.PaperCode("0123456789ABCDEF").Lock("07-219")
	if err != nil || other.Index == l.Index || bytes.Equal(other.Public, l.Public) {
		t.Errorf("the same code under another number: the same lock (%v)", err)
	}
}
