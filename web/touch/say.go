package touch

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// What a resident says with the opened receipt: an answer, a rating, that it is to be
// done again, that it is taken back, what shall become of the data. One question a page,
// then everything once more, then it is written down. What was entered travels in the
// body of each POST, as in the forms of the services:
//
//	/receipt/say/:deed   the first question; each POST leads to the next
//	/receipt/send/:deed  writes it down

// longestLabel is how many characters of the city's question have room over the answer
// on every panel. A longer one stands in smaller type, and whole on the page of what
// the city says.
const longestLabel = 40

// sayDraft is a saying on its way.
type sayDraft struct {
	deed    kiosk.Deed
	form    *kiosk.Form
	receipt openedReceipt
	key     kiosk.ID
	at      string // the field whose page was sent
	answers kiosk.Answers
}

type sayCheckPage struct {
	formFrame
	Send  string
	Words string // what it means
	Rows  []answerRow
	Error string
}

func sayURL(d kiosk.Deed) string  { return receiptURL + "/say/" + string(d) }
func sendURL(d kiosk.Deed) string { return receiptURL + "/send/" + string(d) }

func (s *screen) sayRoutes(e *echo.Echo) {
	e.GET(receiptURL+"/say/:deed", s.beginSaying)
	e.POST(receiptURL+"/say/:deed", s.stepSaying)
	e.POST(receiptURL+"/send/:deed", s.sendSaying)
}

// readSaying reads what was sent, for the receipt that is open. ok is false where there
// is none any more.
func (s *screen) readSaying(c echo.Context) (d *sayDraft, ok bool, err error) {
	d = &sayDraft{deed: kiosk.Deed(c.Param("deed")), answers: kiosk.Answers{}}
	if d.form, ok = kiosk.SayForm(d.deed); !ok {
		return nil, false, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "nobody says %q", d.deed)
	}
	if d.receipt, ok = s.opened(c); !ok {
		return nil, false, nil
	}
	if err := c.Request().ParseForm(); err != nil {
		return nil, false, &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.too_large", Err: err}
	}
	body := c.Request().PostForm
	d.at = body.Get("at")
	if c.Request().Method == http.MethodGet {
		d.key = kiosk.RandomID()
	} else if d.key, err = kiosk.ParseID(body.Get("key")); err != nil {
		return nil, false, err
	}
	for _, f := range d.form.Fields {
		if v := body.Get("a." + f.ID); v != "" {
			d.answers[f.ID] = kiosk.Answer{Value: v}
		}
	}
	return d, true, nil
}

// beginSaying serves the first question.
func (s *screen) beginSaying(c echo.Context) error {
	d, ok, err := s.readSaying(c)
	if err != nil {
		return err
	}
	if !ok || !d.receipt.CanSay(d.deed) {
		return web.SeeOther(c, receiptURL)
	}
	return s.showSaying(c, s.prefsOf(c), d, 0, nil)
}

// stepSaying checks the page that was sent and serves the next.
func (s *screen) stepSaying(c echo.Context) error {
	d, ok, err := s.readSaying(c)
	if err != nil {
		return err
	}
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	p, at := s.prefsOf(c), d.place()
	pressed, to, _ := strings.Cut(c.FormValue("go"), ":")
	switch pressed {
	case "lang", "type":
		return s.showSaying(c, s.toggle(c, pressed), d, at, nil)
	case "to":
		d.at = to
		return s.showSaying(c, p, d, d.place(), nil)
	case "back":
		if at == 0 {
			return web.SeeOther(c, receiptURL)
		}
		return s.showSaying(c, p, d, at-1, nil)
	}
	if at < len(d.form.Fields) {
		f := &d.form.Fields[at]
		a, err := f.Check(d.answers[f.ID], s.booth.Catalogue(), s.today())
		if err != nil {
			return s.showSaying(c, p, d, at, err)
		}
		d.answers[f.ID] = a
	}
	return s.showSaying(c, p, d, at+1, nil)
}

// place is the index of the page that was sent, behind the last for the check page.
func (d *sayDraft) place() int {
	if i := slices.IndexFunc(d.form.Fields, func(f kiosk.Field) bool { return f.ID == d.at }); i >= 0 {
		return i
	}
	return len(d.form.Fields)
}

// sendSaying writes down what was said, and shows the receipt with it on its way, or
// the paper that confirms it.
func (s *screen) sendSaying(c echo.Context) error {
	d, ok, err := s.readSaying(c)
	if err != nil {
		return err
	}
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	p := s.prefsOf(c)
	kept, err := d.form.Accept(d.answers, s.booth.Catalogue(), s.today())
	if err != nil {
		return s.showSaying(c, p, d, 0, err)
	}
	i, err := s.booth.Say(c.Request().Context(), d.key, d.receipt.Opened, kiosk.SayingOf(d.deed, kept, p.Lang))
	switch code := kiosk.CodeOf(err); {
	case err == nil && !i.Slip.IsZero():
		return web.SeeOther(c, slipURL(i.Slip))
	case err == nil:
		return web.SeeOther(c, receiptURL)
	case code == kiosk.CodeConflict || code == kiosk.CodeUnavailable || code == kiosk.CodeInternal:
		s.opts.Log.ErrorContext(c.Request().Context(), "saying not written down", "deed", d.deed, "code", code, "err", err)
		return s.showSaying(c, p, d, len(d.form.Fields), err)
	}
	return err
}

// showSaying serves question i, or everything once more behind the last.
func (s *screen) showSaying(c echo.Context, p prefs, d *sayDraft, i int, wrong error) error {
	status := http.StatusOK
	if wrong != nil {
		status = web.StatusOf(kiosk.CodeOf(wrong))
	}
	title := s.words.Say(p.Lang, "say.title_"+string(d.deed))
	f := formFrame{Service: s.saySubject(p, d, title), Action: sayURL(d.deed), Step: i + 1, Steps: len(d.form.Fields) + 1, Key: d.key}
	if i >= len(d.form.Fields) {
		f.frame, f.At = s.titled(p, "saycheck", title), checkPage
		page := sayCheckPage{formFrame: f, Send: sendURL(d.deed), Words: s.words.Say(p.Lang, "say.about_"+string(d.deed))}
		page.carry(d, "", receiptURL)
		if wrong != nil {
			page.Error = s.words.Say(p.Lang, kiosk.KeyOf(wrong))
		}
		for j := range d.form.Fields {
			field := &d.form.Fields[j]
			page.Rows = append(page.Rows, answerRow{Page: field.ID, Name: field.Short.In(p.Lang), Icon: field.Icon,
				Value: s.viewAnswer(&draft{pack: s.booth.Catalogue(), answers: d.answers}, formPage{id: field.ID, field: field}, p.Lang)})
		}
		return s.write(c, status, p, "saycheck", page)
	}
	field := &d.form.Fields[i]
	a := d.answers[field.ID]
	v := questionView{Kind: string(field.Kind), Name: "a." + field.ID, Label: field.Label.In(p.Lang), Hint: field.Hint.In(p.Lang),
		Icon: field.Icon, Value: a.Value, MaxLen: maxLen(field)}
	if q := d.question(p.Lang); q != "" && field.ID == kiosk.SayWords {
		if utf8.RuneCountInString(q) <= longestLabel {
			v.Label, v.Hint = q, ""
		} else {
			v.Hint = q
		}
	}
	if wrong != nil {
		v.Error = s.words.Say(p.Lang, wrongKey(wrong, v.Kind), "max", v.MaxLen)
	}
	s.fillAnswers(&v, &draft{pack: s.booth.Catalogue(), answers: d.answers}, formPage{id: field.ID, field: field}, p.Lang)
	f.frame, f.At = s.titled(p, "question", v.Label), field.ID
	page := questionPage{f, v}
	page.carry(d, field.ID, receiptURL)
	return s.write(c, status, p, "question", page)
}

// carry lets the page carry the answers of the other pages.
func (f *formFrame) carry(d *sayDraft, but, back string) {
	f.Back, f.Draft = back, true
	for _, field := range d.form.Fields {
		if a := d.answers[field.ID]; a.Value != "" && field.ID != but {
			f.Hidden = append(f.Hidden, hidden{"a." + field.ID, a.Value})
		}
	}
}

// question is what the city asked, where that is what is answered.
func (d *sayDraft) question(lang kiosk.Lang) string {
	if d.deed != kiosk.DeedAnswered || d.receipt.Filing.Case == nil {
		return ""
	}
	for _, w := range d.receipt.Filing.Case.Words {
		if w.Deed == kiosk.DeedAsked {
			return w.Text.In(lang)
		}
	}
	return ""
}

func (s *screen) saySubject(p prefs, d *sayDraft, title string) subject {
	v := subject{ID: d.receipt.Service, Function: d.receipt.Number, Icon: "receipt-text", Family: kiosk.Civic, Name: title}
	if _, f, ok := s.booth.Catalogue().Service(d.receipt.Service); ok {
		v.Family = f.Family
	}
	return v
}
