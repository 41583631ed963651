package pinyin

import (
	"bytes"
	"compress/gzip"
	"testing"
)

func TestDamagedWordsAreRefused(t *testing.T) {
	pack := func(s string) []byte {
		var b bytes.Buffer
		zw := gzip.NewWriter(&b)
		if _, err := zw.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := zw.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, b := range map[string][]byte{
		"empty": nil, "no gzip": []byte("ji\t机a\n"), "cut": wordFile[:len(wordFile)/2], "no words": pack(""),
		"no tab": pack("ji机a\n"), "no end": pack("ji\t机a"), "no syllables": pack("\t机a\n"),
	} {
		if _, err := open(b); err == nil {
			t.Errorf("%s: was opened", name)
		}
	}
	d, err := open(pack("ji\t机c鸡b*吉a+*\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []word
	d.words(0, func(w word) bool { got = append(got, w); return true })
	want := []word{{"机", 2, false, false}, {"鸡", 1, false, true}, {"吉", 0, true, true}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %v, want %v", got, want)
	}
}
