package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The bounds of a pack. They are far above any real pack, and keep a wrong folder
// or a link to something endless from filling the memory.
const (
	packFile     = "pack.yaml"
	functionsDir = "functions"
	maxFiles     = 64      // function files in a pack
	maxBytes     = 1 << 20 // bytes a file: 1 MiB
)

// list returns the paths of the function files, sorted. Names that begin with a
// dot are passed over; any other that is not *.yaml is a finding, because a
// function in a file that nobody reads is missed only at the booth.
func list(fsys fs.FS, found *findings) []string {
	entries, err := readDir(fsys)
	if err != nil {
		found.whole(err)
		return nil
	}
	var names []string
	for _, e := range entries {
		name := path.Join(functionsDir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case path.Ext(name) != ".yaml" || !isVersion(strings.TrimSuffix(e.Name(), ".yaml")):
			found.whole(fmt.Errorf("%q: only *.yaml files belong here, named with up to 32 letters, digits, dots and -", name))
		default:
			names = append(names, name)
		}
	}
	if len(entries) == 0 {
		found.whole(fmt.Errorf("%s: holds no *.yaml file", functionsDir))
	}
	slices.Sort(names)
	return names
}

// readDir reads the folder of functions, of at most maxFiles entries.
func readDir(fsys fs.FS) ([]fs.DirEntry, error) {
	dir, err := fsys.Open(functionsDir)
	if err != nil {
		return nil, unreadable(functionsDir, err)
	}
	defer dir.Close()
	reader, ok := dir.(fs.ReadDirFile)
	if !ok {
		return nil, fmt.Errorf("%s: is not a folder", functionsDir)
	}
	entries, err := reader.ReadDir(maxFiles + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(functionsDir, err)
	}
	if len(entries) > maxFiles {
		return nil, fmt.Errorf("%s: holds more than %d files", functionsDir, maxFiles)
	}
	return entries, nil
}

// unreadable says in one line why part of a pack could not be opened.
func unreadable(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: cannot be read: %w", name, err)
}

// read returns the bytes of a regular file of at most maxBytes. It stats first:
// opening a named pipe would wait for ever.
func read(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is not a regular file", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("%s: is larger than %d KiB", name, maxBytes>>10)
	}
	return data, nil
}

// parse reads one file into its root node, or notes why that cannot be done.
func parse(fsys fs.FS, name string, found *findings) (node, bool) {
	data, err := read(fsys, name)
	if err != nil {
		found.whole(err)
		return node{}, false
	}
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		found.add(name, 1, "", "the file is empty")
		return node{}, false
	} else if err != nil {
		line, what := syntax(err)
		found.add(name, line, "", what)
		return node{}, false
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		found.add(name, doc.Line, "", "holds more than one document")
		return node{}, false
	}
	root := node{found: found, file: name, yaml: doc.Content[0], line: doc.Content[0].Line}
	return root, root.plain(root.yaml)
}

// plain reports whether the tree has only what a pack needs. Anchors, aliases and
// tags are refused: with them a small file can mean a huge one.
func (n node) plain(y *yaml.Node) bool {
	if y.Kind == yaml.AliasNode || y.Anchor != "" || y.Style&yaml.TaggedStyle != 0 {
		n.found.add(n.file, y.Line, "", "anchors, aliases and tags are not allowed")
		return false
	}
	for _, child := range y.Content {
		if !n.plain(child) {
			return false
		}
	}
	return true
}

// syntax splits the YAML reader's error into line and words. The reader counts
// lines from zero where its parser, not its scanner, complains.
func syntax(err error) (int, string) {
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	number, rest, found := strings.Cut(strings.TrimPrefix(what, "line "), ": ")
	line, atoiErr := strconv.Atoi(number)
	if !found || atoiErr != nil {
		line, rest = 1, what
	} else if strings.HasPrefix(rest, "did not find expected") {
		line++
	}
	return line, "is not YAML: " + oneLine(rest)
}

// oneLine folds white space, so that a finding stays on its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
