package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// maxFindings is how many findings are told at once: more than anybody mends at a time.
const maxFindings = 200

// finding is one thing that is wrong with a pack.
type finding struct {
	file  string
	line  int // 0 where the whole file is meant
	field string
	what  string
}

// Error returns "file:line: field: what".
func (f finding) Error() string {
	s := f.file
	if f.line > 0 {
		s = fmt.Sprintf("%s:%d", s, f.line)
	}
	if f.field != "" {
		s += ": " + f.field
	}
	return s + ": " + f.what
}

// findings collects what is wrong, over all files.
type findings struct {
	files []error // of files that could not be read at all
	list  []finding
}

// add notes one finding.
func (f *findings) add(file string, line int, field, what string) {
	f.list = append(f.list, finding{file, line, field, what})
}

// whole notes a file that could not be read; err's text begins with its name.
func (f *findings) whole(err error) { f.files = append(f.files, err) }

// err returns nil where all is well, else the first findings in order of file and
// line, joined, with a last line that counts the rest. What is wrong in pack.yaml
// comes first, since it can be the cause of much else.
func (f *findings) err() error {
	slices.SortStableFunc(f.list, func(a, b finding) int {
		return cmp.Or(byPack(a.file)-byPack(b.file), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	errs := slices.Clone(f.files)
	for _, one := range f.list {
		errs = append(errs, one)
	}
	if rest := len(errs) - maxFindings; rest > 0 {
		errs = append(errs[:maxFindings], fmt.Errorf("and %d more", rest))
	}
	return errors.Join(errs...)
}

// byPack is 0 for pack.yaml and 1 for any other file.
func byPack(file string) int {
	if file == packFile {
		return 0
	}
	return 1
}
