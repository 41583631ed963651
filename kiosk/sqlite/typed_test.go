package sqlite_test

import (
	"encoding/json"
	"testing"

	"redstation/kiosk"
)

// TestRareNamesAreKept files a request under a name of rare characters, two of them
// outside of the usual fonts and one outside of the basic plane, and opens it as the
// city does.
func TestRareNamesAreKept(t *testing.T) {
	const rare = "喆堃䶮𬭎"
	r := newRig(t)
	a := answers()
	a["name"] = kiosk.Answer{Value: " " + rare + "\u200b"}
	if _, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", a, kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	recs := r.records()
	for i, h := range r.headers() {
		if h.Kind != kiosk.KindRequestFiled {
			continue
		}
		plain, err := r.secret.Open(&h, recs[i].Sealed)
		if err != nil {
			t.Fatal(err)
		}
		var typed map[string]string
		if err := json.Unmarshal(plain, &typed); err != nil {
			t.Fatal(err)
		}
		if typed["name"] != rare {
			t.Errorf("the name is kept as %q, want %q", typed["name"], rare)
		}
		return
	}
	t.Error("no request in the book")
}

// TestSignsThatDeceiveAreNotFiled tries a name that would read as another one.
func TestSignsThatDeceiveAreNotFiled(t *testing.T) {
	r := newRig(t)
	a := answers()
	a["name"] = kiosk.Answer{Value: "王\u202e女士"}
	_, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", a, kiosk.Chinese)
	if kiosk.KeyOf(err) != "error.characters" {
		t.Errorf("got %v, want error.characters", err)
	}
}
