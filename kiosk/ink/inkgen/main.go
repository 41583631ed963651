// Command inkgen makes the patterns of handwriting and the samples of their test.
//
// It reads the middle lines of strokes ("medians") from npm's hanzi-writer-data, counts
// in jieba's list of words how common each character is, puts together characters of
// names that the data lacks (rare.txt), and writes what package ink embeds. The same
// input always gives the same bytes. kiosk/ink/update.sh calls it.
//
// Usage:
//
//	go run ./kiosk/ink/inkgen -medians FOLDER -words dict.txt -out patterns.bin.gz -samples testdata/samples.json.gz
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"redstation/kiosk/ink"
)

func main() {
	medians := flag.String("medians", "", "folder of hanzi-writer-data (required)")
	words := flag.String("words", "", "jieba's dict.txt (required)")
	rare := flag.String("rare", "kiosk/ink/inkgen/rare.txt", "characters to put together")
	out := flag.String("out", "", "file of patterns to write")
	samples := flag.String("samples", "", "file of samples to write")
	flag.Parse()
	if err := run(*medians, *words, *rare, *out, *samples); err != nil {
		fmt.Fprintln(os.Stderr, "inkgen:", err)
		os.Exit(1)
	}
}

func run(medians, words, rare, out, samples string) error {
	if medians == "" || words == "" {
		return errors.New("give -medians FOLDER and -words FILE; see -help")
	}
	glyphs, err := readGlyphs(medians)
	if err != nil {
		return err
	}
	made, err := compose(glyphs, rare)
	if err != nil {
		return err
	}
	common, err := readCommon(words)
	if err != nil {
		return err
	}
	patterns := patternsOf(glyphs, common)
	fmt.Printf("%d characters, %d of them put together, %d patterns\n", len(glyphs), made, len(patterns))
	if out != "" {
		b, err := ink.Pack(patterns)
		if err != nil {
			return err
		}
		if err := os.WriteFile(out, b, 0o644); err != nil {
			return err
		}
	}
	if samples == "" {
		return nil
	}
	return writeSamples(samples, glyphs, common)
}

// glyph is a character as it is written: its strokes, and which of them are its
// radical. y grows downwards.
type glyph struct {
	strokes []ink.Stroke
	radical []int
}

// partsOnly are parts of characters that nobody writes alone. They would take the place
// of 一 and 十 where the drawing has only begun. (rare.txt puts characters together from
// some of them, which are therefore not here.)
const partsOnly = "亠乛冖勹凵卩疒癶罒覀爫灬丨亅丶丿乚乀丷虍夂廾彐彑廴彳"

func readGlyphs(folder string) (map[rune]*glyph, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	glyphs := make(map[rune]*glyph, len(names))
	for _, name := range names {
		r, n := utf8.DecodeRuneInString(filepath.Base(name))
		if filepath.Base(name)[n:] != ".json" || r < 0x3400 || strings.ContainsRune(partsOnly, r) {
			continue // the package's own files, and what is no character
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var file struct {
			Medians    [][][2]float64
			RadStrokes []int
		}
		if err := json.Unmarshal(b, &file); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		g := &glyph{radical: file.RadStrokes}
		for _, line := range file.Medians {
			s := make(ink.Stroke, len(line))
			for i, p := range line {
				s[i] = ink.Point{X: p[0], Y: 900 - p[1]}
			}
			g.strokes = append(g.strokes, s)
		}
		glyphs[r] = g
	}
	if len(glyphs) < 9000 {
		return nil, fmt.Errorf("%s holds %d characters only", folder, len(glyphs))
	}
	return glyphs, nil
}

// sorted returns the characters in the order of their code points.
func sorted(glyphs map[rune]*glyph) []rune {
	var all []rune
	for r := range glyphs {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

// patternsOf makes one pattern of each character, and a second of those with a radical
// that most people write in one go.
func patternsOf(glyphs map[rune]*glyph, common map[rune]float64) []ink.Pattern {
	radicals := map[rune]*ink.Features{}
	for _, r := range runTogether {
		radicals[r] = ink.Describe(glyphs[r].strokes)
	}
	var patterns []ink.Pattern
	for _, r := range sorted(glyphs) {
		g := glyphs[r]
		prior := priorOf(r, common)
		patterns = append(patterns, ink.Pattern{Rune: r, Prior: prior, Features: ink.Describe(g.strokes)})
		if run := g.cursive(glyphs, radicals); run != nil {
			patterns = append(patterns, ink.Pattern{Rune: r, Prior: prior, Features: ink.Describe(run)})
		}
	}
	return patterns
}

// runTogether are the radicals that most people write in one go: 氵 as a dot and a
// tick, the others without lifting the pen.
const runTogether = "氵讠辶纟钅饣阝"

// cursive returns the strokes with those of a radical run together, or nil where the
// character has none of those.
func (g *glyph) cursive(glyphs map[rune]*glyph, radicals map[rune]*ink.Features) []ink.Stroke {
	rad := g.radical
	if len(rad) < 2 || len(rad) == len(g.strokes) || rad[len(rad)-1]-rad[0] != len(rad)-1 {
		return nil
	}
	part := g.strokes[rad[0] : rad[len(rad)-1]+1]
	for _, r := range runTogether {
		if len(glyphs[r].strokes) != len(part) || alike(ink.Describe(part), radicals[r]) < 0.85 {
			continue
		}
		apart := 0
		if r == '氵' {
			apart = 1
		}
		run := slices.Clone(part[:apart])
		run = append(run, slices.Concat(part[apart:]...))
		return slices.Concat(g.strokes[:rad[0]], run, g.strokes[rad[len(rad)-1]+1:])
	}
	return nil
}

// alike is 1 for two drawings that are the same.
func alike(a, b *ink.Features) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// readLines returns the lines of a file that say something: neither empty nor a note.
func readLines(name string) ([]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
