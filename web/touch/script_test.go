package touch_test

import (
	"regexp"
	"testing"

	"redstation/web/touch"
)

// scriptMost is what all script of a page may weigh before compression, in bytes: a
// Pi reads and compiles it before a resident can do anything.
const scriptMost = 40_000

func TestScriptStaysSmall(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{Wedge: true})
	for _, path := range []string{"/", worry} {
		total := 0
		for _, m := range regexp.MustCompile(`<script[^>]* src="([^"]+)"`).FindAllStringSubmatch(r.get(path).body, -1) {
			total += len(r.get(m[1]).want(200).body)
		}
		if total < 10_000 || total >= scriptMost {
			t.Errorf("%s loads %d bytes of script, at most %d may be", path, total, scriptMost)
		}
		t.Logf("%s: %d bytes of script", path, total)
	}
}
