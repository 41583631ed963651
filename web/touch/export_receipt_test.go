package touch

import "redstation/kiosk"

// receiptViews adds the pages of a receipt.
func receiptViews(v map[string][]any, f frame) {
	v["receipt"] = []any{receiptAskPage{}, receiptAskPage{f, "错", true}}
	v["receipttype"] = []any{receiptTypePage{}}
	for _, at := range []string{askNumber, askCode} {
		v["receipttype"] = append(v["receipttype"], receiptTypePage{f, at, "07-218", "ABCD", "问", "示", "错", []keyLayer{layer("0–9", "0123"), layer("A–F", "ABC")}})
	}
	flow := &flowView{[]stepDot{{"star", "甲", "done"}, {"star", "乙", "now"}, {"star", "丙", "next"}}, "词"}
	tiles := []tile{{Href: "/receipt/x", Icon: "star", Family: kiosk.Civic, Label: "甲", Summary: "乙"}}
	v["receiptopen"] = []any{receiptPage{}, receiptPage{f, "3.1", "07-218", "诉求", "14:05", flow, []factView{{"clock", "时", "值"}}, tiles}}
}

// spokenByReceipts returns the keys of their sentences that are made of parts.
func spokenByReceipts() []string {
	keys := []string{"receipt.title", "receipt.number", "receipt.number_hint", "receipt.code", "receipt.code_hint",
		"case.since", "case.state_filed", "case.state_received", "date.at"}
	for _, step := range caseSteps() {
		keys = append(keys, "case.step_"+step)
	}
	return keys
}
