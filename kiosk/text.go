package kiosk

// Lang is a BCP 47 language subtag that the screens speak.
type Lang string

// The languages of the screens. A language is offered to residents only when all
// of its keys are there.
const (
	Chinese Lang = "zh"
	English Lang = "en"
	Korean  Lang = "ko"
)

// Langs lists them.
func Langs() []Lang { return []Lang{Chinese, English, Korean} }

// Text is a sentence or a name in several languages. Chinese is always there.
type Text map[Lang]string

// In returns the text in lang, or in Chinese where lang is missing.
func (t Text) In(lang Lang) string {
	if s := t[lang]; s != "" {
		return s
	}
	return t[Chinese]
}
