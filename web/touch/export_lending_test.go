package touch

import "redstation/kiosk"

// lendingViews adds the views of what is lent, brought back, called and only printed.
func lendingViews(v map[string][]any, f frame) {
	queue := lineupView{"2.3", "社工", "A001", "服务台", 3, 2, "A002", []string{"A000"}}
	v["blank"] = []any{ticketPage{}, ticketPage{frame: f, Service: subject{ID: "6.2"}, Key: kiosk.ID{1}}}
	v["return"] = []any{returnPage{}, returnPage{f, "错"}}
	back := backPage{f, kiosk.ID{1}, "07-218", "07-10-0126", "雨伞", "十二月一日", true, "out", nil, true, "错"}
	v["back"] = []any{backPage{}, back}
	for _, is := range []string{"out", "back", ""} {
		other := back
		other.Is, other.Error, other.Number, other.Late = is, "", "", false
		choice := back
		choice.Is, choice.Error, choice.Tag, choice.Kinds = is, "", "", []backKind{{"umbrella", "umbrella", "雨伞"}}
		v["back"] = append(v["back"], other, choice)
	}
	v["calls"] = []any{callsPage{}, callsPage{f, []lineupView{queue, {}}, "错"}}
	v["display"] = []any{displayPage{}, displayPage{"号", prefs{}, []lineupView{queue, {}}}}
	row := []outRow{{"07-218", "雨伞", "2026-12-01", "07-10-0126"}, {}}
	v["out"] = []any{outPage{}, outPage{f, row, row, row}}
	v["thing"] = []any{thingPage{}, thingPage{f, "12.1", "umbrella", "umbrella", kiosk.ID{1}, 3, 2, 4, 2, 1, []awayView{{"07-10-0126", "12"}}, 10, true, []int{1, 6}}}
}

// spokenByLending returns the keys that these pages make of parts.
func spokenByLending() []string {
	keys := []string{"calls.title", "calls.note", "calls.display", "lending.title", "lending.note", "lending.out", "lending.out_note", "lending.shelf", "lending.shelf_away",
		"loan.start", "loan.way", "loan.return", "loan.return_way", "loan.return_title", "loan.type_title", "loan.type_hint", "loan.here", "loan.none_here",
		"loan.asset", "loan.asset_hint", "loan.due", "loan.ask_staff", "loan.doubt", "loan.back_thanks", "print.start", "print.way", "print.blank", "print.blank_way", "print.unkept",
		"slip.number_loan", "slip.number_return", "slip.number_renewal", "slip.number_ticket", "slip.number_request",
		"ticket.ahead", "ticket.next", "ticket.called", "ticket.skipped"}
	for _, a := range []kiosk.Action{kiosk.ActionLoan, kiosk.ActionReturn, kiosk.ActionRenewal, kiosk.ActionPrint, kiosk.ActionTags} {
		keys = append(keys, "slip.title_"+string(a))
	}
	return keys
}
