package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// The pages of an opened receipt that are read: what the city said, and what is held
// about whoever filed it.

type receiptReadPage struct {
	frame
	Number   string
	Crumb    string
	Sections []sectionView
	Ways     []tile
}

// receiptWords shows what the city said: its question, its plan, its result or reason.
func (s *screen) receiptWords(c echo.Context) error {
	r, ok := s.opened(c)
	if !ok || r.Filing.Case == nil {
		return web.SeeOther(c, receiptURL)
	}
	p := s.prefsOf(c)
	page := receiptReadPage{frame: s.frame(p, "receiptread", "receipt.way_words"), Number: r.Number}
	page.Back, page.Return = receiptURL, receiptURL+"/words"
	for i := len(r.Filing.Case.Words) - 1; i >= 0; i-- { // the newest first
		w := r.Filing.Case.Words[i]
		page.Sections = append(page.Sections, sectionView{
			Heading: s.words.Say(p.Lang, "date.said", "what", s.words.Say(p.Lang, "case.word_"+string(w.Deed)), "time", s.viewTime(p, w.At)),
			Lines:   []string{w.Text.In(p.Lang)}})
	}
	return s.write(c, http.StatusOK, p, "receiptread", page)
}

// receiptData tells what is held about whoever filed this, where and until when, and
// what they can ask for.
func (s *screen) receiptData(c echo.Context) error {
	r, ok := s.opened(c)
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	p := s.prefsOf(c)
	page := receiptReadPage{frame: s.frame(p, "receiptread", "receipt.way_data"), Number: r.Number}
	page.Back, page.Return = receiptURL, receiptURL+"/data"
	page.Sections = s.dataSections(p, r)
	icons := map[kiosk.Deed]string{kiosk.DeedDataAsked: "fingerprint", kiosk.DeedRefused: "ban"}
	for _, d := range r.Says() {
		if icons[d] != "" && (d != kiosk.DeedRefused || s.keepsContact(r.Service)) {
			page.Ways = append(page.Ways, tile{Href: sayURL(d), Icon: icons[d], Family: kiosk.Civic, Label: s.words.Say(p.Lang, "say.way_"+string(d))})
		}
	}
	return s.write(c, http.StatusOK, p, "receiptread", page)
}

// keepsContact reports whether the service asks for consent to keep something personal.
func (s *screen) keepsContact(service string) bool { return s.consentOf(service) != nil }

func (s *screen) consentOf(service string) *kiosk.Consent {
	v, _, ok := s.booth.Catalogue().Service(service)
	if !ok || v.Form == nil {
		return nil
	}
	for i := range v.Form.Fields {
		if v.Form.Fields[i].Consent != nil {
			return v.Form.Fields[i].Consent
		}
	}
	return nil
}

// dataSections says, by the form of the service, which kinds of data are held where.
func (s *screen) dataSections(p prefs, r openedReceipt) []sectionView {
	say := func(key string) string { return s.words.Say(p.Lang, key) }
	listed, sealed := sectionView{Heading: say("data.listed")}, sectionView{Heading: say("data.sealed")}
	if v, _, ok := s.booth.Catalogue().Service(r.Service); ok && v.Form != nil {
		for i := range v.Form.Fields {
			f := &v.Form.Fields[i]
			name := f.Short.In(p.Lang)
			switch {
			case f.Kind == kiosk.FieldConsent:
			case f.Sealed() || v.DataClass == kiosk.DataSensitive && f.Kind != kiosk.FieldPlace:
				sealed.Lines = append(sealed.Lines, name)
			default:
				listed.Lines = append(listed.Lines, name)
			}
		}
	}
	keep := sectionView{Heading: say("data.until"), Lines: []string{say("data.until_lines")}}
	if c := s.consentOf(r.Service); c != nil {
		keep.Lines = append(keep.Lines, c.Keep.In(p.Lang))
	}
	out := []sectionView{}
	for _, sec := range []sectionView{listed, sealed} {
		if len(sec.Lines) > 0 {
			out = append(out, sec)
		}
	}
	return append(out, sectionView{Heading: say("data.where"), Lines: []string{say("data.where_booth"), say("data.where_city"), say("data.where_paper")}}, keep)
}
