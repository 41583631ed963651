package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestWhatIsOnlyPrintedIsInNoFile(t *testing.T) {
	r := newLender(t)
	a := kiosk.Answers{"high": {Value: "000287"}, "low": {Value: "１９３"}, "sugar": {Value: "23,7"}}
	slip, err := r.File(t.Context(), kiosk.RandomID(), "1.9", a, kiosk.English)
	if err != nil || slip.Number != "" || slip.Action != kiosk.ActionPrint {
		t.Fatalf("got %+v and %v", slip, err)
	}
	if got := string(r.lastFacts(kiosk.KindPrintMade)); got != `{"service":"1.9","pack":"test-1"}` {
		t.Errorf("the record says %s", got)
	}
	if _, err := r.SlipPicture(t.Context(), slip.ID); err != nil {
		t.Errorf("its picture: %v", err)
	}
	if err := r.book.Close(); err != nil { // the log is in the book then
		t.Fatal(err)
	}
	err = filepath.WalkDir(r.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, typed := range []string{"000287", "287 mmHg", "193 mmHg", "23.7", "23,7", "１９３"} {
			if strings.Contains(string(text), typed) {
				t.Errorf("%s holds %q", e.Name(), typed)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.open()
	if _, err := r.Reprint(t.Context(), slip.ID); kiosk.CodeOf(err) == "" {
		t.Error("it was printed again after a restart, from memory that is gone")
	}
}

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	r := newLender(t)
	for what, c := range map[string]struct {
		answers    kiosk.Answers
		key, field string
	}{
		"nothing":                    {kiosk.Answers{}, "error.nothing", "high"},
		"no number":                  {kiosk.Answers{"high": {Value: "12x"}}, "error.no_number", "high"},
		"two points":                 {kiosk.Answers{"sugar": {Value: "5.6.1"}}, "error.no_number", "sugar"},
		"too much":                   {kiosk.Answers{"high": {Value: "300"}}, "error.range", "high"},
		"too little":                 {kiosk.Answers{"sugar": {Value: "0.5"}}, "error.range", "sugar"},
		"too fine":                   {kiosk.Answers{"sugar": {Value: "5.65"}}, "error.range", "sugar"},
		"a half where there is none": {kiosk.Answers{"high": {Value: "120.5"}}, "error.range", "high"},
		"the wrong way round":        {kiosk.Answers{"high": {Value: "80"}, "low": {Value: "120"}}, "error.below", "low"},
		"good":                       {kiosk.Answers{"high": {Value: "１２０"}, "low": {Value: " 80 "}, "sugar": {Value: "5.60"}}, "", ""},
		"sugar alone":                {kiosk.Answers{"sugar": {Value: "35"}}, "", ""},
	} {
		_, err := r.File(t.Context(), kiosk.RandomID(), "1.9", c.answers, kiosk.Chinese)
		if c.key == "" {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if e, ok := err.(*kiosk.Error); !ok || e.Key != c.key || e.Field != c.field || e.Code != kiosk.CodeInvalid {
			t.Errorf("%s: got %v, want %s of %s", what, err, c.key, c.field)
		}
	}
}

func TestAnEmptyListHoldsNoAnswers(t *testing.T) {
	r := newLender(t)
	key := kiosk.RandomID()
	for range 2 {
		if _, err := r.PrintBlank(t.Context(), key, "1.9", kiosk.Chinese); err != nil {
			t.Fatal(err)
		}
	}
	if got := string(r.lastFacts(kiosk.KindPrintMade)); !strings.Contains(got, `"blank":true`) || r.count(kiosk.KindPrintMade) != 1 {
		t.Errorf("got %s", got)
	}
	if _, err := r.PrintBlank(t.Context(), key, "1.3", kiosk.Chinese); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v", err)
	}
}
