package kiosk

import (
	"strconv"
	"strings"
	"time"
)

// twinWords are the words of privacy notices and paper twins. What a service asks
// stands in the catalogue.
var twinWords = map[string]Text{
	"notice":   {Chinese: "个人信息告知", English: "Privacy notice", Korean: "개인정보 안내"},
	"what":     {Chinese: "留什么", English: "What we keep", Korean: "남기는 내용"},
	"why":      {Chinese: "做什么用", English: "What for", Korean: "사용 목적"},
	"who":      {Chinese: "谁能看到", English: "Who sees it", Korean: "볼 수 있는 사람"},
	"how_long": {Chinese: "留多久", English: "How long", Korean: "보관 기간"},
	"rights":   {Chinese: "可以随时凭回执查看、更正、删除，也可以收回同意。", English: "With your receipt you may see, correct or delete it at any time, or take your consent back.", Korean: "접수증으로 언제든지 열람, 정정, 삭제하거나 동의를 철회할 수 있습니다."},
	"form":     {Chinese: "纸质表", English: "Paper form", Korean: "종이 양식"},
	"pen":      {Chinese: "用笔填写，在□里打√。填好交给驿站工作人员录入，录入后给您回执。", English: "Fill in with a pen and tick the boxes □. Hand it to the staff of the station: they type it in and give you a receipt.", Korean: "펜으로 쓰고 □에 표시해 주세요. 다 쓰면 역참 직원에게 주세요. 입력한 뒤 접수증을 드립니다."},
	"yes":      {Chinese: "同意", English: "I agree", Korean: "동의"},
	"no":       {Chinese: "不同意", English: "I do not agree", Korean: "동의 안 함"},
	"optional": {Chinese: "可以不填", English: "may be left out", Korean: "쓰지 않아도 됨"},
	"personal": {Chinese: "不同意就不填", English: "leave out if you do not agree", Korean: "동의하지 않으면 비워 두세요"},
	"date":     {Chinese: "____年 ____月 ____日", English: "Year ______ month ____ day ____", Korean: "____년 ____월 ____일"},
	"detail":   {Chinese: "具体位置", English: "Where exactly", Korean: "자세한 위치"},
}

// placesOnPaper is how many places a twin lists; more than that are written by hand.
const placesOnPaper = 12

// twinReceipt is the form on paper.
func (b *Booth) twinReceipt(c *Catalogue, s *Service, slip Slip) Receipt {
	w := func(key string) string { return twinWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip),
		Line{Text: w("form"), Bold: true, Align: Center},
		Line{Text: "P" + slip.Number[:4] + " " + slip.Number[4:], Size: Large, Bold: true, Align: Center},
		Line{Text: w("pen")}, Line{Rule: true})
	n := 0
	for i := range s.Form.Fields {
		n++
		lines = append(lines, twinField(c, &s.Form.Fields[i], strconv.Itoa(n), slip.Lang, s.Form.Anonymous)...)
	}
	return Receipt{Lines: append(lines, b.slipTime(slip), Line{Feed: 1})}
}

// twinField is one question with the room for its answer.
func twinField(c *Catalogue, f *Field, number string, lang Lang, anonymous bool) []Line {
	w := func(key string) string { return twinWords[key].In(lang) }
	label := number + ". " + f.Label.In(lang)
	switch {
	case f.Personal && anonymous:
		label += " (" + w("personal") + ")"
	case f.Optional:
		label += " (" + w("optional") + ")"
	}
	lines := []Line{{Text: label, Bold: true}}
	box := func(text string) { lines = append(lines, Line{Text: "□ " + text}) }
	switch f.Kind {
	case FieldChoice:
		for _, o := range f.Options {
			box(o.Name.In(lang))
		}
	case FieldPlace:
		if len(c.Places) <= placesOnPaper {
			for _, p := range c.Places {
				box(p.Name.In(lang))
			}
		} else {
			lines = append(lines, pen(1)...)
		}
		lines = append(lines, Line{Text: w("detail")})
		lines = append(lines, pen(1)...)
	case FieldPhone:
		lines = append(lines, Line{Text: strings.Join([]string{strings.Repeat("□", 3), strings.Repeat("□", 4), strings.Repeat("□", 4)}, " "), Size: Large})
	case FieldSlot:
		lines = append(append(lines, Line{Feed: 1}, Line{Text: w("date")}), pen(1)...)
	case FieldEvent:
		for _, e := range f.Events.List {
			box(e.Name.In(lang))
		}
	case FieldDate:
		lines = append(lines, Line{Feed: 1}, Line{Text: w("date")})
	case FieldConsent:
		for _, t := range []Text{f.Consent.What, f.Consent.Why, f.Consent.Who, f.Consent.Keep} {
			lines = append(lines, Line{Text: "· " + t.In(lang)})
		}
		box(w("yes"))
		box(w("no"))
	case FieldText:
		n := 2
		if f.MaxLen > 0 && f.MaxLen <= 20 { // a name
			n = 1
		}
		lines = append(lines, pen(n)...)
	default:
		lines = append(lines, pen(1)...)
	}
	return append(lines, Line{Feed: 1})
}

// pen is so many lines to write on, 9 mm apart.
func pen(n int) []Line {
	var lines []Line
	for range n {
		lines = append(lines, Line{Feed: 5}, Line{Rule: true})
	}
	return lines
}

// twinAgain is the twin's slip on a reprint, by what is offered now.
func (b *Booth) twinAgain(s *Service, slip Slip) Receipt {
	if s.Form == nil || len(slip.Number) != twinDigits {
		return Receipt{Lines: append(b.slipHead(s, slip), Line{Text: slip.At.In(b.zone).Format(time.DateOnly)})}
	}
	return b.twinReceipt(b.Catalogue(), s, slip)
}
