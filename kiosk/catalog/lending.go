package catalog

import (
	"fmt"
	"strconv"

	"redstation/kiosk"
)

// things reads the kinds of things that a service lends: what fits one screen.
func (l *loader) things(n node) []kiosk.Thing {
	var all []kiosk.Thing
	for _, item := range n.items(1, 6) {
		keys, ok := item.mapping("id", "icon", "name", "code", "days", "count", "at")
		if !ok {
			continue
		}
		t := kiosk.Thing{
			ID:    keys["id"].word(isID, idRule),
			Icon:  keys["icon"].word(isIcon, iconRule),
			Name:  l.text(keys["name"], size{15, 40}),
			Code:  keys["code"].number(10, 99),
			Days:  keys["days"].number(1, 366),
			Count: keys["count"].number(0, kiosk.MaxAssets),
			At:    keys["at"].perBooth(),
		}
		owner := n.file + ": " + item.field
		if t.ID != "" {
			claim(l.lent, keys["id"], t.ID, owner)
		}
		if t.Code != 0 {
			claim(l.codes, keys["code"], t.Code, owner)
		}
		all = append(all, t)
	}
	return all
}

// perBooth reads how many things a booth has, by its id.
func (n node) perBooth() map[string]int {
	if !n.given() {
		return nil
	}
	var ids []string
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		ids = append(ids, n.yaml.Content[i].Value)
	}
	keys, ok := n.mapping(ids...)
	if !ok {
		return nil
	}
	at := make(map[string]int, len(ids))
	for _, id := range ids {
		if len(id) > 16 || !only(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") {
			keys[id].failf("is no id of a booth")
			continue
		}
		at[id] = keys[id].number(0, kiosk.MaxAssets)
	}
	return at
}

// numberRange reads what a number may be.
func (l *loader) numberRange(n node) kiosk.Range {
	keys, ok := n.mapping("least", "most", "decimals", "unit", "below")
	if !ok {
		return kiosk.Range{}
	}
	r := kiosk.Range{
		Least:    keys["least"].decimal(),
		Most:     keys["most"].decimal(),
		Decimals: keys["decimals"].optionalNumber(0, 2),
		Unit:     l.text(keys["unit"], size{8, 16}),
		Below:    optionalWord(keys["below"], isID, idRule),
	}
	if keys["most"].given() && r.Most <= r.Least {
		keys["most"].failf("is %v, must be more than least", r.Most)
	}
	return r
}

// decimal returns a number of at most six digits before and two behind the point.
func (n node) decimal() float64 {
	fits := func(s string) bool {
		v, err := strconv.ParseFloat(s, 64)
		return err == nil && only(s, "0123456789.") && v < 1e6
	}
	v, err := strconv.ParseFloat(n.word(fits, "a number such as 35 or 0.6"), 64)
	if err != nil {
		return 0 // it was told
	}
	return v
}

// print reads what stands on a paper beside the answers.
func (l *loader) print(n node) *kiosk.Print {
	keys, ok := n.mapping("advice", "source", "rows")
	if !ok {
		return nil
	}
	p := &kiosk.Print{Source: l.text(keys["source"], size{60, 180}), Rows: keys["rows"].number(1, 14)}
	for _, item := range keys["advice"].items(1, 8) {
		p.Advice = append(p.Advice, l.text(item, size{48, 180}))
	}
	return p
}

// question returns the node of the i-th question that could be read of a form.
func (n node) question(i int) node {
	at := n.child(fmt.Sprintf("fields[%d]", i), nil)
	for k := 0; k+1 < len(n.yaml.Content); k += 2 {
		if list := n.yaml.Content[k+1].Content; n.yaml.Content[k].Value == "fields" && i < len(list) {
			at.line = list[i].Line
		}
	}
	return at
}

// checkAsks checks that a form has what its action needs and nothing that it cannot
// have.
func checkAsks(n node, a kiosk.Action, form *kiosk.Form) {
	if form == nil {
		return
	}
	things := 0
	for i := range form.Fields {
		f := &form.Fields[i]
		at := n.question(i)
		if f.Kind == kiosk.FieldItem {
			things++
		}
		if a == kiosk.ActionPrint && f.Kind != kiosk.FieldNumber && f.Kind != kiosk.FieldChoice {
			at.failf("is %s, the action print has numbers and choices only", f.Kind)
		}
		if below := f.Range.Below; below != "" {
			if other, ok := form.Field(below); !ok || other.Kind != kiosk.FieldNumber || other.ID == f.ID {
				at.failf("must be below %s, which is no number of this form", below)
			}
		}
	}
	switch {
	case a == kiosk.ActionLoan && things != 1:
		n.failf("has %d questions of the kind item, the action loan needs one", things)
	case a != kiosk.ActionLoan && things > 0:
		n.failf("has a question of the kind item, which only the action loan can have")
	}
}
