package catalog_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"redstation/kiosk/catalog"
)

// A fault is one slip of the pen in one value of the embedded pack, and where the
// editor must be sent for it.
type fault struct {
	file, path   string
	line, column int // of the value, from 1
	old, fresh   string
}

// at is how the finding must begin.
func (f fault) at() string { return fmt.Sprintf("%s:%d: %s: ", f.file, f.line, f.path) }

// slips are what can be wrong with a value, by its key.
func slips(key string) []string {
	switch key {
	case "zh", "en", "ko":
		return []string{`""`, strings.Repeat("长", 300), `"a` + "\u202e" + `b"`, `[]`}
	case "icon":
		return []string{"No Icon", `""`}
	case "updated":
		return []string{"yesterday", "2026-02-30"}
	case "prefix":
		return []string{"LONG", "l"}
	case "limit", "max_len", "days":
		return []string{"many", "-1", "100000"}
	}
	return nil
}

// embeddedPack returns the files of the embedded pack.
func embeddedPack(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, glob := range []string{"pack/*.yaml", "pack/functions/*.yaml"} {
		paths, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[strings.TrimPrefix(filepath.ToSlash(path), "pack/")] = string(b)
		}
	}
	if len(files) != 13 {
		t.Fatalf("the embedded pack has %d files", len(files))
	}
	return files
}

// faults returns one fault for each value of the file that slips knows.
func faults(t *testing.T, file, text string) []fault {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	lines := strings.Split(text, "\n")
	var all []fault
	var walk func(n *yaml.Node, path, key string)
	walk = func(n *yaml.Node, path, key string) {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				k := n.Content[i].Value
				walk(n.Content[i+1], strings.TrimPrefix(path+"."+k, "."), k)
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, fmt.Sprintf("%s[%d]", path, i), key)
			}
		case yaml.ScalarNode:
			can := slips(key)
			old := n.Value
			if n.Style == yaml.DoubleQuotedStyle {
				old = `"` + old + `"`
			}
			// Columns of this parser count characters.
			if rest := string([]rune(lines[n.Line-1])[n.Column-1:]); len(can) > 0 && strings.HasPrefix(rest, old) {
				all = append(all, fault{file, path, n.Line, n.Column, old, can[len(all)%len(can)]})
			}
		}
	}
	walk(doc.Content[0], "", "")
	return all
}

// into puts faults into the text of a file. The lines stay where they are.
func into(text string, faults []fault) string {
	lines := strings.Split(text, "\n")
	slices.SortFunc(faults, func(a, b fault) int { return b.column - a.column }) // later values of a line first
	for _, f := range faults {
		r := []rune(lines[f.line-1])
		lines[f.line-1] = string(r[:f.column-1]) + f.fresh + strings.TrimPrefix(string(r[f.column-1:]), f.old)
	}
	return strings.Join(lines, "\n")
}

func fileSystem(files map[string]string) fs.FS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// TestAHundredFaultsGiveAHundredMessages makes a hundred slips of the pen, spread
// over all files of the embedded pack: each alone, and all of them at once.
func TestAHundredFaultsGiveAHundredMessages(t *testing.T) {
	files := embeddedPack(t)
	var chosen []fault
	names, all := slices.Sorted(maps.Keys(files)), 0
	for i, name := range names { // as many in each file, spread over it
		can := faults(t, name, files[name])
		all += len(can)
		n := 100*(i+1)/len(names) - 100*i/len(names)
		for j := range n {
			chosen = append(chosen, can[j*len(can)/n])
		}
	}
	if all < 500 {
		t.Fatalf("only %d values could be wrong: the walk misses most of the pack", all)
	}
	byFile := map[string][]fault{}
	for _, f := range chosen {
		byFile[f.file] = append(byFile[f.file], f)
		alone := map[string]string{"pack.yaml": files["pack.yaml"]}
		alone[f.file] = into(files[f.file], []fault{f})
		if f.file == "pack.yaml" {
			alone["functions/12-rest.yaml"] = files["functions/12-rest.yaml"]
		}
		got := strings.Split(refused(t, fileSystem(alone)), "\n")
		if len(got) != 1 || !strings.HasPrefix(got[0], f.at()) {
			t.Errorf("%s%s for %s: got\n%s", f.at(), f.fresh, f.old, strings.Join(got, "\n"))
		}
	}
	if len(byFile) != 13 {
		t.Errorf("the faults lie in %d files, want all 13", len(byFile))
	}
	together := map[string]string{}
	for name, text := range files {
		together[name] = into(text, byFile[name])
	}
	got := strings.Split(refused(t, fileSystem(together)), "\n")
	if len(got) != 100 {
		t.Errorf("a hundred faults at once give %d messages", len(got))
	}
	for _, f := range chosen {
		i := slices.IndexFunc(got, func(m string) bool { return strings.HasPrefix(m, f.at()) })
		if i < 0 {
			t.Errorf("no message begins with %s", f.at())
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	for _, rest := range got {
		t.Errorf("nobody made the fault %s", rest)
	}
}

// TestMoreFaultsThanAnybodyReadsAreCounted fills a pack with faults.
func TestMoreFaultsThanAnybodyReadsAreCounted(t *testing.T) {
	files := embeddedPack(t)
	all := 0
	for name, text := range files {
		f := faults(t, name, text)
		files[name], all = into(text, f), all+len(f)
	}
	got := strings.Split(refused(t, fileSystem(files)), "\n")
	if last := got[len(got)-1]; len(got) != 201 || !strings.HasPrefix(last, "and ") || all <= 200 {
		t.Errorf("%d faults give %d lines, the last %q", all, len(got), last)
	}
	if _, err := catalog.Load(fileSystem(embeddedPack(t))); err != nil {
		t.Errorf("and without faults: %v", err)
	}
}
