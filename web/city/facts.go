package city

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"redstation/kiosk"
)

// pair is one fact in words: "服务: 烦心事登记". Code is the key as it was written.
type pair struct {
	Code  string
	Label string // "" where this program has no word for the key
	Value string
	Minor bool // of use to programs, or said elsewhere in the record
}

// minor are the facts that a row of the log leaves out.
var minor = []string{"index", "public", "capsule", "pack", "data_class", "slip", "series", "day", "route", "consent.text", "consent.lang",
	"before", "log", "urgent", "city_key", "true_ms",
	"cpu_celsius", "under_voltage", "under_voltage_seen", "throttled", "temp_limited", "memory_free_mib", "memory_mib", "load_1min", "cores",
	"disk_free_mib", "disk_mib", "card_worn_percent", "card_reserve", "air_celsius", "air_humidity_percent", "uptime_s"}

// unlisted are the facts that a row leaves out, too, though a record says them first.
var unlisted = []string{"ticket.issued number", "request.filed consent.given"}

// facts puts a record's facts into words, in their order. With brief set it leaves
// the minor ones out.
func (v voice) facts(kind kiosk.Kind, raw []byte, brief bool) []pair {
	leaves := flatten(raw)
	svc := v.serviceOf(leaves)
	pairs := make([]pair, 0, len(leaves))
	for _, l := range leaves {
		p := pair{Code: l.path, Label: v.factLabel(kind, l.path, svc), Value: v.factValue(kind, l, svc), Minor: slices.Contains(minor, l.path)}
		if brief && (p.Minor || p.Value == "" || slices.Contains(unlisted, string(kind)+" "+l.path)) {
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// sealedFields puts opened fields into words. svc is the service of the record.
func (v voice) sealedFields(raw []byte, svc *kiosk.Service) []pair {
	leaves := flatten(raw)
	pairs := make([]pair, 0, len(leaves))
	for _, l := range leaves {
		base, isDetail := strings.CutSuffix(l.path, ".detail")
		label := v.fieldName(svc, base)
		if label == "" {
			label = v.either("", "city.field."+base)
		}
		if isDetail && label != "" {
			label = v.say("city.field.detail_of", "field", label)
		}
		pairs = append(pairs, pair{Code: l.path, Label: label, Value: v.choice(svc, base, l.value)})
	}
	return pairs
}

// serviceOf finds the service that the facts name.
func (v voice) serviceOf(leaves []leaf) *kiosk.Service {
	for _, l := range leaves {
		if l.path == "service" && v.catalogue != nil {
			if svc, _, ok := v.catalogue.Service(l.value); ok {
				return svc
			}
		}
	}
	return nil
}

func (v voice) factLabel(kind kiosk.Kind, path string, svc *kiosk.Service) string {
	if id, ok := strings.CutPrefix(path, "choices."); ok {
		return v.fieldName(svc, id)
	}
	return v.either("", "city.fact."+string(kind)+"."+path, "city.fact."+path)
}

func (v voice) factValue(kind kiosk.Kind, l leaf, svc *kiosk.Service) string {
	if id, ok := strings.CutPrefix(l.path, "choices."); ok {
		return v.choice(svc, id, l.value)
	}
	switch {
	case strings.HasPrefix(l.path, "devices."):
		return v.either(l.value, "city.value.device."+l.value)
	case l.path == "service" && svc != nil:
		return svc.Name.In(v.lang)
	case l.isBool:
		return v.say("city.value." + l.value)
	}
	return v.either(l.value, "city.value."+string(kind)+"."+l.path+"."+l.value, "city.value."+l.path+"."+l.value)
}

// fieldName returns the short name of a form's field, "" where it is not known.
func (v voice) fieldName(svc *kiosk.Service, id string) string {
	if svc == nil || svc.Form == nil {
		return ""
	}
	f, ok := svc.Form.Field(id)
	if !ok {
		return ""
	}
	if name := f.Short.In(v.lang); name != "" {
		return name
	}
	return f.Label.In(v.lang)
}

// choice returns the name of a chosen option or place, or the value itself.
func (v voice) choice(svc *kiosk.Service, id, value string) string {
	if svc == nil || svc.Form == nil {
		return value
	}
	f, ok := svc.Form.Field(id)
	if !ok {
		return value
	}
	if o, ok := f.Option(value); ok {
		return o.Name.In(v.lang)
	}
	if f.Kind == kiosk.FieldPlace {
		for _, p := range v.catalogue.Places {
			if p.ID == value {
				return p.Name.In(v.lang)
			}
		}
	}
	return value
}

// leaf is a scalar of a JSON document and its path: "choices.category".
type leaf struct {
	path   string
	value  string
	isBool bool
}

// The bounds of what is taken apart; deeper parts stay JSON, more are left out.
const (
	maxDepth  = 6
	maxLeaves = 500
)

// flatten takes a JSON document apart in its order. What is no JSON is one leaf
// without a path: records come from many versions of the program, and a reader
// must see what is there.
func flatten(raw []byte) []leaf {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var leaves []leaf
	err := walk(dec, "", 0, &leaves)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return leaves
		}
	}
	return []leaf{{value: strings.ToValidUTF8(string(raw), "\uFFFD")}}
}

func walk(dec *json.Decoder, path string, depth int, out *[]leaf) error {
	if depth >= maxDepth {
		var rest json.RawMessage
		if err := dec.Decode(&rest); err != nil {
			return err
		}
		add(out, leaf{path: path, value: string(rest)})
		return nil
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		return walkInto(dec, tok, path, depth+1, out)
	case bool:
		add(out, leaf{path, fmt.Sprint(tok), true})
	case nil:
		add(out, leaf{path: path})
	default:
		add(out, leaf{path: path, value: fmt.Sprint(tok)})
	}
	return nil
}

func walkInto(dec *json.Decoder, open json.Delim, path string, depth int, out *[]leaf) error {
	for i := 0; dec.More(); i++ {
		part := fmt.Sprint(i + 1)
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			part = fmt.Sprint(key)
		}
		if path != "" {
			part = path + "." + part
		}
		if err := walk(dec, part, depth, out); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func add(out *[]leaf, l leaf) {
	if len(*out) < maxLeaves {
		*out = append(*out, l)
	}
}
