package pinyin_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk/pinyin"
)

func dictionary(t testing.TB) *pinyin.Dictionary {
	t.Helper()
	d, err := pinyin.New()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rank returns the place of a text among the first n candidates, from 1, or 0.
func rank(d *pinyin.Dictionary, letters, text string, n int, where pinyin.Context) int {
	return 1 + slices.IndexFunc(d.Candidates(letters, n, where), func(c pinyin.Candidate) bool { return c.Text == text })
}

// TestNamesStreetsAndPhrasesComeEarly holds the table of what residents of the city
// write: nine in ten right answers stand among the first five, also of those that no
// list of ours holds.
func TestNamesStreetsAndPhrasesComeEarly(t *testing.T) {
	d := dictionary(t)
	body, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all, listed, others tally
	for line := range strings.Lines(string(body)) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		where := pinyin.Anywhere
		if f[2] == "name" {
			where = pinyin.Name
		}
		at := rank(d, f[0], f[1], 20, where)
		all.add(at)
		if len(f) > 3 {
			listed.add(at)
		} else {
			others.add(at)
		}
		if at == 0 || at > 5 {
			t.Logf("%s %s: %d", f[0], f[1], at)
		}
	}
	t.Logf("%d of them: first %d, in the first five %d, further down %d, not at all %d", all.n, all.first, all.five, all.n-all.five-all.none, all.none)
	t.Logf("listed %d: first %d, in the first five %d; others %d: first %d, in the first five %d", listed.n, listed.first, listed.five, others.n, others.first, others.five)
	if all.n < 200 || 10*all.five < 9*all.n {
		t.Errorf("%d of %d stand in the first five, want nine in ten of at least 200", all.five, all.n)
	}
}

type tally struct{ n, first, five, none int }

func (c *tally) add(at int) {
	c.n++
	switch {
	case at == 0:
		c.none++
	case at == 1:
		c.first++
		c.five++
	case at <= 5:
		c.five++
	}
}

// TestNineKeysDoNearlyAsWell types the table on the keys of a phone, of which each
// stands for three or four letters.
func TestNineKeysDoNearlyAsWell(t *testing.T) {
	d := dictionary(t)
	body, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all tally
	eight := 0
	for line := range strings.Lines(string(body)) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		where := pinyin.Anywhere
		if f[2] == "name" {
			where = pinyin.Name
		}
		at := rank(d, pinyin.Keys(f[0]), f[1], 8, where)
		all.add(at)
		if at > 0 {
			eight++
		}
	}
	t.Logf("%d of them: first %d, in the first five %d, in the first eight %d", all.n, all.first, all.five, eight)
	if 10*all.five < 7*all.n {
		t.Errorf("%d of %d stand in the first five, want seven in ten", all.five, all.n)
	}
}

// TestRareCharactersOfNamesCanBeReached types one syllable where a given name goes.
func TestRareCharactersOfNamesCanBeReached(t *testing.T) {
	d := dictionary(t)
	for letters, char := range map[string]string{"zhe": "喆", "kun": "堃", "yan": "䶮", "hong": "𬭎", "ben": "犇", "di": "頔", "yue": "玥", "jun": "珺"} {
		if at := rank(d, letters, char, 40, pinyin.Given); at == 0 || at > 24 {
			t.Errorf("%s %s: place %d, want one of the first 24", letters, char, at)
		}
		if at := rank(d, letters, char, 1000, pinyin.Anywhere); at == 0 {
			t.Errorf("%s %s is not there outside of names", letters, char)
		}
	}
}

func TestCandidatesSayHowMuchTheyUse(t *testing.T) {
	d := dictionary(t)
	for _, c := range []struct {
		letters, text string
		used          int
	}{
		{"jilinshi", "吉林市", 8},
		{"jilinshi", "吉林", 5},
		{"JILIN SHI", "吉林市", 9},
		{"xi'an", "西安", 5},
		{"nüshi", "女士", 6},
		{"nvshi", "女士", 5},
		{"celue", "策略", 5},
		{"zhongg", "中国", 6}, // not finished
		{"s", "是", 1},
	} {
		found := d.Candidates(c.letters, 60, pinyin.Anywhere)
		i := slices.IndexFunc(found, func(f pinyin.Candidate) bool { return f.Text == c.text })
		if i < 0 || found[i].Used != c.used {
			t.Errorf("%s: got %v, want %s with %d used", c.letters, found[:min(9, len(found))], c.text, c.used)
		}
	}
	if rank(d, "xian", "西安", 20, pinyin.Anywhere) == 0 || rank(d, "xi'an", "先", 20, pinyin.Anywhere) != 0 {
		t.Error("an apostrophe does not part syllables")
	}
}

func TestCandidatesSayHowTheyWereRead(t *testing.T) {
	d := dictionary(t)
	for typed, want := range map[string]string{"9264": "wang", "54546744": "ji lin shi", "chuanyingqu": "chuan ying qu", "zhongg": "zhong g"} {
		if got := d.Candidates(typed, 1, pinyin.Anywhere); len(got) != 1 || got[0].Reading != want {
			t.Errorf("%s: got %+v, want the reading %q", typed, got, want)
		}
	}
}

func TestNothingComesOfNothing(t *testing.T) {
	d := dictionary(t)
	for _, letters := range []string{"", " ", "'", "1 0", "汉字", "\x00\xff"} {
		if got := d.Candidates(letters, 9, pinyin.Anywhere); len(got) != 0 {
			t.Errorf("%q: got %v", letters, got)
		}
	}
	if got := d.Candidates("jilin", 0, pinyin.Anywhere); len(got) != 0 {
		t.Errorf("none asked: got %v", got)
	}
}

func FuzzCandidates(f *testing.F) {
	d := dictionary(f)
	for _, seed := range []string{"jilinshi", "xi'an", "vvvv", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "nü'shi", "\xff a"} {
		f.Add(seed, 9)
	}
	f.Fuzz(func(t *testing.T, letters string, n int) {
		for _, c := range d.Candidates(letters, min(n, 50), pinyin.Name) {
			if c.Text == "" || c.Used <= 0 || c.Used > len(letters) {
				t.Errorf("%q: %+v", letters, c)
			}
		}
	})
}

func BenchmarkCandidates(b *testing.B) {
	d := dictionary(b)
	b.ReportAllocs()
	for b.Loop() {
		d.Candidates("xiashuidaodule", 24, pinyin.Anywhere)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		dictionary(b)
	}
}
