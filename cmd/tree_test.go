// Package cmd_test holds the laws of the house: who may import whom, and what
// every file and package owes its reader. They are tests, so that a law that
// nobody remembers is still kept. It also tests what no wing can alone: that the
// slips of the domain come out of the printer's bytes again.
package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "redstation"

// source is one Go file of the repository.
type source struct {
	path    string // relative to the root, with slashes
	dir     string
	test    bool
	lines   int
	imports []string
	syntax  *ast.File
	fset    *token.FileSet
}

// position returns where in the repository a node stands.
func (s *source) position(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// readTree parses every Go file of the module. Folders with a go.mod of their own
// are other modules.
func readTree(t *testing.T) []source {
	t.Helper()
	root := ".."
	var tree []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(root, p, d.Name())
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		s, err := readSource(root, p)
		tree = append(tree, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// enter decides whether a folder belongs to the module.
func enter(root, p, name string) error {
	if p == root {
		return nil
	}
	if strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func readSource(root, p string) (source, error) {
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return source{}, err
	}
	text, err := os.ReadFile(p)
	if err != nil {
		return source{}, err
	}
	s := source{path: filepath.ToSlash(rel), fset: token.NewFileSet(), lines: strings.Count(string(text), "\n")}
	s.dir, s.test = path.Dir(s.path), strings.HasSuffix(s.path, "_test.go")
	if s.syntax, err = parser.ParseFile(s.fset, p, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return source{}, err
	}
	for _, i := range s.syntax.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, name)
	}
	return s, nil
}

// packages returns the folders that hold product code, sorted.
func packages(tree []source) []string {
	var dirs []string
	for _, s := range tree {
		if !s.test {
			dirs = append(dirs, s.dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
