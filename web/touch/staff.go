package touch

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// The staff's pages: how the devices and the line are, and what can be tried out.
// No tile leads there and nothing of them works without the PIN; the way in is a
// long press on mark or clock, or a link that only a keyboard comes to.

func (s *screen) staffRoutes(e *echo.Echo) {
	e.GET(DevicesPath, s.healthDevices)
	e.GET(staffURL, s.overview, s.guard)
	e.GET(signInURL, s.enter)
	e.POST(signInURL, s.signIn)
	e.POST("/staff/leave", s.signOut)
	e.GET(pinURL, s.pin)
	e.POST(pinURL, s.setPIN)
	e.GET("/staff/network", s.network, s.guard)
	e.GET("/staff/log", s.logTail, s.guard)
	e.GET("/staff/clock", s.clock, s.guard)
	e.POST("/staff/clock", s.checkClock, s.guard)
	e.POST("/staff/clock/set", s.setClock, s.guard)
	e.GET("/staff/language", s.language, s.guard)
	e.POST("/staff/language", s.setLanguage, s.guard)
	e.GET("/staff/volume", s.volume, s.guard)
	e.POST("/staff/volume", s.setVolume, s.guard)
	e.POST("/staff/try", s.tryBeacon, s.guard)
	e.POST("/staff/readiness", s.printReadiness, s.guard)
	e.GET("/staff/readiness/:id", s.readiness, s.guard)
	e.GET(answerURL, s.answer, s.guard)
	e.POST(answerURL, s.answerHelp, s.guard)
	e.GET(dutyPhoneURL, s.dutyPhone, s.guard)
	e.POST(dutyPhoneURL, s.setDutyPhone, s.guard)
	s.lendingRoutes(e)
	s.dutyRoutes(e)
	e.GET(twinsURL, s.twins, s.guard)
	e.GET(twinsURL+"/:id", s.twin, s.guard)
	e.POST(twinsURL+"/:id", s.typeTwin, s.guard)
	e.GET(bookingsURL, s.bookings, s.guard)
	e.POST("/staff/arrived", s.arrived, s.guard)
	e.GET("/staff/:device", s.device, s.guard)
}

// staffTile leads to one page of the overview.
type staffTile struct {
	Href  string
	Icon  string
	Label string
	State kiosk.DeviceState // "" = nothing that could be wrong
	Note  string
}

type overviewPage struct {
	frame
	Tiles []staffTile
}

// deviceIcon returns the icon of a kind of device.
func deviceIcon(k kiosk.DeviceKind) string {
	return map[kiosk.DeviceKind]string{kiosk.DevicePrinter: "printer", kiosk.DeviceDoor: "door-closed", kiosk.DeviceScanner: "scan-line",
		kiosk.DeviceLight: "lightbulb", kiosk.DeviceBuzzer: "volume-2", kiosk.DevicePower: "plug-zap", kiosk.DeviceBoard: "activity"}[k]
}

// overview serves the staff's first page: all devices at a glance.
func (s *screen) overview(c echo.Context) error {
	p := s.prefsOf(c)
	page := overviewPage{frame: s.staffFrame(c, "staff", "staff.title")}
	say := func(key string, args ...any) string { return s.words.Say(p.Lang, key, args...) }
	if open, ok := s.booth.OpenHelp(); ok {
		page.Tiles = append(page.Tiles, staffTile{answerURL, "siren", say("answer.title"), kiosk.DeviceFault,
			say("answer.since", "time", open.At.In(s.booth.Zone()).Format("15:04"))})
	}
	for _, d := range s.opts.Inspector.Devices(c.Request().Context()) {
		page.Tiles = append(page.Tiles, staffTile{deviceURL(d.Kind), deviceIcon(d.Kind), say("device." + string(d.Kind)), d.State, say(d.Sentence(), d.Args...)})
	}
	line, note := s.lineTile(p.Lang)
	now := s.booth.Now()
	clock := kiosk.DeviceOK
	if !now.State.Trusted() {
		clock = kiosk.DeviceWarning
	}
	set := staffTile{"/staff/language", "message-square-text", say("staff.language"), "", say("language." + string(s.booth.Settings().Language))}
	if s.opts.Installer != nil {
		set = staffTile{overviewURL, "settings", say("setup.title"), "", say("setup.again")}
	}
	page.Tiles = append(page.Tiles,
		s.bookingsTile(c, p.Lang),
		s.dutyTile(c, p.Lang),
		staffTile{"/staff/network", "radio-tower", say("staff.network"), line, note},
		staffTile{"/staff/clock", "clock", say("staff.clock"), clock, say("clock." + now.State.String())},
		staffTile{"/staff/log", "scroll-text", say("staff.log"), "", say("staff.log_note")},
		staffTile{twinsURL, "notebook-pen", say("twin.title"), "", say("twin.note")},
		set,
		staffTile{volumeURL, "volume-2", say("staff.volume"), "", say(volumeKey(s.booth.Settings().Volume))},
		staffTile{dutyPhoneURL, "phone", say("staff.phone"), "", s.phoneNote(p.Lang)},
		staffTile{callsURL, "megaphone", say("calls.title"), "", say("calls.note")},
		staffTile{lendingURL, "package-open", say("lending.title"), "", say("lending.note")},
		staffTile{pinURL, "key-round", say("staff.pin"), "", say("staff.pin_note")})
	return s.write(c, http.StatusOK, p, "staff", page)
}

// phoneNote is the duty phone, or that there is none.
func (s *screen) phoneNote(lang kiosk.Lang) string {
	if n := s.booth.Settings().Phone; n != "" {
		return groupPhone(n)
	}
	return s.words.Say(lang, "staff.phone_none")
}

// lineTile puts the line to the city into a state and a word.
func (s *screen) lineTile(lang kiosk.Lang) (kiosk.DeviceState, string) {
	up := s.booth.Status().Uplink
	state := kiosk.DeviceWarning
	switch {
	case s.opts.Inspector.Network().Hub == "":
		return state, s.words.Say(lang, "staff.no_hub")
	case !up.Known:
		state = kiosk.DeviceUnknown
	case up.Up:
		state = kiosk.DeviceOK
	}
	if up.Behind > 0 {
		return state, s.words.Say(lang, "line.behind", "n", up.Behind)
	}
	return state, s.words.Say(lang, "line."+viewLine(up).State)
}

func deviceURL(k kiosk.DeviceKind) string { return staffURL + "/" + string(k) }

type devicePage struct {
	frame
	Kind   kiosk.DeviceKind
	Icon   string
	State  kiosk.DeviceState
	Detail string
	Remedy string
	Cause  string
	Device string // as it was named to the program
	Key    kiosk.ID
	Open   bool   // the door
	Events uint64 // of the door since the start
	Scans  uint64 // since the start
	Chars  int    // of the last one
	Paper  int    // about what is left of the roll, m
	Vitals []kiosk.Pair
}

// device serves one device's page: how it is, what to do, what can be tried.
func (s *screen) device(c echo.Context) error {
	devices := s.opts.Inspector.Devices(c.Request().Context())
	i := slices.IndexFunc(devices, func(d kiosk.Device) bool { return string(d.Kind) == c.Param("device") })
	if i < 0 {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no such device")
	}
	d, p := devices[i], s.prefsOf(c)
	page := devicePage{frame: s.staffFrame(c, "staff-device", "device."+string(d.Kind)), Kind: d.Kind, Icon: deviceIcon(d.Kind), State: d.State,
		Detail: s.words.Say(p.Lang, d.Sentence(), d.Args...), Cause: d.Cause, Device: d.Name, Key: kiosk.RandomID()}
	page.Back, page.Inner = staffURL, true
	if key := d.Remedy(); key != "" {
		page.Remedy = s.words.Say(p.Lang, key)
	}
	st := s.booth.Status()
	page.Open, page.Events = st.Door == kiosk.DoorOpened || st.Door == kiosk.DoorLeftOpen, st.DoorCount
	page.Scans, page.Chars = st.ScanCount, st.ScanChars
	_, left := s.booth.Paper()
	page.Paper = left / 1000
	if d.Kind == kiosk.DeviceBoard {
		page.Vitals = s.vitals(p.Lang)
	}
	return s.write(c, http.StatusOK, p, "device", page)
}

// vitals puts into words what the machine tells of itself.
func (s *screen) vitals(lang kiosk.Lang) []kiosk.Pair {
	h := s.booth.Health()
	say := func(key string, args ...any) string { return s.words.Say(lang, key, args...) }
	var all []kiosk.Pair
	add := func(key string, args ...any) {
		all = append(all, kiosk.Pair{Name: say("vital." + key), Value: say("vital."+key+"_is", args...)})
	}
	if h.CPUCelsius != nil {
		add("cpu", "n", int(*h.CPUCelsius))
	}
	if h.UnderVoltage != nil && h.UnderVoltageSeen != nil {
		key := "vital.voltage_good"
		if *h.UnderVoltage {
			key = "vital.voltage_low"
		} else if *h.UnderVoltageSeen {
			key = "vital.voltage_was_low"
		}
		all = append(all, kiosk.Pair{Name: say("vital.voltage"), Value: say(key)})
	}
	if h.DiskFreeMiB != nil {
		add("disk", "n", *h.DiskFreeMiB)
	}
	if h.MemoryFreeMiB != nil {
		add("memory", "n", *h.MemoryFreeMiB)
	}
	if h.AirCelsius != nil {
		add("air", "n", int(*h.AirCelsius))
	}
	return all
}

// tryBeacon lets staff see the light or hear the buzzer.
func (s *screen) tryBeacon(c echo.Context) error {
	beacons := map[kiosk.DeviceKind]kiosk.Beacon{kiosk.DeviceLight: s.booth.Light(), kiosk.DeviceBuzzer: s.booth.Buzzer()}
	kind := kiosk.DeviceKind(c.FormValue("device"))
	b, ok := beacons[kind]
	if !ok {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "no beacon %q", kind)
	}
	if err := b.Call(kiosk.AttentionTry); err != nil {
		return err
	}
	return web.SeeOther(c, deviceURL(kind))
}

type networkPage struct {
	frame
	Booth      string
	Hub        string
	Oldest     string // of what waits to be sent
	Fed        string // when the booth last had all that the city has; "" = not since the start
	Pack       string // version of the city's content pack
	Refused    bool   // its last one is not offered
	Interfaces []Interface
}

// network serves how the machine is connected and what waits to be sent.
func (s *screen) network(c echo.Context) error {
	n := s.opts.Inspector.Network()
	page := networkPage{frame: s.staffFrame(c, "staff-network", "staff.network"), Booth: s.booth.ID(), Hub: n.Hub, Interfaces: n.Interfaces}
	page.Back, page.Inner = staffURL, true
	if t := s.booth.Status().Uplink.Oldest; !t.IsZero() {
		page.Oldest = t.In(s.booth.Zone()).Format("2006-01-02 15:04")
	}
	in := s.booth.Status().Intake
	page.Pack, page.Refused = in.Pack, in.Refused
	if !in.At.IsZero() {
		page.Fed = in.At.In(s.booth.Zone()).Format("2006-01-02 15:04")
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "network", page)
}

type logPage struct {
	frame
	Lines []logLine
}

type logLine struct {
	At, Text string
	Grave    bool // a warning or an error
}

// logTail serves the last lines of the program's log.
func (s *screen) logTail(c echo.Context) error {
	page := logPage{frame: s.staffFrame(c, "staff-log", "staff.log")}
	page.Back, page.Inner = staffURL, true
	for _, l := range s.opts.Inspector.Log() {
		page.Lines = append(page.Lines, logLine{l.At.In(s.booth.Zone()).Format("01-02 " + time.TimeOnly), l.Text, l.Level >= 4})
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "log", page)
}

type languagePage struct {
	frame
	Options []optionView
}

// language asks which language a fresh screen speaks.
func (s *screen) language(c echo.Context) error {
	p := s.prefsOf(c)
	page := languagePage{frame: s.staffFrame(c, "staff-language", "staff.language")}
	page.Back, page.Inner = staffURL, true
	for _, l := range s.spoken() {
		page.Options = append(page.Options, optionView{ID: string(l), Label: s.words.Say(p.Lang, "language."+string(l)), Chosen: l == s.booth.Settings().Language})
	}
	return s.write(c, http.StatusOK, p, "language", page)
}

func (s *screen) setLanguage(c echo.Context) error {
	l := kiosk.Lang(c.FormValue("language"))
	if !slices.Contains(s.spoken(), l) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.choice", "language %q has no pages", l)
	}
	if err := s.booth.SetLanguage(c.Request().Context(), l); err != nil {
		return err
	}
	return web.SeeOther(c, staffURL)
}
