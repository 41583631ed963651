package touch

import (
	"errors"

	"redstation/kiosk"
)

// setupViews adds the views of the first run.
func setupViews(v map[string][]any, f frame) {
	f.Inner, f.Overview = true, overviewURL
	step := setupPage{f, stepView{2, 8, "/setup/network"}, "错"}
	options := []optionView{{ID: "zh", Label: "中文", Chosen: true}, {ID: "en"}}
	v["setup-language"] = []any{setupLanguagePage{}, setupLanguagePage{step, options}}
	v["setup-panel"] = []any{setupPanelPage{}, setupPanelPage{step, "7", "6.9", "7.1", []string{"7", "10.1"}, rulerTicks()}}
	wires := []Interface{{"eth0", []string{"10.0.0.2/24", "10.0.0.3/24"}}, {"wlan0", nil}}
	v["setup-network"] = []any{setupNetworkPage{}, setupNetworkPage{step, kiosk.DeviceOK, "好", "修", wires, "http://hub"}}
	for _, phase := range []string{"scan", "stick", "busy", "joined"} {
		for _, there := range []bool{false, true} {
			v["setup-enrol"] = append(v["setup-enrol"], setupEnrolPage{step, Joining{false, errors.New("x"), "07", "北山", there, !there}, phase})
		}
	}
	v["setup-enrol"] = append(v["setup-enrol"], setupEnrolPage{}, setupEnrolPage{step, Joining{Scanner: true, Stick: true}, "scan"})
	digits := digitsPage{f, "/setup/pin", "问", "示", "", "pin", 12, "204816", "走", "07"}
	first := digits
	first.First, first.Error = "", "错"
	v["setup-pin"] = []any{setupDigitsPage{}, setupDigitsPage{digits, step.stepView, true}, setupDigitsPage{first, step.stepView, true}}
	v["setup-hand"] = v["setup-pin"]
	v["setup-clock"] = []any{setupClockPage{}, setupClockPage{step, "2026-11-23", "12:00", "信", "因", true}}
	v["setup-print"] = []any{setupPrintPage{}}
	v["setup-door"] = []any{setupDoorPage{}}
	overview := setupOverviewPage{frame: f, Open: 2, PIN: true, First: true}
	for _, s := range kiosk.DeviceStates() {
		v["setup-print"] = append(v["setup-print"], setupPrintPage{setupPage: step, Device: s, Word: "好", Remedy: "修"})
		v["setup-door"] = append(v["setup-door"], setupDoorPage{step, s, "好", "修", true, true}, setupDoorPage{step, s, "好", "修", true, false})
		overview.Tiles = append(overview.Tiles, staffTile{"/setup/door", "door-closed", "门", s, "好"})
	}
	for _, p := range prints() {
		v["setup-print"] = append(v["setup-print"], setupPrintPage{step, kiosk.DeviceOK, "好", "修", kiosk.ID{1}, p, prints(), kiosk.ID{2}})
	}
	noPIN := overview
	noPIN.PIN = false
	v["setup-overview"] = []any{setupOverviewPage{}, overview, noPIN, setupOverviewPage{frame: f, PIN: true}}
}

// spokenBySetup returns the keys that the first run makes of parts.
func spokenBySetup() []string {
	keys := []string{"setup.again", "setup.title", "setup.overview_title", "setup.is_set", "setup.open", "setup.works", "setup.untried", "setup.inches", "setup.network_short", "setup.pin_hint"}
	for _, p := range setupSteps() {
		keys = append(keys, "setup."+string(p), "setup.tile_"+string(p))
	}
	for _, n := range []string{"none", "answers", "silent", "plugged"} {
		keys = append(keys, "setup.network_"+n, "setup.network_"+n+"_do")
	}
	return keys
}
