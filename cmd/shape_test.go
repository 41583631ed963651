package cmd_test

import (
	"go/ast"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// maxLines is the most a file may have; most have between 60 and 200.
const maxLines = 400

func TestFilesAreShort(t *testing.T) {
	for _, s := range readTree(t) {
		if s.lines > maxLines {
			t.Errorf("%s has %d lines, at most %d: is it still one thing?", s.path, s.lines, maxLines)
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	for _, s := range readTree(t) {
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: an init function; what runs before main can be neither ordered nor tested", s.position(f))
			}
		}
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	tree := readTree(t)
	told := map[string]bool{}
	for _, s := range tree {
		for _, opening := range openings(s) {
			if s.syntax.Doc != nil && strings.HasPrefix(s.syntax.Doc.Text(), opening) {
				told[s.dir] = true
			}
		}
	}
	for _, dir := range packages(tree) {
		if !told[dir] {
			t.Errorf("package %s does not say what it is for: begin a file with a comment in prose", dir)
		}
	}
}

// openings are how the package comment of a file's package may begin
// (go.dev/doc/comment).
func openings(s source) []string {
	name := s.syntax.Name.Name
	if name != "main" {
		return []string{"Package " + name + " "}
	}
	name = path.Base(s.dir)
	return []string{"Command " + name + " ", strings.ToUpper(name[:1]) + name[1:] + " "}
}

// TestEveryDependencyIsAccountedFor holds go.mod against the table in
// CONTRIBUTING.md: what each direct dependency is for, why this one, its licence, once.
func TestEveryDependencyIsAccountedFor(t *testing.T) {
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range requirements(t) {
		if _, ok := libraries[name]; !ok {
			continue // indirect, whatever its comment in go.mod says
		}
		row := "\n| `" + name + "` | "
		if !strings.Contains(string(text), row+version+" |") || strings.Count(string(text), row) != 1 {
			t.Errorf("CONTRIBUTING.md has not one row that begins %q", strings.TrimSpace(row)+" "+version)
		}
	}
}

// TestSQLiteRunsOnItsOwnLibc guards a trap: modernc.org/sqlite is translated
// against one exact version of modernc.org/libc and breaks subtly on another.
func TestSQLiteRunsOnItsOwnLibc(t *testing.T) {
	file := goCommand(t, "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "modernc.org/libc " + requirements(t)["modernc.org/libc"] + "\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("go.mod has %q, which is not what modernc.org/sqlite names", strings.TrimSpace(want))
	}
}

// requirements returns the versions that go.mod names, by module.
func requirements(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mods := map[string]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && strings.HasPrefix(f[1], "v") {
			mods[f[0]] = f[1]
		}
	}
	return mods
}

func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}
