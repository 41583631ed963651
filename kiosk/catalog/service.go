package catalog

import (
	"fmt"
	"slices"
	"strings"

	"redstation/kiosk"
)

// service reads one service of the function with that number.
func (l *loader) service(n node, number int) kiosk.Service {
	keys, ok := n.mapping("id", "icon", "name", "summary", "actions", "data_class", "closed",
		"hours", "outcome", "route", "info", "ticket", "call", "form", "print", "duty", "follow")
	if !ok {
		return kiosk.Service{}
	}
	s := kiosk.Service{
		ID:        l.serviceID(keys["id"], number),
		Icon:      keys["icon"].word(isIcon, iconRule),
		Name:      l.text(keys["name"], size{15, 40}),
		Summary:   l.text(keys["summary"], size{36, 110}),
		Actions:   l.actions(keys["actions"]),
		DataClass: kiosk.DataClass(keys["data_class"].number(0, 3)),
		Hours:     l.optionalText(keys["hours"], size{30, 90}),
		Outcome:   l.optionalText(keys["outcome"], size{60, 180}),
		Route:     optionalWord(keys["route"], isID, idRule),
		Follow:    keys["follow"].flag(),
	}
	if s.Route != "" && len(l.offices) > 0 && !slices.ContainsFunc(l.offices, func(o kiosk.Place) bool { return o.ID == s.Route }) {
		keys["route"].failf("is %q, which is none of the offices in %s", s.Route, packFile)
	}
	l.parts(keys, &s)
	return s
}

// serviceID reads an id, which begins with the number of the function.
func (l *loader) serviceID(n node, number int) string {
	own := fmt.Sprintf("%d.", number)
	fits := func(s string) bool {
		rest, ok := strings.CutPrefix(s, own)
		return number == 0 || ok && rest != "" && len(rest) <= 2 && rest[0] != '0' && only(rest, "0123456789")
	}
	id := n.word(fits, own+"1 to "+own+"99, as this is function "+strings.TrimSuffix(own, "."))
	if id != "" {
		claim(l.services, n, id, n.file)
	}
	return id
}

// actions reads which of the ten actions a service is made of.
func (l *loader) actions(n node) []kiosk.Action {
	var all []kiosk.Action
	for _, item := range n.items(1, 4) {
		known := func(s string) bool { return kiosk.Action(s).Known() }
		a := kiosk.Action(item.word(known,
			"info, book, ticket, request, register, checkin, loan, call, survey or print"))
		if a != "" && slices.Contains(all, a) {
			item.failf("is %s for the second time", a)
		}
		if a.Asks() && slices.ContainsFunc(all, kiosk.Action.Asks) {
			item.failf("is a second action with a form, a service has at most one of request, book, register, checkin, loan, survey and print")
		}
		all = append(all, a)
	}
	return all
}

// part is what an action needs, in the pack and in the service.
type part struct {
	action kiosk.Action
	key    string
	read   func(node)
}

// filing returns the action that a service's form belongs to.
func filing(actions []kiosk.Action) kiosk.Action {
	i := slices.IndexFunc(actions, kiosk.Action.Asks)
	if i < 0 {
		return kiosk.ActionRequest
	}
	return actions[i]
}

// parts reads what the service's actions need, and checks that what is offered is
// whole. The parts of a closed service are checked and then left out.
func (l *loader) parts(keys map[string]node, s *kiosk.Service) {
	closed := keys["closed"].flag()
	open := false
	switch form := keys["form"]; {
	case s.Follow && !slices.Contains(s.Actions, kiosk.ActionRequest):
		keys["follow"].failf("is of no use without the action request")
	case s.Follow && form.given():
		form.failf("is of no use where follow is true: the page shows what a receipt stands for")
	}
	for _, p := range []part{
		{kiosk.ActionInfo, "info", func(n node) { s.Info = l.info(n) }},
		{kiosk.ActionTicket, "ticket", func(n node) { s.Ticket = l.ticket(n, s.ID) }},
		{kiosk.ActionCall, "call", func(n node) { s.Call = l.call(n) }},
		{filing(s.Actions), "form", func(n node) {
			if s.Form = l.form(n, s.DataClass); s.Form != nil {
				seats(n, s.Form, filing(s.Actions))
				checkAsks(n, filing(s.Actions), s.Form)
			}
		}},
		{kiosk.ActionPrint, "print", func(n node) { s.Print = l.print(n) }},
	} {
		does, at := slices.Contains(s.Actions, p.action), keys[p.key]
		switch {
		case at.given() && !does:
			at.failf("is of no use without the action %s", p.action)
		case at.given():
			p.read(at)
			open = !closed
		case does && p.action.Built() && p.action != kiosk.ActionCheckIn && !closed && !(p.key == "form" && s.Follow):
			at.failf("is missing, the action %s needs it", p.action)
		}
	}
	l.watch(keys, s)
	if closed {
		s.Info, s.Ticket, s.Call, s.Form, s.Print, s.Duty, s.Follow = nil, nil, nil, nil, nil, nil, false
	}
	if !open {
		return
	}
	for _, key := range []string{"hours", "outcome", "route"} {
		if !keys[key].given() {
			keys[key].failf("is missing, a service that is offered needs it")
		}
	}
}

// watch reads which answers tell who is on duty. Without, nobody fills in the form of a
// check-in.
func (l *loader) watch(keys map[string]node, s *kiosk.Service) {
	duty, form, does := keys["duty"], keys["form"], slices.Contains(s.Actions, kiosk.ActionCheckIn)
	switch {
	case duty.given() && !does:
		duty.failf("is of no use without the action checkin")
	case !does || !duty.given():
		if does && form.given() {
			form.failf("is of no use with the action checkin where duty does not say who it is about")
		}
	case s.Form == nil:
		if !form.given() {
			duty.failf("is of no use without a form")
		}
	default:
		part, ok := duty.mapping("name", "role")
		if !ok {
			return
		}
		of := func(key string, kind kiosk.FieldKind) string {
			return part[key].word(func(id string) bool {
				f, ok := s.Form.Field(id)
				return ok && f.Kind == kind && !f.Optional
			}, fmt.Sprintf("a question of this form of the kind %s that must be answered", kind))
		}
		s.Duty = &kiosk.Duty{Name: of("name", kiosk.FieldText), Role: of("role", kiosk.FieldChoice)}
	}
}

// info reads a page.
func (l *loader) info(n node) *kiosk.Info {
	keys, ok := n.mapping("source", "updated", "sections", "notices")
	if !ok {
		return nil
	}
	info := &kiosk.Info{
		Source:  l.text(keys["source"], size{40, 120}),
		Updated: keys["updated"].word(isDay, "a date such as 2026-11-23"),
		Notices: keys["notices"].flag(),
	}
	for _, item := range keys["sections"].items(1, 12) {
		s, ok := item.mapping("heading", "lines")
		if !ok {
			continue
		}
		section := kiosk.Section{Heading: l.text(s["heading"], size{16, 50})}
		for _, line := range s["lines"].items(1, 8) {
			section.Lines = append(section.Lines, l.text(line, size{48, 180}))
		}
		info.Sections = append(info.Sections, section)
	}
	return info
}

// ticket reads how a service's tickets are numbered.
func (l *loader) ticket(n node, service string) *kiosk.Queue {
	keys, ok := n.mapping("prefix", "where", "desk", "limit")
	if !ok {
		return nil
	}
	q := &kiosk.Queue{
		Prefix: keys["prefix"].word(isPrefix, "one or two letters A-Z"),
		Where:  l.text(keys["where"], size{30, 90}),
		Desk:   l.optionalText(keys["desk"], size{12, 36}),
		Limit:  keys["limit"].number(0, 999),
	}
	if q.Prefix != "" {
		claim(l.prefixes, keys["prefix"], q.Prefix, service)
	}
	return q
}

// optionalWord is word, and "" where the key is not given.
func optionalWord(n node, fits func(string) bool, want string) string {
	if !n.given() {
		return ""
	}
	return n.word(fits, want)
}
