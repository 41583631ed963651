package touch

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/kiosk/ink"
	"redstation/kiosk/pinyin"
)

// Writing without a keyboard. The page sends what a finger drew, or the keys that it
// pressed, in the body of a POST and is told what that may mean. Nothing of it is kept
// or logged, and the answer goes back uncached.

const (
	inkURL    = "/ink"
	pinyinURL = "/pinyin"
	// mostFound is how many candidates an answer holds: several pages of keys.
	mostFound = 48
)

// pens are what reads handwriting and pinyin. They are made when the first resident
// writes: most never do.
type pens struct {
	ink    func() (*ink.Matcher, error)
	pinyin func() (*pinyin.Dictionary, error)
}

func newPens() pens { return pens{sync.OnceValues(ink.New), sync.OnceValues(pinyin.New)} }

// found is an answer: candidates, the likeliest first.
type found struct {
	Found   []pinyin.Candidate `json:"found"`
	Reading string             `json:"reading,omitempty"` // of the first one, in pinyin
}

// Where a text stands, as the page says it.
const (
	whereName  = "name"  // at the beginning of a person's name
	whereGiven = "given" // behind the family name
)

// drawn is a drawing: each stroke is x, y, x, y ..., in px of the pad.
type drawn struct {
	Where   string      `json:"where"`
	Strokes [][]float64 `json:"strokes"`
}

// readInk answers what a drawing may stand for.
func (s *screen) readInk(c echo.Context) error {
	var d drawn
	if err := readJSON(c, &d); err != nil {
		return err
	}
	m, err := s.pens.ink()
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInternal, "error.internal", "read handwriting: %w", err)
	}
	strokes := make([]ink.Stroke, 0, len(d.Strokes))
	for _, line := range d.Strokes {
		var stroke ink.Stroke
		for i := 0; i+1 < len(line); i += 2 {
			stroke = append(stroke, ink.Point{X: line[i], Y: line[i+1]})
		}
		strokes = append(strokes, stroke)
	}
	where := ink.Anywhere
	if d.Where == whereName {
		where = ink.Surname
	}
	answer := found{Found: []pinyin.Candidate{}}
	for _, f := range m.Match(strokes, mostFound, where) {
		answer.Found = append(answer.Found, pinyin.Candidate{Text: string(f.Rune)})
	}
	return c.JSON(http.StatusOK, answer)
}

// typed is what was pressed on keys that bear letters.
type typed struct {
	Where string `json:"where"`
	Typed string `json:"typed"`
}

// readPinyin answers what letters, or the keys that bear them, may stand for.
func (s *screen) readPinyin(c echo.Context) error {
	var t typed
	if err := readJSON(c, &t); err != nil {
		return err
	}
	d, err := s.pens.pinyin()
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInternal, "error.internal", "read pinyin: %w", err)
	}
	where := map[string]pinyin.Context{whereName: pinyin.Name, whereGiven: pinyin.Given}[t.Where]
	answer := found{Found: []pinyin.Candidate{}}
	answer.Found = append(answer.Found, d.Candidates(t.Typed, mostFound, where)...)
	if len(answer.Found) > 0 {
		answer.Reading = answer.Found[0].Reading
	}
	return c.JSON(http.StatusOK, answer)
}

// readJSON reads the body, which web's limit bounds. What is wrong with it is not
// repeated in the error: it is what somebody wrote.
func readJSON(c echo.Context, into any) error {
	if err := json.NewDecoder(c.Request().Body).Decode(into); err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "the body is not what the page sends")
	}
	return nil
}

// writingView is how a text is written: the ways, the usual one of the language first.
type writingView struct {
	Ways   []string // "draw", "pinyin", "abc", "hangul"
	Person bool     // a name is asked: family names come first
	Open   bool     // there is nothing to tap, so that the keys show at once
}

// phoneKey is a key of a phone, with the letters that it bears.
type phoneKey struct{ Digit, Letters string }

// Keys are the keys of a phone that bear letters.
func (writingView) Keys() []phoneKey {
	return []phoneKey{{"2", "abc"}, {"3", "def"}, {"4", "ghi"}, {"5", "jkl"}, {"6", "mno"}, {"7", "pqrs"}, {"8", "tuv"}, {"9", "wxyz"}}
}

// Alphabet are the letters of pinyin; v stands for ü.
func (writingView) Alphabet() []string { return strings.Split("abcdefghijklmnopqrstuvwxyz", "") }

// viewWriting returns the ways of a language. Whoever reads Korean writes Hangul; that
// page has no room for pinyin.
func viewWriting(f *kiosk.Field, phrases int, lang kiosk.Lang) *writingView {
	ways := map[kiosk.Lang][]string{
		kiosk.Chinese: {"draw", "pinyin", "abc"},
		kiosk.English: {"abc", "draw", "pinyin"},
		kiosk.Korean:  {"hangul", "abc", "draw"},
	}[lang]
	return &writingView{Ways: ways, Person: asksName(f.ID), Open: phrases == 0}
}

// asksName says whether a field is for the name of a person, which its id tells.
func asksName(id string) bool { return id == "name" || strings.HasSuffix(id, "_name") }
