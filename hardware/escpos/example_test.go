package escpos_test

import "redstation/kiosk"

// slip is a receipt as the booth prints it: every element, every size.
func slip() kiosk.Receipt {
	return kiosk.Receipt{Lines: []kiosk.Line{
		{Text: "红色驿站 · 北山街道", Bold: true, Align: kiosk.Center},
		{Text: "烦心事登记", Size: kiosk.Large, Align: kiosk.Center},
		{Feed: 1},
		{Text: "07-218", Size: kiosk.Huge, Bold: true, Align: kiosk.Center},
		{Feed: 1},
		{Rule: true},
		{Pair: &kiosk.Pair{Name: "时间", Value: "2026-11-23 09:41"}},
		{Pair: &kiosk.Pair{Name: "事项", Value: "楼道照明损坏，三单元二楼至五楼的灯都不亮，老人夜里上下楼不方便。"}},
		{Pair: &kiosk.Pair{Name: "联系人", Value: "𠮷喆㛃（女士）"}},
		{Pair: &kiosk.Pair{Name: "费用", Value: "¥0.00"}},
		{Rule: true},
		{QR: "RS1:07-218.7K3QF9TZ2M4XW8AB"},
		{Text: "凭此票到任一红色驿站扫码，查看办理进度。请妥善保管。", Align: kiosk.Center},
	}}
}
