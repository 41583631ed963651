package catalog

import (
	"embed"
	"io/fs"
	"slices"

	"redstation/kiosk"
)

//go:embed pack/pack.yaml pack/functions/*.yaml
var embedded embed.FS

// Default returns the catalogue of the embedded pack.
func Default() (*kiosk.Catalogue, error) {
	pack, err := fs.Sub(embedded, "pack")
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInternal, "error.internal", "open embedded pack: %w", err)
	}
	return Load(pack)
}

// Load reads and checks the pack in the root of fsys. The error is a *kiosk.Error
// with CodeInvalid; its text has one line for each finding, in the form
// "functions/03-tell.yaml:12: services[0].name.en: is missing", at most two hundred and
// one that counts the rest.
func Load(fsys fs.FS) (*kiosk.Catalogue, error) {
	if _, err := fs.Stat(fsys, "."); err != nil {
		return nil, invalid(unreadable("the folder of the pack", err))
	}
	var found findings
	l := loader{
		found:    &found,
		langs:    []kiosk.Lang{kiosk.Chinese, kiosk.English},
		numbers:  map[int]string{},
		services: map[string]string{},
		prefixes: map[string]string{},
		lent:     map[string]string{},
		codes:    map[int]string{},
	}
	c := &kiosk.Catalogue{}
	if root, ok := parse(fsys, packFile, &found); ok {
		l.pack(root, c)
	}
	for _, name := range list(fsys, &found) {
		if root, ok := parse(fsys, name, &found); ok {
			l.function(root, c)
		}
	}
	if err := found.err(); err != nil {
		return nil, invalid(err)
	}
	slices.SortFunc(c.Functions, func(a, b kiosk.Function) int { return a.Number - b.Number })
	return c, nil
}

// invalid marks err as a fault of the pack, which its editor can mend.
func invalid(err error) error {
	return &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.pack", Err: err}
}

// Icons returns the names of all icons that the catalogue uses, sorted, each once.
func Icons(c *kiosk.Catalogue) []string {
	var icons []string
	for _, f := range c.Functions {
		icons = append(icons, f.Icon)
		for _, s := range f.Services {
			icons = append(icons, s.Icon)
			if s.Form != nil {
				icons = append(icons, formIcons(s.Form)...)
			}
		}
	}
	slices.Sort(icons)
	return slices.Compact(icons)
}

// formIcons returns the icons of a form's questions and options, those that have one.
func formIcons(form *kiosk.Form) []string {
	var icons []string
	for _, field := range form.Fields {
		if field.Icon != "" {
			icons = append(icons, field.Icon)
		}
		for _, o := range field.Options {
			icons = append(icons, o.Icon)
		}
		for _, t := range field.Things {
			icons = append(icons, t.Icon)
		}
		if field.Events == nil {
			continue
		}
		for _, e := range field.Events.List {
			if e.Icon != "" {
				icons = append(icons, e.Icon)
			}
		}
	}
	return icons
}
