package kiosk

import "testing"

// TestEverySlipWordIsInEveryLanguage finds a word of the slips that would be printed in
// Chinese on a slip in another language.
func TestEverySlipWordIsInEveryLanguage(t *testing.T) {
	if len(slipWords) < 10 {
		t.Fatalf("got %d words", len(slipWords))
	}
	for key, word := range slipWords {
		for _, lang := range Langs() {
			if word[lang] == "" {
				t.Errorf("%s lacks %s", key, lang)
			}
		}
	}
}
