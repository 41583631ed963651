package assets

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Fallback is the icon that stands for one that this program does not have: a
// content pack may be newer than the program.
const Fallback = "circle"

// icon is an SVG element, ready to stand in a page.
type icon struct{ svg template.HTML }

var (
	svgComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	svgOpen    = regexp.MustCompile(`(?s)<svg.*?>`)
	svgSpace   = regexp.MustCompile(`\s*\n\s*`)
)

// addIcons reads the icons folder of fsys, if it has one.
func (s *Set) addIcons(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "icons/*.svg")
	if err != nil {
		return fmt.Errorf("list icons: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read icon: %w", err)
		}
		s.icons[strings.TrimSuffix(path.Base(name), ".svg")] = icon{trimIcon(string(raw))}
	}
	return nil
}

// trimIcon keeps the drawing and says once how all icons look: as large as the
// style says, in the colour of the text, silent for screen readers, since an icon
// never stands without its word.
func trimIcon(raw string) template.HTML {
	raw = svgComment.ReplaceAllString(raw, "")
	raw = svgOpen.ReplaceAllString(raw, `<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" `+
		`stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">`)
	return template.HTML(svgSpace.ReplaceAllString(strings.TrimSpace(raw), ""))
}

// Icon returns the drawing with that name to be written into a page, and false
// with the fallback where there is none.
func (s *Set) Icon(name string) (template.HTML, bool) {
	if i, ok := s.icons[name]; ok {
		return i.svg, true
	}
	return s.icons[Fallback].svg, false
}
