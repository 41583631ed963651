package touch

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// The first run: what whoever installs a booth sets, one thing a page. It takes the
// place of the home page on a booth that belongs to no city and on which nothing has
// been set, until it is ended on its overview; that takes a PIN. Until there is one
// the pages are open, since a fresh booth is in the hands of its installer; after
// that they are the staff's, and lead there.

const (
	setupURL    = "/setup"
	overviewURL = "/setup/overview"
)

// setupStep is one page of the first run. Its name is that of its address, of its
// template ("setup-" before it) and of its sentences.
type setupStep string

// The steps.
const (
	setupLanguage setupStep = "language"
	setupPanel    setupStep = "panel"
	setupNetwork  setupStep = "network"
	setupEnrol    setupStep = "enrol"
	setupPIN      setupStep = "pin"
	setupPrint    setupStep = "print"
	setupDoor     setupStep = "door"
	setupClock    setupStep = "clock"
)

// setupSteps lists them in their order.
func setupSteps() []setupStep {
	return []setupStep{setupLanguage, setupPanel, setupNetwork, setupEnrol, setupPIN, setupPrint, setupDoor, setupClock}
}

func (p setupStep) url() string { return setupURL + "/" + string(p) }

// before and after return the addresses of the pages around a step; "" before the
// first, and the overview after the last.
func (p setupStep) before() string {
	if n := p.number(); n > 1 {
		return setupSteps()[n-2].url()
	}
	return ""
}

func (p setupStep) after() string {
	if n := p.number(); n < len(setupSteps()) {
		return setupSteps()[n].url()
	}
	return overviewURL
}

// number counts from 1.
func (p setupStep) number() int {
	for i, step := range setupSteps() {
		if step == p {
			return i + 1
		}
	}
	return 0
}

// setup is what the first run knows of itself. It ends with the program: what
// counts stands in the settings and in the book.
type setup struct {
	mu     sync.Mutex
	at     setupStep // the page that was shown last
	print  string    // what was said of the test print: one of verdicts
	asked  bool      // the door's page was shown
	doors  uint64    // how often the door had moved by then
	opened bool      // and it has been opened and closed since
}

// update changes the state and returns it.
func (u *setup) update(change func(*setup)) setupState {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(u)
	return setupState{u.at, u.print, u.opened}
}

func (u *setup) state() setupState { return u.update(func(*setup) {}) }

// setupState is a copy of what pages show.
type setupState struct {
	at     setupStep
	print  string
	opened bool
}

func (s *screen) setupRoutes(e *echo.Echo) {
	g := e.Group(setupURL, s.setupGuard)
	g.GET("", s.resumeSetup)
	g.GET("/overview", s.setupOverview)
	g.POST("/done", s.endSetup)
	g.GET("/language", s.setupLanguage)
	g.POST("/language", s.setSetupLanguage)
	g.GET("/panel", s.setupPanel)
	g.POST("/panel", s.setSetupPanel)
	g.GET("/network", s.setupNetwork)
	g.GET("/enrol", s.setupEnrol)
	g.POST("/enrol", s.enrolFromStick)
	g.GET("/pin", s.setupPIN)
	g.POST("/pin", s.setSetupPIN)
	g.GET("/print", s.setupPrint)
	g.POST("/print", s.printTest)
	g.GET("/print/:id", s.printed)
	g.POST("/verdict", s.judgePrint)
	g.GET("/door", s.setupDoor)
	g.GET("/clock", s.setupClock)
	g.GET("/hand", s.setupHand)
	g.POST("/hand", s.setSetupClock)
}

// settingUp reports whether the first run takes the place of the home page.
func (s *screen) settingUp() bool {
	set := s.booth.Settings()
	if s.opts.Installer == nil || s.opts.Inspector == nil || set.FirstRun {
		return false
	}
	return set.Begun || !set.Touched && s.opts.Installer.Fresh()
}

// beginSetup notes that the first run has begun, if this is one: staff who come back
// to its pages later do not begin it anew.
func (s *screen) beginSetup(c echo.Context) error {
	if !s.settingUp() {
		return nil
	}
	return s.booth.BeginFirstRun(c.Request().Context())
}

// setupGuard lets in who sets up a booth without a PIN, and staff.
func (s *screen) setupGuard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if (!s.settingUp() || s.booth.Settings().PIN) && !s.signedIn(c) {
			return web.SeeOther(c, signInURL)
		}
		return next(c)
	}
}

// resumeSetup goes to the page that was shown last.
func (s *screen) resumeSetup(c echo.Context) error {
	at := s.setup.state().at
	switch {
	case !s.settingUp():
		return web.SeeOther(c, overviewURL)
	case at == "":
		at = setupLanguage
	}
	return web.SeeOther(c, at.url())
}

// stepView says where a page stands.
type stepView struct {
	Step, Steps int
	After       string // address of the next step
}

// setupPage is what all steps show.
type setupPage struct {
	frame
	stepView
	Error string
}

func (s *screen) setupPage(c echo.Context, step setupStep) setupPage {
	s.setup.update(func(u *setup) { u.at = step })
	f := s.setupFrame(c, "setup."+string(step))
	f.Return, f.Back, f.Overview = step.url(), step.before(), overviewURL
	return setupPage{frame: f, stepView: stepView{step.number(), len(setupSteps()), step.after()}}
}

// setupFrame fills the frame of a page of the first run.
func (s *screen) setupFrame(c echo.Context, titleKey string) frame {
	f := s.staffFrame(c, "setup", titleKey)
	f.Inner = true
	return f
}

// writeStep sends a step's page; with an error's key it says what is wrong.
func (s *screen) writeStep(c echo.Context, step setupStep, wrong error, page any) error {
	status := http.StatusOK
	if wrong != nil {
		status = web.StatusOf(kiosk.CodeOf(wrong))
	}
	return s.write(c, status, s.prefsOf(c), "setup-"+string(step), page)
}

// say returns a sentence in the visitor's language.
func (s *screen) say(c echo.Context, key string, args ...any) string {
	return s.words.Say(s.prefsOf(c).Lang, key, args...)
}

// inches puts a diagonal as people say it: "10.1", "7".
func inches(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }
