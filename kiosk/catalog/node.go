package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a place in a file: a YAML node and the path that leads to it. Where the
// key is missing, yaml is nil and line is that of the mapping that should have it.
type node struct {
	found *findings
	file  string
	field string
	yaml  *yaml.Node
	line  int
}

// failf notes a finding at the node.
func (n node) failf(format string, args ...any) {
	n.found.add(n.file, n.line, n.field, fmt.Sprintf(format, args...))
}

// given reports whether the key is there at all.
func (n node) given() bool { return n.yaml != nil }

// child returns the node of a key in n, or of an absent one where y is nil.
func (n node) child(key string, y *yaml.Node) node {
	c := node{found: n.found, file: n.file, field: key, yaml: y, line: n.line}
	if n.field != "" {
		c.field = n.field + "." + key
	}
	if y != nil {
		c.line = y.Line
	}
	return c
}

// mapping returns the node of every known key, absent ones too, and notes unknown
// and doubled keys. ok is false where n is not a mapping.
func (n node) mapping(known ...string) (keys map[string]node, ok bool) {
	if !n.given() {
		n.failf("is missing")
		return nil, false
	}
	if n.yaml.Kind != yaml.MappingNode {
		n.failf("must be keys with values: %s", strings.Join(known, ", "))
		return nil, false
	}
	keys = make(map[string]node, len(known))
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		key, value := n.yaml.Content[i], n.yaml.Content[i+1]
		at := n.child(key.Value, value)
		at.line = key.Line
		switch _, twice := keys[key.Value]; {
		case !slices.Contains(known, key.Value):
			n.found.add(n.file, key.Line, n.field, fmt.Sprintf("unknown key %q; known here: %s", clip(key.Value), strings.Join(known, ", ")))
		case twice:
			at.failf("stands here twice")
		default:
			keys[key.Value] = at
		}
	}
	for _, key := range known {
		if _, have := keys[key]; !have {
			keys[key] = n.child(key, nil)
		}
	}
	return keys, true
}

// items returns the nodes of a list of at least least and at most most entries.
func (n node) items(least, most int) []node {
	if !n.given() {
		n.failf("is missing")
		return nil
	}
	if n.yaml.Kind != yaml.SequenceNode {
		n.failf("must be a list")
		return nil
	}
	if got := len(n.yaml.Content); got < least {
		n.failf("needs at least %d of these, has %d", least, got)
	} else if got > most {
		n.failf("has %d of these, at most %d fit", got, most)
		return nil
	}
	var all []node
	for i, y := range n.yaml.Content {
		all = append(all, node{found: n.found, file: n.file, field: fmt.Sprintf("%s[%d]", n.field, i), yaml: y, line: y.Line})
	}
	return all
}

// scalar returns the value as it is written. ok is false, and a finding noted,
// where it is missing, empty, a list or a mapping.
func (n node) scalar() (s string, ok bool) {
	switch {
	case !n.given(), n.yaml.Kind == yaml.ScalarNode && n.yaml.Value == "", n.yaml.ShortTag() == "!!null":
		n.failf("is missing")
	case n.yaml.Kind != yaml.ScalarNode:
		n.failf("must be one value")
	default:
		return n.yaml.Value, true
	}
	return "", false
}

// word returns a value that fits ok; want says in words what fits.
func (n node) word(fits func(string) bool, want string) string {
	s, ok := n.scalar()
	if ok && !fits(s) {
		n.failf("is %q, must be %s", clip(s), want)
		return ""
	}
	return s
}

// number returns a whole number from least to most.
func (n node) number(least, most int) int {
	s, ok := n.scalar()
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(s)
	if err != nil || i < least || i > most {
		n.failf("is %q, must be a whole number from %d to %d", clip(s), least, most)
		return 0
	}
	return i
}

// optionalNumber is number, and 0 where the key is not given.
func (n node) optionalNumber(least, most int) int {
	if !n.given() {
		return 0
	}
	return n.number(least, most)
}

// flag returns true or false, and false where the key is not given.
func (n node) flag() bool {
	if !n.given() {
		return false
	}
	s := n.word(func(s string) bool { return s == "true" || s == "false" }, "true or false")
	return s == "true"
}

// forbid notes each of the keys that is given though it means nothing here.
func forbid(keys map[string]node, why string, names ...string) {
	for _, name := range names {
		if keys[name].given() {
			keys[name].failf("%s", why)
		}
	}
}

// clip shortens a value for a finding.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
