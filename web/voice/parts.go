package voice

import (
	"fmt"
	"strconv"
	"strings"

	"redstation/kiosk"
)

// Parts returns the texts of which numbers, times, dates and labels are put
// together in a language. A number up to 99 is one clip, since its digits run into
// each other when people say it; longer ones, and those that begin with 0, are said
// digit by digit, as people read a number out.
func Parts(lang kiosk.Lang) []string {
	var out []string
	for n := range 100 {
		out = append(out, strconv.Itoa(n))
	}
	for l := 'A'; l <= 'Z'; l++ {
		out = append(out, string(l))
	}
	switch lang {
	case kiosk.Chinese:
		out = append(out, "号", "点", "点整", "分", "年", "月", "日", "零", "第", "共")
		for n := range 10 {
			out = append(out, "零"+strconv.Itoa(n))
		}
	case kiosk.Korean:
		out = append(out, "번", "시", "분", "년", "월", "일")
		out = append(out, hours[:]...)
	default:
		out = append(out, "o'clock", "number")
		out = append(out, months[:]...)
		for n := range 10 {
			out = append(out, "oh "+strconv.Itoa(n))
		}
	}
	return out
}

// hours are Korean: the hour of the day is told in other numerals than the minute.
var hours = [...]string{"열두", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한"}

var months = [...]string{"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December"}

// parts takes an atom apart into texts that have clips.
func parts(lang kiosk.Lang, atom string) []string {
	var hour, minute, year, month, day int
	if n, err := fmt.Sscanf(atom, "%d:%d", &hour, &minute); err == nil && n == 2 && hour < 24 && minute < 60 {
		return timeParts(lang, hour, minute)
	}
	if n, err := fmt.Sscanf(atom, "%4d-%2d-%2d", &year, &month, &day); err == nil && n == 3 && month >= 1 && month <= 12 && day >= 1 && day <= 31 {
		return dateParts(lang, year, month, day)
	}
	if strings.Trim(atom, "0123456789:-") != "" && (strings.ToUpper(atom) != atom || len(atom) > 4) {
		return []string{atom} // a word that nobody has said
	}
	return strings.Split(strings.Map(func(r rune) rune {
		if r == ':' || r == '-' {
			return -1
		}
		return r
	}, atom), "")
}

func timeParts(lang kiosk.Lang, hour, minute int) []string {
	h, m := strconv.Itoa(hour), strconv.Itoa(minute)
	switch {
	case lang == kiosk.Korean && minute == 0:
		return []string{hours[hour%12], "시"}
	case lang == kiosk.Korean:
		return []string{hours[hour%12], "시", m, "분"}
	case lang == kiosk.Chinese && minute == 0:
		return []string{h, "点整"}
	case lang == kiosk.Chinese && minute < 10:
		return []string{h, "点", "零" + m, "分"}
	case lang == kiosk.Chinese:
		return []string{h, "点", m, "分"}
	case minute == 0:
		return []string{h, "o'clock"}
	case minute < 10:
		return []string{h, "oh " + m}
	}
	return []string{h, m}
}

func dateParts(lang kiosk.Lang, year, month, day int) []string {
	m, d := strconv.Itoa(month), strconv.Itoa(day)
	switch lang {
	case kiosk.Chinese:
		return append(strings.Split(strconv.Itoa(year), ""), "年", m, "月", d, "日")
	case kiosk.Korean:
		return append(strings.Split(strconv.Itoa(year), ""), "년", m, "월", d, "일")
	}
	return []string{d, months[month-1], strconv.Itoa(year / 100), strconv.Itoa(year % 100)}
}
