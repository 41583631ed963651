package catalog_test

import (
	"testing"

	"redstation/kiosk/catalog"
)

func TestDefault(t *testing.T) {
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Functions {
		for _, s := range f.Services {
			if s.Open() {
				t.Log(s.ID, s.Name.In("zh"), s.Actions)
			}
		}
	}
}
