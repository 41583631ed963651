package touch

import "redstation/kiosk"

// staffViews adds the views of the staff's pages.
func staffViews(v map[string][]any, f frame) {
	digits := digitsPage{f, "/staff/enter", "问", "示", "", "pin", 12, "204816", "走", "07"}
	wrong := digits
	wrong.Error, wrong.Entry = "错", "time"
	v["digits"] = []any{digitsPage{}, digits, wrong}
	v["clock"] = []any{clockPage{}, clockPage{digits, "2026-11-23 12:00", "信", "因", false}, clockPage{wrong, "2026-11-23 12:00", "信", "因", true}}
	v["clockcheck"] = []any{clockCheckPage{}, clockCheckPage{f, "2026-11-23 12:00", "2026-11-24 12:00", "202611241200"}}
	v["volume"] = []any{volumePage{}, volumePage{f, []optionView{{ID: "75", Label: "大", Chosen: true}, {ID: "0"}}}}
	v["language"] = []any{languagePage{}, languagePage{f, []optionView{{ID: "zh", Label: "中文", Chosen: true}, {ID: "en"}}}}
	v["log"] = []any{logPage{}, logPage{f, []logLine{{"09:41", "said", true}, {}}}}
	v["network"] = []any{networkPage{}, networkPage{f, "07", "http://hub", "2026-11-23", "2026-11-24 08:00", "3", true, []Interface{{"eth0", []string{"10.0.0.2/24", "10.0.0.3/24"}}, {"wlan0", nil}}}}
	v["readiness"] = []any{readinessPage{}}
	for _, print := range prints() {
		v["readiness"] = append(v["readiness"], readinessPage{f, kiosk.ID{1}, kiosk.ID{2}, print, prints()})
	}
	staff := overviewPage{frame: f}
	for _, s := range kiosk.DeviceStates() {
		staff.Tiles = append(staff.Tiles, staffTile{"/staff/door", "door-closed", "门", s, "好"})
	}
	v["staff"] = []any{overviewPage{}, staff, overviewPage{f, []staffTile{{Href: "/staff/log", Icon: "no-such-icon"}}}}
	for _, k := range []kiosk.DeviceKind{kiosk.DevicePrinter, kiosk.DeviceDoor, kiosk.DeviceScanner,
		kiosk.DeviceLight, kiosk.DeviceBoard, "other"} {
		for _, s := range kiosk.DeviceStates() {
			v["device"] = append(v["device"], devicePage{f, k, "printer", s, "好", "修", "cause", "sim:", kiosk.ID{1}, s == kiosk.DeviceOK, 7, 3, 20, 60,
				[]kiosk.Pair{{Name: "温", Value: "54"}}})
		}
	}
	v["device"] = append(v["device"], devicePage{}, devicePage{Kind: kiosk.DeviceBoard})
}

// spokenByStaff returns the keys that the staff's pages make of parts.
func spokenByStaff() []string {
	keys := []string{"slip.title_readiness", "staff.title", "staff.readiness", "staff.minutes", "staff.seconds", "staff.records",
		"staff.enter_title", "staff.enter_hint", "staff.enter_go", "staff.pin", "staff.pin_title", "staff.pin_hint", "staff.pin_note",
		"staff.pin_again", "staff.pin_again_hint", "staff.pin_go", "staff.phone", "staff.phone_hint", "staff.phone_now", "staff.phone_none", "staff.phone_go", "staff.network", "staff.clock", "staff.clock_label", "staff.clock_hint",
		"staff.clock_check", "staff.log", "staff.log_note", "staff.language", "staff.booth", "staff.behind",
		"duty.title", "duty.nobody", "duty.sign_in", "checkin.start", "checkin.way", "slip.title_checkin"}
	for s := kiosk.ClockBelowBuild; s <= kiosk.ClockAnchored; s++ {
		keys = append(keys, "clock."+s.String(), "clock."+s.String()+"_why")
	}
	for _, l := range kiosk.Langs() {
		keys = append(keys, "language."+string(l), "language.short_"+string(l))
	}
	keys = append(keys, "staff.volume")
	for _, v := range kiosk.Volumes() {
		keys = append(keys, volumeKey(v))
	}
	for _, p := range prints() {
		keys = append(keys, "readiness.print_"+p)
	}
	for _, v := range []string{"cpu", "cpu_is", "disk", "disk_is", "memory", "memory_is", "air", "air_is", "voltage", "voltage_good", "voltage_low", "voltage_was_low"} {
		keys = append(keys, "vital."+v)
	}
	for _, d := range EveryDevice() {
		keys = append(keys, "device."+string(d.Kind), d.Sentence())
		if r := d.Remedy(); r != "" {
			keys = append(keys, r)
		}
	}
	return keys
}

// EveryDevice returns every device in every state that it can be in.
func EveryDevice() []kiosk.Device {
	all := []kiosk.Device{kiosk.DeviceWithout(kiosk.DevicePrinter), kiosk.DeviceWithout(kiosk.DeviceDoor), kiosk.DeviceWithout(kiosk.DeviceScanner)}
	for _, k := range []kiosk.DeviceKind{kiosk.DeviceScanner, kiosk.DeviceLight, kiosk.DeviceBuzzer, kiosk.DevicePower} {
		all = append(all, kiosk.Device{Kind: k, State: kiosk.DeviceOK, Detail: "ready"}, kiosk.Device{Kind: k, State: kiosk.DeviceOffline, Detail: "offline"})
	}
	for _, g := range []kiosk.Grade{"", kiosk.GradeOK, kiosk.GradeWarn, kiosk.GradeBad} {
		all = append(all, kiosk.Health{State: g}.Device())
	}
	for _, e := range []kiosk.DoorEvent{"", kiosk.DoorOpened, kiosk.DoorClosed, kiosk.DoorLeftOpen, kiosk.DoorLost, kiosk.DoorFlapping, kiosk.DoorCut} {
		all = append(all, e.Device("sim:"))
	}
	for _, s := range []kiosk.PrinterState{kiosk.PrinterReady, kiosk.PrinterPaperLow, kiosk.PrinterNoPaper, kiosk.PrinterCover,
		kiosk.PrinterError, kiosk.PrinterOffline, kiosk.PrinterUnknown} {
		all = append(all, s.Device("sim:", ""))
	}
	return all
}
