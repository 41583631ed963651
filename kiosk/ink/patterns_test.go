package ink

import (
	"math"
	"testing"
)

func TestDamagedPatternsAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{"empty": nil, "no gzip": []byte("RSI1"), "short": patternFile[:len(patternFile)/2]} {
		if _, err := unpack(b); err == nil {
			t.Errorf("%s: was opened", name)
		}
	}
}

func TestPatternsArePackedAndFound(t *testing.T) {
	drawn := []Stroke{{{0, 0}, {10, 0}}, {{5, -5}, {5, 5}}}
	b, err := Pack([]Pattern{{'十', 200, Describe(drawn)}, {'一', 200, Describe(drawn[:1])}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Match(drawn, 2, Anywhere); len(got) != 2 || got[0].Rune != '十' || got[0].Score < 0.98 {
		t.Errorf("got %v, want 十 nearly as drawn", got)
	}
}

// TestFeaturesDoNotDependOnSizeAndPlace moves and enlarges a drawing, and draws it
// with more points.
func TestFeaturesDoNotDependOnSizeAndPlace(t *testing.T) {
	a := Describe([]Stroke{{{0, 0}, {100, 20}}, {{40, -50}, {60, 80}}})
	b := Describe([]Stroke{{{500, 700}, {600, 720}, {700, 740}}, {{580, 600}, {600, 730}, {620, 860}}})
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 0.01 {
			t.Fatalf("feature %d: %v and %v", i, a[i], b[i])
		}
	}
}

func TestTopFindsTheBest(t *testing.T) {
	for n := range 12 {
		var s []scored
		for i := range 10 {
			s = append(s, scored{int32(i), float32((i*7 + 3) % 5)})
		}
		got := top(s, n)
		if len(got) != min(n, 10) {
			t.Fatalf("%d asked: got %d", n, len(got))
		}
		low := float32(5)
		for _, g := range got {
			low = min(low, g.score)
		}
		for _, rest := range s[len(got):] {
			if rest.score > low {
				t.Errorf("%d asked: %v was left out and %v taken", n, rest.score, low)
			}
		}
	}
}
