package catalog

import (
	"redstation/kiosk"
)

// call reads the page with the button that calls a person.
func (l *loader) call(n node) *kiosk.Call {
	keys, ok := n.mapping("asks", "phones")
	if !ok {
		return nil
	}
	c := &kiosk.Call{Asks: l.text(keys["asks"], size{8, 24})}
	for _, item := range keys["phones"].items(1, 4) {
		p, ok := item.mapping("name", "number")
		if !ok {
			continue
		}
		c.Phones = append(c.Phones, kiosk.Phone{Name: l.text(p["name"], size{8, 24}),
			Number: p["number"].word(isNumber, "3 to 12 digits, in quotes")})
	}
	return c
}

// isNumber reports whether s can be dialled.
func isNumber(s string) bool { return len(s) >= 3 && len(s) <= 12 && only(s, "0123456789") }
