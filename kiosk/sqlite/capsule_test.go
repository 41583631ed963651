package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
)

// A paper opens its own record at the booth, with no line and after a restart; a
// reprint's code takes the place of the one before; and without a paper nobody reads
// anything.
func TestAPaperOpensItsOwnRecord(t *testing.T) {
	r := newRig(t)
	p := &kiosktest.Printer{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.RunPrinter(ctx, p) }()
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterReady })
	slip, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { s, _ := r.Slip(t.Context(), slip.ID); return s.State == kiosk.SlipDone })
	first := codeOf(t, p.Receipts()[0])
	want := kiosk.Filing{Service: "1.3", Number: "07-001", Action: kiosk.ActionRequest, Ref: kiosk.RefOf(slip.ID), State: kiosk.FilingFiled, At: r.clock.Read().Wall.Truncate(time.Second)}
	opens := func(when string, code kiosk.PaperCode, number string, want kiosk.Filing, code2 kiosk.Code) {
		t.Helper()
		got, err := r.OpenReceipt(t.Context(), code, number)
		if !reflect.DeepEqual(got.Filing, want) || kiosk.CodeOf(err) != code2 || err == nil && got.Signer != "07" {
			t.Errorf("%s: got %+v, %v; want %+v, %q", when, got, err, want, code2)
		}
	}
	opens("the paper", first, "07-001", want, "")
	opens("a number that was not given", first, "07-002", kiosk.Filing{}, kiosk.CodeInvalid)
	opens("a number of another booth", first, "08-002", kiosk.Filing{}, kiosk.CodeNotFound)
	opens("another code", kiosk.NewPaperCode(), "07-001", kiosk.Filing{}, kiosk.CodeInvalid)

	if _, err := r.Reprint(t.Context(), slip.ID); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(p.Receipts()) == 2 })
	second := codeOf(t, p.Receipts()[1])
	opens("the reprint", second, "07-001", want, "")
	opens("the paper that it replaced", first, "07-001", kiosk.Filing{}, kiosk.CodeConflict)

	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.restart()
	opens("after a restart", second, "07-001", want, "")

	// The records carry the same capsules to the city, which cannot open them either.
	for i, kind := range []kiosk.Kind{kiosk.KindRequestFiled, kiosk.KindSlipReissued} {
		facts := r.lastOf(kind)
		raw, err := base64.StdEncoding.DecodeString(facts["capsule"].(string))
		if err != nil {
			t.Fatal(err)
		}
		c, err := kiosk.ParseCapsule(raw)
		if err != nil || c.Index.String() != facts["index"] || c.Version != 1 || c.Signer != "07" {
			t.Errorf("%s: capsule %+v, %v", kind, c, err)
		}
		if _, err := []kiosk.PaperCode{first, second}[i].Open("07-001", kiosk.PurposeReceipt, &c); err != nil {
			t.Errorf("%s: its paper does not open it: %v", kind, err)
		}
	}
	damage(t, r, `UPDATE capsule SET capsule = substr(capsule, 1, 60) || x'00' || substr(capsule, 62)`)
	opens("with a changed byte", second, "07-001", kiosk.Filing{}, kiosk.CodeDenied)
}

// damage runs SQL against the book's file.
func damage(t *testing.T, r *rig, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "book.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func codeOf(t *testing.T, r kiosk.Receipt) kiosk.PaperCode {
	t.Helper()
	_, code, _ := strings.Cut(qrOf(r), ".")
	c, err := kiosk.ParsePaperCode(code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A thief who has the card has every file of the booth. In none of them stands a
// code, what a capsule holds, or what a resident typed.
func TestTheFilesOfABoothOpenNoPaper(t *testing.T) {
	r := newPrinting(t)
	slip := r.until(r.request().ID, kiosk.SlipDone)
	code := codeOf(t, r.Receipts()[0])
	filing, err := r.OpenReceipt(t.Context(), code, slip.Number)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(filing.Filing)
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"the code": string(code), "the code in groups": code.Groups(), "the code in small letters": strings.ToLower(string(code)),
		"what the capsule holds": string(plain), "its state": `"state":"` + string(filing.Filing.State), "the phone": "13843215678", "the name": "王女士", "the story": "楼道灯坏了", "the place": "三号楼二单元"}
	files, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(r.dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), slip.Number) {
			found++ // the search does find what is there
		}
		for name, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %s", f.Name(), name)
			}
		}
	}
	if found == 0 {
		t.Error("not even the number was found: the files that were searched are not the book's")
	}
}
