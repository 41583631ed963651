package catalog

import (
	"slices"

	"redstation/kiosk"
)

// loader carries what is known over all files while a pack is read.
type loader struct {
	found    *findings
	langs    []kiosk.Lang      // that every text must have
	numbers  map[int]string    // by a function's number, the file that has it
	services map[string]string // by id, the file that has it
	prefixes map[string]string // by ticket prefix, the id of its service
	lent     map[string]string // by the id of a kind of thing that is lent, the field that has it
	codes    map[int]string    // by the code on its tags, the same
	offices  []kiosk.Place     // that a route may name; none: any
}

// pack reads pack.yaml.
func (l *loader) pack(n node, c *kiosk.Catalogue) {
	keys, ok := n.mapping("name", "version", "languages", "city", "places", "offices")
	if !ok {
		return
	}
	l.languages(keys["languages"])
	c.Languages = l.langs
	c.Name = l.text(keys["name"], size{20, 60})
	c.City = l.text(keys["city"], size{12, 40})
	c.Version = keys["version"].word(isVersion, "up to 32 letters, digits, dots and -")
	c.Places = l.named(keys["places"], 200)
	if keys["offices"].given() {
		c.Offices = l.named(keys["offices"], 50)
		l.offices = c.Offices
	}
}

// named reads a list of things that have an id and a name.
func (l *loader) named(n node, most int) (list []kiosk.Place) {
	seen := map[string]string{}
	for _, item := range n.items(1, most) {
		p, ok := item.mapping("id", "name")
		if !ok {
			continue
		}
		place := kiosk.Place{ID: p["id"].word(isID, idRule), Name: l.text(p["name"], size{12, 40})}
		if place.ID != "" {
			claim(seen, p["id"], place.ID, item.field)
		}
		list = append(list, place)
	}
	return list
}

// languages reads which languages the pack is whole in.
func (l *loader) languages(n node) {
	known := []kiosk.Lang{kiosk.Chinese, kiosk.English, kiosk.Korean}
	var langs []kiosk.Lang
	for _, item := range n.items(1, 8) {
		fits := func(s string) bool { return slices.Contains(known, kiosk.Lang(s)) }
		lang := kiosk.Lang(item.word(fits, "zh, en or ko"))
		switch {
		case lang == "":
		case slices.Contains(langs, lang):
			item.failf("is %s for the second time", lang)
		default:
			langs = append(langs, lang)
		}
	}
	for _, lang := range l.langs {
		if n.given() && !slices.Contains(langs, lang) {
			n.failf("lacks %s: a pack has Chinese and English at least", lang)
			langs = append(langs, lang)
		}
	}
	l.langs = langs
}

// function reads one file of functions/ and appends the function.
func (l *loader) function(n node, c *kiosk.Catalogue) {
	keys, ok := n.mapping("number", "icon", "family", "tile", "name", "services")
	if !ok {
		return
	}
	f := kiosk.Function{
		Number: keys["number"].number(1, 12),
		Icon:   keys["icon"].word(isIcon, iconRule),
		Family: kiosk.Family(keys["family"].word(isFamily, "civic, advice, people or daily")),
		Tile:   l.text(keys["tile"], size{6, 18}),
		Name:   l.text(keys["name"], size{15, 40}),
	}
	if f.Number != 0 {
		claim(l.numbers, keys["number"], f.Number, n.file)
	}
	for _, item := range keys["services"].items(1, 6) {
		f.Services = append(f.Services, l.service(item, f.Number))
	}
	c.Functions = append(c.Functions, f)
}

// claim notes a key that must be unique and that an earlier owner has.
func claim[K comparable](owners map[K]string, at node, key K, owner string) {
	if earlier, taken := owners[key]; taken {
		at.failf("is %v, which %s has already", key, earlier)
		return
	}
	owners[key] = owner
}

// isFamily reports whether s is one of the colours of functions.
func isFamily(s string) bool {
	switch kiosk.Family(s) {
	case kiosk.Civic, kiosk.Advice, kiosk.People, kiosk.Daily:
		return true
	}
	return false
}
