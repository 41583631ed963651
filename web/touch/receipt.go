package touch

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// "Scan or type your receipt": the paper opens what the booth knows of it. The pages:
//
//	/receipt         asks for the paper, or shows what it opened
//	/receipt/type    number and code on keys, in the body of each POST
//	/receipt/scan    what the scanner read since the page was shown
//	/receipt/other   lets go of the receipt and asks for another
//
// What can be done with an opened receipt belongs to its action: each has handlers of
// its own that take it from opened, and tiles in receiptWays.

const receiptURL = "/receipt"

type receiptAskPage struct {
	frame
	Error   string
	Scanner bool // there is one to hold the paper before
}

// The questions of the pages with keys.
const (
	askNumber = "number"
	askCode   = "code"
)

type receiptTypePage struct {
	frame
	At     string // askNumber or askCode
	Number string
	Code   string // what was typed, where it was wrong
	Label  string
	Hint   string
	Error  string
	Layers []keyLayer
}

// keyLayer is as many keys as the lowest panel has room for at once.
type keyLayer struct {
	Name string // "0–9 A–F"
	Keys []string
}

type receiptPage struct {
	frame
	Service string
	Number  string
	Crumb   string
	AsOf    string // since when the booth has heard nothing of the city, "" while it does
	Flow    *flowView
	Facts   []factView
	Ways    []tile
	Genuine string // whether it was signed by a booth or the hub: "yes" or "unknown"
}

// factView is one thing that is known of what the paper stands for.
type factView struct{ Icon, Name, Value string }

func (s *screen) receiptRoutes(e *echo.Echo) {
	e.GET(receiptURL, s.receipt)
	e.GET(receiptURL+"/type", s.receiptType)
	e.POST(receiptURL+"/type", s.typeReceipt)
	e.POST(receiptURL+"/scan", s.scanReceipt)
	e.POST(receiptURL+"/other", s.otherReceipt)
	e.GET(receiptURL+"/words", s.receiptWords)
	e.GET(receiptURL+"/data", s.receiptData)
	s.sayRoutes(e)
}

// receipt shows the opened receipt, or asks for one.
func (s *screen) receipt(c echo.Context) error {
	secret := s.sit(c)
	r, ok := s.opened(c)
	if !ok {
		return s.askReceipt(c, nil)
	}
	fresh, err := s.booth.OpenReceipt(c.Request().Context(), r.Code, r.Number)
	if err != nil { // a reprint has made it void in the meantime
		s.desk.put(secret, nil)
		return s.askReceipt(c, err)
	}
	r = receiptOf(r.Number, r.Code, fresh)
	s.desk.put(secret, &r)
	return s.showReceipt(c, r)
}

func receiptOf(number string, code kiosk.PaperCode, o kiosk.Opened) openedReceipt {
	return openedReceipt{Number: number, Code: code, Service: o.Filing.Service, Action: o.Filing.Action, Opened: o}
}

func (s *screen) askReceipt(c echo.Context, wrong error) error {
	p := s.prefsOf(c)
	page := receiptAskPage{frame: s.frame(p, "receipt", "receipt.title"), Scanner: s.scans()}
	page.Back, page.Return = s.receiptBack(), receiptURL
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "receipt", page)
}

// receiptBack is where back leads from the page that asks: to the function whose
// service leads here.
func (s *screen) receiptBack() string {
	for _, f := range s.booth.Catalogue().Functions {
		for i := range f.Services {
			if f.Services[i].Follow {
				return functionURL(f.Number)
			}
		}
	}
	return "/"
}

// scans reports whether there is a scanner to hold a paper before.
func (s *screen) scans() bool { return s.opts.Wedge || s.opts.Scanner }

// open opens the paper and holds it, or says why it does not open.
func (s *screen) openReceipt(c echo.Context, number string, code kiosk.PaperCode) error {
	o, err := s.booth.OpenReceipt(c.Request().Context(), code, number)
	if err != nil {
		return err
	}
	r := receiptOf(number, code, o)
	s.desk.put(s.sit(c), &r)
	return nil
}

// scanReceipt opens the paper that was held before the scanner.
func (s *screen) scanReceipt(c echo.Context) error {
	scan, ok := s.desk.scanned(s.sit(c))
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	number, code, err := kiosk.ParsePaperQR(scan.Text)
	if err == nil {
		err = s.openReceipt(c, number, code)
	}
	if err != nil {
		return s.askReceipt(c, err)
	}
	return web.SeeOther(c, receiptURL)
}

// otherReceipt lets go of the receipt and asks for another.
func (s *screen) otherReceipt(c echo.Context) error {
	s.leaveDesk(c)
	return web.SeeOther(c, receiptURL)
}

func (s *screen) receiptType(c echo.Context) error {
	s.sit(c)
	return s.showReceiptType(c, s.prefsOf(c), askNumber, "", "", nil)
}

// typeReceipt takes number and code, one page each, and opens the paper.
func (s *screen) typeReceipt(c echo.Context) error {
	s.sit(c)
	at, number, code := c.FormValue("at"), c.FormValue("number"), c.FormValue("code")
	p := s.prefsOf(c)
	switch pressed := c.FormValue("go"); {
	case pressed == "lang" || pressed == "type":
		return s.showReceiptType(c, s.toggle(c, pressed), at, number, code, nil)
	case pressed == "back" && at == askCode:
		return s.showReceiptType(c, p, askNumber, number, code, nil)
	case pressed == "back":
		return web.SeeOther(c, receiptURL)
	}
	n, err := kiosk.ParseSlipNumber(number)
	if err != nil || at != askCode {
		if err == nil {
			at = askCode
		} else {
			at = askNumber
		}
		return s.showReceiptType(c, p, at, number, code, err)
	}
	parsed, err := kiosk.ParsePaperCode(code)
	if err == nil {
		err = s.openReceipt(c, n, parsed)
	}
	if err != nil {
		return s.showReceiptType(c, p, askCode, n, code, err)
	}
	return web.SeeOther(c, receiptURL)
}

func (s *screen) showReceiptType(c echo.Context, p prefs, at, number, code string, wrong error) error {
	if at != askCode {
		at = askNumber
	}
	page := receiptTypePage{frame: s.frame(p, "receipttype", "receipt.title"), At: at, Number: number, Code: code,
		Label: s.words.Say(p.Lang, "receipt."+at), Hint: s.words.Say(p.Lang, "receipt."+at+"_hint")}
	page.Back, page.Draft = receiptURL, true
	if at == askCode {
		page.Layers = []keyLayer{layer("0–9 A–F", "0123456789ABCDEF"), layer("G–Z", "GHJKMNPQRSTVWXYZ")}
	} else {
		page.Layers = []keyLayer{layer("0–9", "0123456789-"), layer("A–M", "ABCDEFGHIJKLM"), layer("N–Z", "NOPQRSTUVWXYZ")}
	}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "receipttype", page)
}

func layer(name, keys string) keyLayer { return keyLayer{name, strings.Split(keys, "")} }

// showReceipt shows what the paper stands for.
func (s *screen) showReceipt(c echo.Context, r openedReceipt) error {
	p := s.prefsOf(c)
	page := receiptPage{frame: s.frame(p, "receiptopen", "receipt.title"), Number: r.Number, Service: r.Service}
	page.Return = receiptURL
	if v, f, ok := s.booth.Catalogue().Service(r.Service); ok {
		page.Title, page.Crumb = v.Name.In(p.Lang), f.Tile.In(p.Lang)
	}
	if st := s.booth.Status(); !st.Uplink.Up && !r.AsOf.IsZero() {
		page.AsOf = s.viewTime(p, r.AsOf)
	}
	page.Flow, page.Facts = s.viewFlow(p, r), s.receiptFacts(p, r)
	page.Ways = append(s.receiptWays(p, r), s.receiptTile(p, "data", "fingerprint"))
	if page.Genuine = "unknown"; r.Genuine {
		page.Genuine = "yes"
	}
	return s.write(c, http.StatusOK, p, "receiptopen", page)
}

// receiptFacts is what is known of what the paper stands for, by its action.
func (s *screen) receiptFacts(p prefs, r openedReceipt) []factView {
	switch r.Action {
	case kiosk.ActionRequest:
		return s.caseFacts(p, r)
	case kiosk.ActionBook, kiosk.ActionRegister:
		return s.seatFacts(p, r)
	default:
		return nil
	}
}

// receiptWays is what can be done with the paper, by its action.
func (s *screen) receiptWays(p prefs, r openedReceipt) []tile {
	switch r.Action {
	case kiosk.ActionRequest:
		return s.caseWays(p, r)
	case kiosk.ActionBook, kiosk.ActionRegister:
		return s.seatWays(p, r)
	default:
		return nil
	}
}
