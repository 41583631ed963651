package catalog

import (
	"redstation/kiosk"
)

// form reads the questions of a request and checks their order: first the matter,
// then the consent, then the personal questions.
func (l *loader) form(n node, class kiosk.DataClass) *kiosk.Form {
	keys, ok := n.mapping("anonymous", "fields")
	if !ok {
		return nil
	}
	form := &kiosk.Form{Anonymous: keys["anonymous"].flag()}
	seen, consent := map[string]string{}, false
	for _, item := range keys["fields"].items(1, 10) {
		f, ok := l.field(item, class, seen)
		if !ok {
			continue
		}
		switch {
		case f.Kind == kiosk.FieldConsent && consent:
			item.failf("is a second consent, one is enough")
		case f.Kind == kiosk.FieldConsent:
			consent = true
		case f.Personal && !consent:
			item.failf("is personal and must come after the consent")
		case !f.Personal && consent:
			item.failf("is not personal and must come before the consent")
		}
		form.Fields = append(form.Fields, f)
	}
	if !consent && (class > kiosk.DataNone || form.Anonymous) {
		keys["fields"].failf("has no consent")
	}
	return form
}

// field reads one question. seen are the ids of the form's earlier ones.
func (l *loader) field(n node, class kiosk.DataClass, seen map[string]string) (kiosk.Field, bool) {
	keys, ok := n.mapping("id", "kind", "icon", "label", "short", "hint", "optional", "private",
		"personal", "options", "phrases", "max_len", "days", "consent", "items", "range", "slots", "events")
	if !ok {
		return kiosk.Field{}, false
	}
	f := kiosk.Field{
		ID:       keys["id"].word(isID, idRule),
		Kind:     kiosk.FieldKind(keys["kind"].word(isKind, "choice, text, phone, place, date, number, item, consent, slot or event")),
		Icon:     optionalWord(keys["icon"], isIcon, iconRule),
		Label:    l.text(keys["label"], size{20, 60}),
		Short:    l.text(keys["short"], size{8, 24}),
		Hint:     l.optionalText(keys["hint"], size{40, 130}),
		Optional: keys["optional"].flag(),
		Private:  keys["private"].flag(),
		Personal: keys["personal"].flag(),
	}
	if f.ID != "" {
		claim(seen, keys["id"], f.ID, "an earlier question")
	}
	l.kind(keys, &f)
	checkPrivacy(keys, f, class)
	return f, true
}

// kind reads what a question of its kind needs, and forbids what it has no use for.
func (l *loader) kind(keys map[string]node, f *kiosk.Field) {
	var useless []string
	switch f.Kind {
	case kiosk.FieldChoice:
		f.Options = l.options(keys["options"])
		useless = []string{"phrases", "max_len", "days", "consent"}
	case kiosk.FieldText, kiosk.FieldPlace:
		f.MaxLen = keys["max_len"].optionalNumber(1, 500)
		f.Phrases = l.phrases(keys["phrases"])
		useless = []string{"options", "days", "consent"}
	case kiosk.FieldPhone:
		useless = []string{"options", "phrases", "max_len", "days", "consent"}
	case kiosk.FieldDate:
		f.Days = keys["days"].optionalNumber(1, 31)
		useless = []string{"options", "phrases", "max_len", "consent"}
	case kiosk.FieldConsent:
		f.Consent = l.consent(keys["consent"])
		useless = []string{"options", "phrases", "max_len", "days", "optional", "personal"}
	case kiosk.FieldItem:
		f.Things = l.things(keys["items"])
		useless = []string{"options", "phrases", "max_len", "days", "consent", "optional", "personal"}
	case kiosk.FieldNumber:
		f.Range = l.numberRange(keys["range"])
		useless = []string{"options", "phrases", "max_len", "days", "consent"}
	case kiosk.FieldSlot:
		f.Slots = l.slots(keys["slots"])
		useless = []string{"options", "phrases", "max_len", "days", "consent", "optional", "personal", "events"}
	case kiosk.FieldEvent:
		f.Events = l.events(keys["events"], keys["days"].optionalNumber(1, 366))
		useless = []string{"options", "phrases", "max_len", "consent", "optional", "personal", "slots"}
	}
	if f.Kind != kiosk.FieldItem {
		useless = append(useless, "items")
	}
	if f.Kind != kiosk.FieldNumber {
		useless = append(useless, "range")
	}
	if !f.Seated() {
		useless = append(useless, "slots", "events")
	}
	forbid(keys, "means nothing for the kind "+string(f.Kind), useless...)
}

// checkPrivacy checks that what can tell who somebody is, or is sensitive, is
// treated so.
func checkPrivacy(keys map[string]node, f kiosk.Field, class kiosk.DataClass) {
	switch f.Kind {
	case kiosk.FieldPhone:
		if !f.Personal {
			keys["kind"].failf("is phone, which needs personal: true")
		}
		if class < kiosk.DataContact {
			keys["kind"].failf("is phone, which needs data_class 2 or 3")
		}
	case kiosk.FieldChoice, kiosk.FieldPlace, kiosk.FieldDate:
		if class == kiosk.DataSensitive && !f.Private {
			keys["kind"].failf("is %s, which needs private: true in data_class 3", f.Kind)
		}
		return
	}
	if f.Kind == kiosk.FieldItem && class == kiosk.DataSensitive {
		keys["kind"].failf("is item, which is never sealed: data_class 3 cannot have it")
	}
	forbid(keys, "means nothing for the kind "+string(f.Kind), "private")
}

// options reads the listed answers of a choice: what fits one screen.
func (l *loader) options(n node) []kiosk.Option {
	var all []kiosk.Option
	seen := map[string]string{}
	for _, item := range n.items(2, 6) {
		keys, ok := item.mapping("id", "icon", "name")
		if !ok {
			continue
		}
		o := kiosk.Option{
			ID:   keys["id"].word(isID, idRule),
			Icon: keys["icon"].word(isIcon, iconRule),
			Name: l.text(keys["name"], size{15, 40}),
		}
		if o.ID != "" {
			claim(seen, keys["id"], o.ID, "an earlier option")
		}
		all = append(all, o)
	}
	return all
}

// phrases reads the words that a resident can tap instead of writing.
func (l *loader) phrases(n node) []kiosk.Text {
	if !n.given() {
		return nil
	}
	var all []kiosk.Text
	for _, item := range n.items(1, 24) {
		all = append(all, l.text(item, size{12, 40}))
	}
	return all
}

// consent reads what a resident agrees to. All four answers are needed: a consent
// that leaves one out is none.
func (l *loader) consent(n node) *kiosk.Consent {
	keys, ok := n.mapping("what", "why", "who", "keep")
	if !ok {
		return nil
	}
	fits := size{60, 180}
	return &kiosk.Consent{
		What: l.text(keys["what"], fits),
		Why:  l.text(keys["why"], fits),
		Who:  l.text(keys["who"], fits),
		Keep: l.text(keys["keep"], fits),
	}
}

// isKind reports whether s is a kind of question.
func isKind(s string) bool {
	switch kiosk.FieldKind(s) {
	case kiosk.FieldChoice, kiosk.FieldText, kiosk.FieldPhone, kiosk.FieldPlace, kiosk.FieldDate, kiosk.FieldConsent,
		kiosk.FieldItem, kiosk.FieldNumber, kiosk.FieldSlot, kiosk.FieldEvent:
		return true
	}
	return false
}
