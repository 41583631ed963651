package kiosk

import (
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// Range is what a number may be.
type Range struct {
	Least, Most float64
	Decimals    int    // 0 to 2: how many digits may stand behind the point
	Unit        Text   // "mmHg"
	Below       string // id of a field before it whose number must be greater, or ""
}

// check normalises a number and returns the key of what is wrong with it, or "". Full
// width digits and a comma for the point are taken; "5.60" becomes "5.6".
func (r *Range) check(n *Answer) string {
	s := strings.Map(func(c rune) rune {
		switch c {
		case ' ':
			return -1
		case ',', '。':
			return '.'
		}
		return c
	}, width.Narrow.String(n.Value))
	whole, part, _ := strings.Cut(s, ".")
	if strings.Trim(whole+part, "0123456789") != "" || whole == "" || len(whole) > 6 {
		return "error.no_number"
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "error.no_number"
	}
	if len(strings.TrimRight(part, "0")) > r.Decimals || v < r.Least || v > r.Most {
		return "error.range"
	}
	n.Value = strconv.FormatFloat(v, 'f', -1, 64)
	return ""
}

// checkThing checks which thing is wanted, and the tag of the very one.
func (f *Field) checkThing(n *Answer) string {
	t, ok := f.Thing(n.Value)
	if !ok {
		return "error.item"
	}
	if n.Detail == "" {
		return ""
	}
	tag, err := ParseAssetTag(n.Detail)
	if err != nil {
		return "error.asset"
	}
	if tag.Code() != t.Code {
		return "error.asset_other"
	}
	n.Detail = string(tag)
	return ""
}

// inOrder returns the first field whose number must be less than an earlier one's and
// is not.
func (f *Form) inOrder(kept Answers) (*Field, bool) {
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Kind != FieldNumber || field.Range.Below == "" {
			continue
		}
		low, errLow := strconv.ParseFloat(kept[field.ID].Value, 64)
		high, errHigh := strconv.ParseFloat(kept[field.Range.Below].Value, 64)
		if errLow == nil && errHigh == nil && low >= high {
			return field, false
		}
	}
	return nil, true
}
