package touch

import "redstation/kiosk"

// receiptViews adds the pages of a receipt.
func receiptViews(v map[string][]any, f frame) {
	v["receipt"] = []any{receiptAskPage{}, receiptAskPage{f, "错", true}}
	v["receipttype"] = []any{receiptTypePage{}}
	for _, at := range []string{askNumber, askCode} {
		v["receipttype"] = append(v["receipttype"], receiptTypePage{f, at, "07-218", "ABCD", "问", "示", "错", []keyLayer{layer("0–9", "0123"), layer("A–F", "ABC")}})
	}
	flow := &flowView{[]stepDot{{"star", "甲", "done"}, {"star", "乙", "now"}, {"star", "丙", "next"}}, "词", []noteView{{"send", "注"}}}
	tiles := []tile{{Href: "/receipt/x", Icon: "star", Family: kiosk.Civic, Label: "甲", Summary: "乙"}}
	for _, genuine := range []string{"yes", "unknown", ""} {
		v["receiptopen"] = append(v["receiptopen"], receiptPage{}, receiptPage{f, "3.1", "07-218", "诉求", "14:05", flow, []factView{{"clock", "时", "值"}}, tiles, genuine})
	}
	v["receiptread"] = []any{receiptReadPage{}, receiptReadPage{f, "07-218", "诉求", []sectionView{{"头", []string{"行"}}}, tiles}}
	form := formFrame{frame: f, Action: "/receipt/say/rated", Step: 2, Steps: 3, At: checkPage, Hidden: []hidden{{"a.x", "v"}}}
	v["saycheck"] = []any{sayCheckPage{}, sayCheckPage{form, "/receipt/send/rated", "词", []answerRow{{"a", "甲", "乙", "乙", "scale"}, {Page: "b"}}, ""}, sayCheckPage{formFrame: form, Error: "错"}}
}

// spokenByReceipts returns the keys of their sentences that are made of parts.
func spokenByReceipts() []string {
	keys := []string{"receipt.title", "receipt.number", "receipt.number_hint", "receipt.code", "receipt.code_hint", "receipt.way_words", "receipt.way_data",
		"case.since", "case.state_filed", "case.state_received", "date.at", "date.said", "case.asked", "case.owner", "case.due", "case.lapses", "case.closed", "case.office",
		"case.good", "case.fair", "case.bad", "say.pending", "say.late", "slip.title_rights",
		"data.listed", "data.sealed", "data.where", "data.where_booth", "data.where_city", "data.where_paper", "data.until", "data.until_lines"}
	for _, step := range kiosk.Steps() {
		keys = append(keys, "case.step_"+string(step))
		if step != kiosk.StepRate {
			keys = append(keys, "case.at_"+string(step))
		}
	}
	for _, o := range []kiosk.Outcome{kiosk.OutcomeFixed, kiosk.OutcomePartly, kiosk.OutcomeNotPossible} {
		keys = append(keys, "case.outcome_"+string(o))
	}
	for _, e := range []kiosk.Ending{kiosk.EndRated, kiosk.EndWithdrawn, kiosk.EndLapsed, kiosk.EndErased} {
		keys = append(keys, "case.end_"+string(e))
	}
	for _, d := range []kiosk.Deed{kiosk.DeedAsked, kiosk.DeedPlanned, kiosk.DeedDone, kiosk.DeedNotPossible} {
		keys = append(keys, "case.word_"+string(d))
	}
	for _, k := range kiosk.SayKinds() {
		d, _ := kiosk.DeedOf(k)
		for _, part := range []string{"title", "about", "name", "way"} {
			keys = append(keys, "say."+part+"_"+string(d))
		}
	}
	return keys
}
