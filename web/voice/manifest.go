package voice

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"redstation/kiosk"
)

// ManifestFile is the name of a set's list.
const ManifestFile = "manifest.tsv"

// Person begins the By of a clip that a human being speaks: "person", or "person: "
// and a name. No engine's clip ever takes its place.
const Person = "person"

// Entry is a line of a set's list: what a clip says, and who says it.
type Entry struct {
	Text
	By string // the engine and its version, or a person
}

// Human reports whether a person speaks.
func (e Entry) Human() bool { return strings.HasPrefix(e.By, Person) }

// Manifest lists a set, by the names of its clips.
type Manifest map[ID]Entry

// ReadManifest reads the list of a folder; a folder without one has an empty list.
// The error says which line is wrong: four columns divided by tabs, the first the
// hash of the second and the fourth.
func ReadManifest(folder fs.FS) (Manifest, error) {
	m := Manifest{}
	f, err := folder.Open(ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of clips: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		col := strings.Split(lines.Text(), "\t")
		if len(col) != 4 {
			return nil, fmt.Errorf("list of clips, line %d: %d columns, want 4", n, len(col))
		}
		e := Entry{Text{kiosk.Lang(col[1]), col[3]}, col[2]}
		if e.ID() != ID(col[0]) {
			return nil, fmt.Errorf("list of clips, line %d: %q is the clip %s, not %s", n, e.Text.Text, e.ID(), col[0])
		}
		if _, twice := m[e.ID()]; twice {
			return nil, fmt.Errorf("list of clips, line %d: %q stands twice", n, e.Text.Text)
		}
		m[e.ID()] = e
	}
	return m, lines.Err()
}

// Write writes the list, ordered by language and text.
func (m Manifest) Write(w io.Writer) error {
	entries := make([]Entry, 0, len(m))
	for _, e := range m {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return strings.Compare(string(a.Lang)+"\n"+a.Text.Text, string(b.Lang)+"\n"+b.Text.Text)
	})
	out := bufio.NewWriter(w)
	for _, e := range entries {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", e.ID(), e.Lang, e.By, e.Text.Text)
	}
	return out.Flush()
}
