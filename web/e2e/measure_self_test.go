package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestTheMeasureSeesFaults holds the measure against a page whose faults are known:
// one that finds nothing anywhere would look like a perfect screen.
func TestTheMeasureSeesFaults(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.FileServer(http.Dir("testdata")))
	t.Cleanup(server.Close)
	b := open(t, common(), server.URL)
	b.expect("favicon")
	b.visit("/faults.html")
	wrong := b.measure().judge(common())
	for _, want := range []string{
		"overflows to the right by 10.2 mm",
		"“low” is 23.8 x 18.7 mm, wants 20 x 20",
		"“near” and button “nearer” are 1.7 mm apart",
		"“under” and button “over” are -",
		"“under” is covered in its middle",
		"“beside” lies outside the panel",
		"“small” is 4.2 mm, wants 5",
		"“cut off here” is cut off",
		"“beneath” lies under a target",
	} {
		if !slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, want) }) {
			t.Errorf("the measure does not say: %s", want)
		}
	}
	for _, w := range wrong {
		for _, innocent := range []string{"“good”", "“key”", "“unseen”"} {
			if strings.Contains(w, innocent) {
				t.Errorf("the measure says: %s", w)
			}
		}
	}
	found := strings.Join(b.axe(), "\n")
	for _, want := range []string{"axe color-contrast-enhanced", "axe color-contrast:"} {
		if !strings.Contains(found, want) {
			t.Errorf("%s is missing in: %s", want, found)
		}
	}
}
