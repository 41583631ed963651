package hub_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

func TestRequestsAreKeptForNinetyDaysUnlessARuleSaysOtherwise(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	words := map[uint64][]byte{}
	rnd := rand.New(rand.NewPCG(1, 8))
	for seq := uint64(1); seq <= 400; seq++ { // of sizes that move rows from page to page
		word := make([]byte, 16)
		for i := range word {
			word[i] = 'a' + byte(rnd.IntN(26))
		}
		if rnd.IntN(2) == 0 { // between others, which stay
			b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `{"number":%q}`, bytes.Repeat([]byte("1"), rnd.IntN(300)))})
			continue
		}
		size := 1 + rnd.IntN(20)
		if rnd.IntN(6) == 0 {
			size = 80 + rnd.IntN(500)
		}
		words[seq] = word
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"number":"07-1"}`), Sealed: bytes.Repeat(append(word, ' '), size)})
	}
	push(t, c, b, 1, 400)
	begun := c.Clock.Read().Wall
	retain := func(days, want int) {
		t.Helper()
		c.Clock.Set(begun.AddDate(0, 0, days))
		if got, err := c.Retain(t.Context()); err != nil || got != want {
			t.Errorf("after %d days: emptied %d, %v, want %d", days, got, err, want)
		}
	}
	retain(89, 0)
	if err := c.SetRule(t.Context(), "request.", 120); err != nil {
		t.Fatal(err)
	}
	retain(100, 0)
	retain(121, len(words))
	if line, _, err := c.AuditTrail(t.Context(), 0, 1); err != nil || line[0].Deed != "retention_set" || line[0].Object != "request." || line[0].Reason != "120 days" {
		t.Errorf("audit %+v, %v", line, err)
	}
	// What stands in unused room of the pages is overwritten at once, and then once a day.
	meta := func(key string) (v string) {
		t.Helper()
		err := c.DB.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			v, err = tx.Meta(t.Context(), key)
			return err
		})
		if err != nil {
			t.Fatal(key, err)
		}
		return v
	}
	first := meta("emptied.scrubbed")
	b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindDoorOpened, Facts: []byte(`{}`)})
	push(t, c, b, 401, 401)
	at := c.Clock.Read().Wall
	if err := c.SetRule(t.Context(), "ticket.", 120); err != nil {
		t.Fatal(err)
	}
	retain(121, 400-len(words))
	if meta("emptied") != "due" || meta("emptied.scrubbed") != first {
		t.Error("all records are read twice within a day")
	}
	c.Clock.Set(at.Add(25 * time.Hour))
	if n, err := c.Retain(t.Context()); n != 0 || err != nil || meta("emptied") != "" || meta("emptied.scrubbed") == first {
		t.Errorf("a day later: emptied %d, %v; scrubbing is %q", n, err, meta("emptied"))
	}
	if c.DSN != "" {
		return // PostgreSQL keeps what it wrote in files of its own, until they are overwritten
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "hub.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, word := range words {
			if bytes.Contains(raw, word) {
				left++
			}
		}
		if left > 0 {
			t.Errorf("%s still holds words of %d records", filepath.Base(name), left)
		}
	}
}

func TestARuleIsAboutSomethingThatThereIs(t *testing.T) {
	c := hubtest.New(t)
	for _, tt := range []struct {
		kind string
		days int64
		want string
	}{
		{"request", 5, `there is no kind "request"`}, {"requests.", 5, `no kind begins with "requests."`}, {"", 5, "there is no kind"},
		{"request.", -1, "give 1 to 36500, or 0"}, {"audit", 36501, "give 1 to 36500, or 0"},
	} {
		if err := c.SetRule(t.Context(), tt.kind, tt.days); kiosk.CodeOf(err) != kiosk.CodeInvalid || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q for %d days: %v", tt.kind, tt.days, err)
		}
	}
	for kind, days := range map[string]int64{"request.": 0, "ticket.issued": 7, "audit": 2000} {
		if err := c.SetRule(t.Context(), kind, days); err != nil {
			t.Error(err)
		}
	}
	rules, err := c.Rules(t.Context())
	want := []hub.Rule{{Kind: "audit", Days: 2000}, {Kind: "door.", Days: 90}, {Kind: "staff.", Days: 1095}, {Kind: "ticket.issued", Days: 7}}
	if err != nil || fmt.Sprint(rules) != fmt.Sprint(want) {
		t.Errorf("rules %v, %v, want %v", rules, err, want)
	}
}
