package main

import (
	"fmt"
	"os"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

// packFlag is the flag of every command that shows services.
type packFlag struct {
	Pack string `placeholder:"DIR" help:"Offer the content pack in this folder instead of the built-in one."`
}

// catalogue reads the pack. What is wrong with it is told with file, line and
// field; where it is more than one thing, each stands on a line of its own.
func (p packFlag) catalogue() (*kiosk.Catalogue, error) {
	if p.Pack == "" {
		return catalog.Default()
	}
	if info, err := os.Stat(p.Pack); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("content pack %s is not a folder: name the one that holds pack.yaml", p.Pack)
	}
	c, err := catalog.Load(os.DirFS(p.Pack))
	if err != nil {
		return nil, fmt.Errorf("content pack %s: %w", p.Pack, err)
	}
	return c, nil
}
