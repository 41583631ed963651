// Package touch is the residents' screen: twelve tiles, one question a page, a big
// number before the paper.
//
// Every question page carries the earlier answers as hidden fields in the body of its
// POST, never in an address, so that nothing a resident typed touches the disk before
// it is sealed, and a page outlives a crash of the program: the same form posted
// again, with the submission key that was made when the form was first shown, finds
// the same slip. Beside that the screen remembers the visit (visit.go), in memory and
// for two minutes without a touch, so that the resident outlives a crash of the page.
//
// Pages work without script. Script adds the keypad, the phrases to tap, pages of
// tiles instead of scrolling, the live state of line, printer and door, and the
// wiping of the screen when a resident has gone.
//
// Sizes are millimetres. The style sheet /panel.css derives one from the panel's
// diagonal and the size of the window, which fills the panel.
package touch

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/assets"
	"redstation/web/locale"
	"redstation/web/voice"
)

//go:embed templates
var templates embed.FS

// Opts configures the screen. The zero value works.
type Opts struct {
	DiagonalInch  float64       // of the panel, until staff set another on the screen; 0 = 10.1
	Idle          time.Duration // without a touch before the countdown shows; 0 = 60 s
	Countdown     time.Duration // before the screen is wiped; 0 = 20 s
	DoorCountdown time.Duration // the same once the door was opened and closed; 0 = 10 s
	Sim           Devices       // simulated devices to show at /sim; nil = no such page
	Inspector     Inspector     // what the staff's pages show; nil = there are none
	Installer     Installer     // what the first run needs, beside Inspector; nil = there is no first run
	Scanner       bool          // there is one that the program reads
	Voice         fs.FS         // clips that count before the program's own; nil = none
	Wedge         bool          // the page listens for a scanner that types, and sends what it said
	Log           *slog.Logger  // nil = no log
}

func (o *Opts) fill() {
	if o.Idle <= 0 {
		o.Idle = time.Minute
	}
	if o.Countdown <= 0 {
		o.Countdown = 20 * time.Second
	}
	if o.DoorCountdown <= 0 {
		o.DoorCountdown = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// bodyLimit is the most that a form may carry, in bytes: a dozen answers of 200
// Chinese characters, percent-encoded, with room.
const bodyLimit = 64 << 10

// screen is the handler of all pages.
type screen struct {
	booth   *kiosk.Booth
	opts    Opts
	pages   *web.Pages
	voice   *voice.Set
	words   *locale.Words
	build   string // changes when style or script do
	looks   atomic.Pointer[look]
	homes   homeCache
	pens    pens
	staff   session
	visits  visits
	read    readings
	setup   setup
	catcher catcher
	desk    desk
	streams atomic.Int64
	alive   atomic.Pointer[time.Time] // the page's last heartbeat; nil = never
}

// bundles are the files that the pages ask for.
func bundles() []assets.Bundle {
	return []assets.Bundle{
		{Name: "touch.css", Parts: []string{"css/tokens.css", "css/touch/*.css"}},
		{Name: "compact.css", Parts: []string{"css/compact/*.css"}},
		{Name: "head.js", Parts: []string{"js/head.js"}},
		{Name: "touch.js", Parts: []string{"js/touch/*.js"}},
		{Name: "sim.css", Parts: []string{"css/tokens.css", "css/sim.css"}},
		{Name: "sim.js", Parts: []string{"js/sim.js"}},
		{Name: "calls.css", Parts: []string{"css/tokens.css", "css/calls.css"}},
		{Name: "calls.js", Parts: []string{"js/calls.js"}},
		{Name: "mark.svg", Parts: []string{"mark.svg"}},
	}
}

// New returns the screen's handler. The error says which template, sentence or
// asset is wrong.
func New(b *kiosk.Booth, o Opts) (http.Handler, error) {
	o.fill()
	set, err := assets.New(bundles())
	if err != nil {
		return nil, fmt.Errorf("touch screen: %w", err)
	}
	words, err := locale.Load(locale.Shared())
	if err != nil {
		return nil, fmt.Errorf("touch screen: %w", err)
	}
	dir, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("touch screen: %w", err)
	}
	clips := []fs.FS{voice.Clips()}
	if o.Voice != nil {
		clips = []fs.FS{o.Voice, voice.Clips()}
	}
	said := voice.New(nil, clips...)
	pages, err := web.ParsePages(dir, web.PagesOpts{Words: words, Assets: set, Langs: kiosk.Langs(), Say: saying(said)})
	if err != nil {
		return nil, fmt.Errorf("touch screen: %w", err)
	}
	build, err := set.URL("touch.js")
	if err != nil {
		return nil, fmt.Errorf("touch screen: %w", err)
	}
	s := &screen{booth: b, opts: o, pages: pages, voice: said, words: words, build: build, pens: newPens(),
		visits: visits{limit: o.Idle + o.Countdown + visitGrace}, read: readings{limit: o.Idle + o.Countdown + visitGrace}}
	e := web.New(web.Opts{Log: o.Log, BodyLimit: bodyLimit, Fail: s.fail,
		Quiet: []string{"/healthz", "/readyz", "/alive", "/events", "/attract", "/panel.css", inkURL, pinyinURL, assets.Prefix + "*", "/voice/:clip", "/sim/papers", "/sim/papers/:n",
			staffURL, "/staff/:device", "/staff/network", clockURL, "/setup/:step"}})
	web.Assets(e, assets.Prefix, set)
	s.routes(e)
	return e, nil
}

func (s *screen) routes(e *echo.Echo) {
	e.GET("/", s.home)
	e.GET("/f/:n", s.function)
	e.GET("/s/:id", s.service)
	e.GET("/s/:id/info", s.info)
	e.GET("/s/:id/ticket", s.ticket)
	e.GET("/s/:id/call", s.call)
	e.POST("/s/:id/call", s.callHelp)
	e.POST("/s/:id/cancel", s.cancelHelp)
	e.GET("/s/:id/results", s.surveyResults)
	e.GET("/s/:id/form", s.beginForm)
	e.POST("/s/:id/form", s.stepForm)
	e.POST("/s/:id/submit", s.submitForm)
	e.POST("/s/:id/ticket", s.takeTicket)
	e.POST("/s/:id/leaflet", s.takeLeaflet)
	s.loanRoutes(e)
	s.queueRoutes(e)
	e.POST("/s/:id/notice", s.printNotice)
	e.POST("/s/:id/twin", s.printTwin)
	e.GET("/help/:id", s.help)
	e.GET("/slip/:id", s.slip)
	e.GET("/slip/:id/picture.png", s.slipPicture)
	e.POST("/slip/:id/reprint", s.reprint)
	s.receiptRoutes(e)
	e.GET("/notice", s.urgent)
	e.POST("/notice", s.readNotice)
	e.GET("/attract", s.attract)
	s.bookingRoutes(e)
	e.POST("/prefs", s.changePrefs)
	e.POST("/leave", s.leaveVisit)
	e.POST("/end", s.endVisit)
	e.POST("/alive", s.noteAlive)
	e.POST(inkURL, s.readInk)
	e.POST(pinyinURL, s.readPinyin)
	e.GET("/events", s.events)
	e.GET("/panel.css", s.panel)
	e.GET("/voice/:clip", s.clip)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	if s.opts.Wedge {
		e.POST("/scan", s.scan)
	}
	if s.opts.Inspector != nil {
		s.staffRoutes(e)
	}
	if s.opts.Inspector != nil && s.opts.Installer != nil {
		s.setupRoutes(e)
	}
	if s.opts.Sim != nil {
		e.GET("/sim", s.sim)
		e.POST("/sim/press", s.simPress)
		e.GET("/sim/papers", s.simPapers)
		e.GET("/sim/papers/:n", s.simPaper)
	}
}
