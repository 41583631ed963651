package catalog_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

// embedded returns the catalogue of the embedded pack.
func embedded(t *testing.T) *kiosk.Catalogue {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// all returns the services of a catalogue.
func all(c *kiosk.Catalogue) []kiosk.Service {
	var services []kiosk.Service
	for _, f := range c.Functions {
		services = append(services, f.Services...)
	}
	return services
}

// row is a line of testdata/catalog.tsv: the list that the embedded pack keeps to.
type row struct{ id, tileZh, tileEn, functionZh, functionEn, projectZh, projectEn string }

func rows(t *testing.T) []row {
	t.Helper()
	data, err := os.ReadFile("testdata/catalog.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var list []row
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		c := strings.Split(line, "\t")
		if len(c) != 7 {
			t.Fatalf("got %d columns, want 7: %s", len(c), line)
		}
		list = append(list, row{c[0], c[1], c[2], c[3], c[4], c[5], c[6]})
	}
	return list
}

func TestDefaultKeepsToTheList(t *testing.T) {
	c := embedded(t)
	var got []row
	for i, f := range c.Functions {
		if f.Number != i+1 {
			t.Errorf("got function %d in place %d", f.Number, i+1)
		}
		for _, s := range f.Services {
			got = append(got, row{s.ID, f.Tile["zh"], f.Tile["en"], f.Name["zh"], f.Name["en"], s.Name["zh"], s.Name["en"]})
		}
	}
	want := rows(t)
	if len(c.Functions) != 12 || len(want) != 50 {
		t.Errorf("got %d functions and a list of %d, want 12 and 50", len(c.Functions), len(want))
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("from place %d on:\ngot  %v\nwant %v", i, got[min(i, len(got)):], want[min(i, len(want)):])
		}
	}
}

func TestDefaultSaysWhatItIs(t *testing.T) {
	c := embedded(t)
	if c.Version == "" || c.Name.In(kiosk.Chinese) == "" || c.City.In(kiosk.Chinese) == "" {
		t.Errorf("got version %q, name %v, city %v", c.Version, c.Name, c.City)
	}
	if want := kiosk.Langs(); !slices.Equal(c.Languages, want) {
		t.Errorf("got languages %v, want %v", c.Languages, want)
	}
	if len(c.Places) < 12 {
		t.Errorf("got %d places, want at least 12", len(c.Places))
	}
}

func TestDefaultOpensWhatIsBuilt(t *testing.T) {
	want := map[kiosk.Action][]string{
		kiosk.ActionInfo:     {"1.1", "1.2", "2.1", "2.4", "4.3", "5.3", "6.4", "10.2", "12.1", "12.4"},
		kiosk.ActionTicket:   {"2.3", "2.4", "5.2", "6.1", "8.3"},
		kiosk.ActionRequest:  {"2.2", "3.1", "4.1", "8.2", "9.1", "9.2", "12.3"},
		kiosk.ActionBook:     {"1.4", "4.2", "4.4", "5.1", "5.3", "6.1", "8.1", "10.1"},
		kiosk.ActionRegister: {"1.3", "5.4", "6.3", "7.5", "9.3", "10.3"},
		kiosk.ActionCall:     {"6.4", "12.2"},
		kiosk.ActionSurvey:   {"3.4", "4.3"},
		kiosk.ActionLoan:     {"8.4", "10.4", "12.1"},
		kiosk.ActionPrint:    {"6.2"},
	}
	for action, ids := range want {
		var got []string
		for _, s := range all(embedded(t)) {
			if s.Does(action) {
				got = append(got, s.ID)
			}
		}
		if !slices.Equal(got, ids) {
			t.Errorf("%s: got %v, want %v", action, got, ids)
		}
	}
}

func TestDefaultServicesSayWhatFollows(t *testing.T) {
	for _, s := range all(embedded(t)) {
		if s.Summary.In(kiosk.Chinese) == "" || len(s.Actions) == 0 {
			t.Errorf("%s: got summary %v and actions %v", s.ID, s.Summary, s.Actions)
		}
		if s.Open() && !s.Follow && (len(s.Outcome) == 0 || len(s.Hours) == 0 || s.Route == "") {
			t.Errorf("%s is open: got outcome %v, hours %v, route %q", s.ID, s.Outcome, s.Hours, s.Route)
		}
	}
}

func TestDefaultTicketLettersDiffer(t *testing.T) {
	letters := map[string]string{}
	for _, s := range all(embedded(t)) {
		if s.Ticket == nil {
			continue
		}
		if other, taken := letters[s.Ticket.Prefix]; taken {
			t.Errorf("%s and %s both have the letter %s", other, s.ID, s.Ticket.Prefix)
		}
		letters[s.Ticket.Prefix] = s.ID
	}
}

func TestIconsAreListedOnce(t *testing.T) {
	icons := catalog.Icons(embedded(t))
	if !slices.IsSorted(icons) || len(slices.Compact(slices.Clone(icons))) != len(icons) {
		t.Errorf("got %v, want them sorted and each once", icons)
	}
	for _, want := range []string{"scroll-text", "coffee", "book-open-text", "lightbulb-off", "map-pin"} {
		if !slices.Contains(icons, want) {
			t.Errorf("got no %s: it is the icon of a function, service, option or question", want)
		}
	}
	if slices.Contains(icons, "") {
		t.Error("got an icon without a name")
	}
}

// TestDefaultIsWholeInEveryLanguage looks for every text, whatever holds it, so that a
// part of a service that is new cannot lack a language.
func TestDefaultIsWholeInEveryLanguage(t *testing.T) {
	n := 0
	var look func(path string, v reflect.Value)
	look = func(path string, v reflect.Value) {
		if text, ok := v.Interface().(kiosk.Text); ok {
			for _, lang := range kiosk.Langs() {
				if n++; len(text) > 0 && text[lang] == "" {
					t.Errorf("%s %q lacks %s", path, text[kiosk.Chinese], lang)
				}
			}
			return
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				look(path, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				look(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() {
					look(path+"."+f.Name, v.Field(i))
				}
			}
		}
	}
	look("pack", reflect.ValueOf(embedded(t)))
	if n < 3000 {
		t.Errorf("looked at %d texts", n)
	}
}
