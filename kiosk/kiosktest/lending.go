package kiosktest

import "redstation/kiosk"

// Lending returns Catalogue with two services more: 1.8 lends umbrellas (code 10, four
// of them, for a week) and carts (code 11, one), and 1.9 prints what was measured.
func Lending() *kiosk.Catalogue {
	t := func(zh, en string) kiosk.Text { return kiosk.Text{kiosk.Chinese: zh, kiosk.English: en} }
	c := Catalogue()
	f := &c.Functions[0]
	f.Services = append(f.Services,
		kiosk.Service{ID: "1.8", Icon: "umbrella", Name: t("雨伞借还", "Umbrellas"), Actions: []kiosk.Action{kiosk.ActionLoan},
			Form: &kiosk.Form{Fields: []kiosk.Field{{ID: "thing", Kind: kiosk.FieldItem, Label: t("借哪样？", "Which?"), Short: t("物品", "Thing"),
				Things: []kiosk.Thing{{ID: "umbrella", Icon: "umbrella", Name: t("雨伞", "Umbrella"), Code: 10, Days: 7, Count: 4},
					{ID: "cart", Icon: "cart", Name: t("推车", "Cart"), Code: 11, Days: 1, Count: 9, At: map[string]int{"07": 1}}}}}}},
		kiosk.Service{ID: "1.9", Icon: "activity", Name: t("记录条", "Slip"), Actions: []kiosk.Action{kiosk.ActionPrint},
			Print: &kiosk.Print{Advice: []kiosk.Text{t("给医生看", "Show it to your doctor")}, Source: t("说明书", "Manuals"), Rows: 3},
			Form: &kiosk.Form{Fields: []kiosk.Field{
				{ID: "high", Kind: kiosk.FieldNumber, Label: t("高压？", "Systolic?"), Short: t("高压", "Systolic"), Optional: true,
					Range: kiosk.Range{Least: 60, Most: 299, Unit: t("mmHg", "mmHg")}},
				{ID: "low", Kind: kiosk.FieldNumber, Label: t("低压？", "Diastolic?"), Short: t("低压", "Diastolic"), Optional: true,
					Range: kiosk.Range{Least: 30, Most: 200, Below: "high", Unit: t("mmHg", "mmHg")}},
				{ID: "sugar", Kind: kiosk.FieldNumber, Label: t("血糖？", "Sugar?"), Short: t("血糖", "Sugar"), Optional: true,
					Range: kiosk.Range{Least: 0.6, Most: 35, Decimals: 1, Unit: t("mmol/L", "mmol/L")}}}}})
	return c
}
