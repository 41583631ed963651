package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// configFile is a config file: one YAML mapping from flag names to single values,
// for one service. A key may be a flag of any command of the same family (hub, hub
// enrol, hub token ...), so that they can share a file; any other key is a mistake.
type configFile struct {
	name   string
	values map[string]*yaml.Node
}

// maxConfig is the most bytes that a config file may have.
const maxConfig = 1 << 20

// readConfig reads the file and holds its keys against the flags of the command.
func readConfig(name string, k *kong.Context) (*configFile, error) {
	f, err := os.Open(name)
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("config file %s cannot be read (%w): name one that this user may read", name, err)
	}
	defer f.Close()
	var doc yaml.Node
	if err := yaml.NewDecoder(io.LimitReader(f, maxConfig)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("config file %s: %w (a value with a colon wants quotes)", name, err)
	}
	c := &configFile{name: name, values: map[string]*yaml.Node{}}
	if len(doc.Content) == 0 {
		return c, nil // an empty file sets nothing
	}
	return c, c.take(doc.Content[0], family(k))
}

// family returns the names of all flags that belong to the selected command: its
// own, those above it, and those of its sister commands.
func family(k *kong.Context) []string {
	top := k.Selected()
	if top == nil {
		top = k.Model.Node
	}
	for top.Parent != nil && top.Parent.Type != kong.ApplicationNode {
		top = top.Parent
	}
	var names []string
	add := func(n *kong.Node) {
		for _, f := range n.Flags {
			names = append(names, f.Name)
		}
	}
	add(k.Model.Node)
	family := []*kong.Node{top}
	if top.Name == doctorCommand { // it looks at a booth, by the booth's file
		family = append(family, k.Model.Children...)
		family = slices.DeleteFunc(family, func(n *kong.Node) bool { return n.Name != doctorCommand && n.Name != boothCommand })
	}
	for nodes := family; len(nodes) > 0; nodes = nodes[1:] {
		add(nodes[0])
		nodes = append(nodes, nodes[0].Children...)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "help" || n == "config" })
}

// take reads the mapping. Keys and values alternate in a YAML mapping's content.
func (c *configFile) take(root *yaml.Node, known []string) error {
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("config file %s:%d: want lines of the form \"flag: value\"", c.name, root.Line)
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			return fmt.Errorf("config file %s:%d: unknown key %q: the keys of this command are its flags without the dashes", c.name, key.Line, key.Value)
		case value.Kind != yaml.ScalarNode:
			return fmt.Errorf("config file %s:%d: %q takes a single value", c.name, value.Line, key.Value)
		case c.values[key.Value] != nil:
			return fmt.Errorf("config file %s:%d: %q stands there twice", c.name, key.Line, key.Value)
		}
		c.values[key.Value] = value
	}
	return nil
}

// Validate implements kong.Resolver; readConfig has done it.
func (c *configFile) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. The environment wins over the file.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := c.values[flag.Name]
	if !ok || v.Tag == "!!null" {
		return nil, nil
	}
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	return v.Value, nil
}
