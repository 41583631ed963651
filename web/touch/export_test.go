package touch

import (
	"fmt"
	"io/fs"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/assets"
	"redstation/web/locale"
	"redstation/web/voice"
)

// PrintOf is what a slip's page says about its paper.
var PrintOf = printOf

// Pages returns the parsed pages and the words that they speak.
func Pages() (*web.Pages, *locale.Words, error) {
	set, err := assets.New(bundles())
	if err != nil {
		return nil, nil, err
	}
	words, err := locale.Load(locale.Shared())
	if err != nil {
		return nil, nil, err
	}
	dir, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, nil, err
	}
	pages, err := web.ParsePages(dir, web.PagesOpts{Words: words, Assets: set, Langs: kiosk.Langs(),
		Say: saying(voice.New(nil, voice.Clips()))})
	return pages, words, err
}

// Views returns for every page a zero view and full ones.
func Views() map[string][]any {
	f := frame{Name: "any", Title: "题", Station: "北山", BoothID: "07", Clock: clockView{"09:41", 1, 8 * 3600, true},
		Line: lineView{"down", 12}, Back: "/", Return: "/", Wedge: true, Prefs: prefs{kiosk.English, true, true, true}, Staff: true, Langs: kiosk.Langs()}
	sub := subject{ID: "3.1", Function: "诉求", Icon: "megaphone", Family: kiosk.Civic, Name: "烦", Summary: "说", Hours: "早"}
	tiles := []tile{{"/f/1", 1, "scale", kiosk.Civic, "甲", "乙"}, {Href: "/f/2", Icon: "no-such-icon", Label: "丙"}}
	form := formFrame{frame: f, Service: sub, Action: "/s/3.1/form", Step: 2, Steps: 4, At: "x", Checked: true, Hidden: []hidden{{"a.x", `"`}}}
	form.Draft = true
	v := map[string][]any{
		"home":     {homePage{}, homePage{f, tiles, "/s/12.2/call", "求助"}},
		"function": {functionPage{}, functionPage{f, 3, "scale", kiosk.Daily, tiles, []string{"丁"}}},
		"service":  {servicePage{}, servicePage{f, sub, tiles, "", "", 0, false, ""}, servicePage{f, sub, nil, "始", "/s/3.1/form", 7, true, "/help/3.1"}},
		"info":     {infoPage{}, infoPage{f, sub, kiosk.ID{1}, []sectionView{{"头", []string{"行"}}, {Lines: []string{"行"}}}, "源", "2026-11-23", true, []noticeView{{"n", "水", []string{"存"}, "今", "long"}}}},
		"urgent":   {noticeView{}, noticeView{"n", "水", []string{"存"}, "今", "long"}},
		"attract":  {attractPage{}, attractPage{"北山", f.Clock, "今", "王 · 民警", &attractEvent{"课", "明", "室"}, []noticeView{{"n", "水", nil, "今", "short"}, {}}}},
		"duty":     {dutyPage{}, dutyPage{f, "07-3", "王", "民警", "今 08:00", "/s/12.5/form", []watchRow{{"昨 20:00", "社工", "07-2"}}}},
		"ticket":   {ticketPage{}, ticketPage{f, sub, kiosk.ID{1}, "坐", "等"}},
		"call":     {callPage{}, callPage{f, sub, kiosk.ID{1}, "叫人", false, "", []phoneView{{"急救", "120"}}}, callPage{f, sub, kiosk.ID{1}, "叫人", true, "09:41", nil}},
		"results":  {resultsPage{}, resultsPage{f, sub, 7, []resultsView{{"问", []barView{{"选", 3, 43}, {"别", 0, 0}}}}}, resultsPage{f, sub, 2, nil}},
		"answer":   {answerPage{}, answerPage{f, true, kiosk.ID{1}, "09:41", "烦"}},
		"check":    {checkView{}, checkView{form, "/s/3.1/submit", "错", []answerRow{{"a", "甲", "乙", "乙", "scale"}, {Page: "b"}}}},
		"leave":    {leavePage{}, leavePage{f, "烦", "/s/3.1/form"}},
		"help":     {helpPage{}, helpPage{f, sub, "/s/3.1/form?helped", "/s/3.1/twin", kiosk.ID{1}}},
		"confirm":  {confirmView{}, confirmView{form, "/s/3.1/submit", []answerRow{{"a", "甲", "乙", "乙", "scale"}, {Page: "b"}}}},
		"twins":    {twinsPage{}, twinsPage{f, tiles}},
		"fail":     {failPage{}, failPage{f, 500, "坏", "ABCDE"}},
		"sim":      {simPage{}, simPage{f, DeviceState{kiosk.PrinterReady, true, true, true, true, true}, []paperView{{1, "09:41:07"}}}},
	}
	v["simstate"] = v["sim"]
	receiptViews(v, f)
	staffViews(v, f)
	setupViews(v, f)
	bookingViews(v, f, form)
	lendingViews(v, f)
	for _, kind := range []string{"choice", "text", "phone", "place", "detail", "date", "consent", "item", "asset", "number", ""} {
		q := questionView{Kind: kind, Name: "a.x", Label: "问", Hint: "示", Icon: "scale", Value: "值", MaxLen: 9, Breadth: "short",
			Options: []optionView{{"o", "scale", "选", "注", true, true}, {}}, Phrases: []string{"词"}, Consent: consentView{"一", "二", "三", "四"}, Notice: "/s/3.1/notice", Unit: "个", Point: kind == "number"}
		if kind == "text" || kind == "detail" {
			q.Writing = &writingView{Ways: []string{"draw", "pinyin", "abc", "hangul"}, Person: true, Open: true}
		}
		wrong := q
		wrong.Error, wrong.Noticed = "错", true
		v["question"] = append(v["question"], questionPage{formFrame{}, questionView{Kind: kind}}, questionPage{form, q}, questionPage{form, wrong})
	}
	for _, print := range append(prints(), "") {
		for _, a := range []kiosk.Action{kiosk.ActionTicket, kiosk.ActionRequest, kiosk.ActionInfo, kiosk.ActionTwin, kiosk.ActionLoan, kiosk.ActionPrint} {
			v["slip"] = append(v["slip"], slipPage{Prints: prints()}, slipPage{f, kiosk.ID{1}, a, "烦", "07-218", true, "坐", "等", print, prints(), 1, true, "错", nil, "号", a == kiosk.ActionPrint, a == kiosk.ActionTicket, "三人", []string{"还"}})
		}
	}
	return v
}

// Spoken returns the keys that are made of parts, and so stand in no template.
func Spoken() []string {
	keys := []string{"brand.name", "home.title", "slip.number_request", "slip.number_ticket", "slip.number_twin", "slip.number_book", "slip.number_rights", "slip.number_waiting", "fail.title", "sim.title", "form.detail", "form.detail_hint", "form.detail_of",
		"check.title", "leave.title", "help.title", "confirm.title", "twin.title", "twin.note", "twin.number", "twin.hint", "consent.yes", "consent.no", "date.day", "date.full", "date.tomorrow",
		"ticket.take", "ticket.way", "request.start", "request.way", "call.title", "call.way", "call.duty_phone", "survey.start", "survey.way", "survey.results", "survey.results_way", "home.help", "notice.when", "answer.title", "answer.since", "info.read", "info.way"}
	for _, a := range []kiosk.Action{kiosk.ActionTicket, kiosk.ActionRequest, kiosk.ActionInfo, kiosk.ActionNotice, kiosk.ActionTwin, kiosk.ActionSurvey, kiosk.ActionBook, kiosk.ActionRegister} {
		keys = append(keys, "slip.title_"+string(a))
	}
	for _, p := range prints() {
		keys = append(keys, "slip.print_"+p)
	}
	for _, day := range []string{"sun", "mon", "tues", "wednes", "thurs", "fri", "satur"} {
		keys = append(keys, fmt.Sprintf("date.%sday", day))
	}
	for _, m := range []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"} {
		keys = append(keys, "date."+m)
	}
	keys = append(keys, spokenByReceipts()...)
	keys = append(keys, spokenByBooking()...)
	keys = append(keys, spokenByLending()...)
	return append(append(keys, spokenByStaff()...), spokenBySetup()...)
}
