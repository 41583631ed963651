package touch

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// draft is a form on its way: all of it travels in the body of each POST.
//
//	key         the submission key, made when the form was first shown
//	at          the id of the page that was sent
//	check       "1" once the answers have been shown for checking
//	a.<field>   the answer, d.<field> the free part of a place
//	helped      "1" where somebody else fills it in
//	twin        the number of the paper that staff type in
//	go          what was pressed; absent or "next" goes on
type draft struct {
	pack    *kiosk.Catalogue // of the visit
	service *kiosk.Service
	fn      *kiosk.Function
	key     kiosk.ID
	at      string
	checked bool
	helped  bool
	twin    string
	noticed bool // the privacy notice was asked for just now
	answers kiosk.Answers
}

// formPage is one question page. A place has two: the listed place, and its detail.
type formPage struct {
	id     string // the field's, with ".detail" for the second page of a place
	field  *kiosk.Field
	detail bool
}

// checkPage is the id of the page after the last question.
const checkPage = "check"

// pagesOf lists the question pages of a form in their order. A place and a slot have
// two pages. Personal questions
// are left out once consent was refused.
func pagesOf(form *kiosk.Form, answers kiosk.Answers) []formPage {
	refused := form.Refused(answers)
	var pages []formPage
	for i := range form.Fields {
		f := &form.Fields[i]
		if f.Personal && refused {
			continue
		}
		pages = append(pages, formPage{id: f.ID, field: f})
		if f.Kind == kiosk.FieldPlace || f.Kind == kiosk.FieldItem || f.Kind == kiosk.FieldSlot {
			pages = append(pages, formPage{id: f.ID + ".detail", field: f, detail: true})
		}
	}
	return pages
}

// readDraft reads the form's body. Only fields that the form has are taken.
func (s *screen) readDraft(c echo.Context) (*draft, error) {
	v, fn, err := s.findForm(c)
	if err != nil {
		return nil, err
	}
	if err := c.Request().ParseForm(); err != nil {
		return nil, &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.too_large", Err: fmt.Errorf("read form: %w", err)}
	}
	body := c.Request().PostForm
	d := &draft{pack: s.pack(c), service: v, fn: fn, at: body.Get("at"), checked: body.Get("check") == "1", answers: kiosk.Answers{}}
	if d.key, err = kiosk.ParseID(body.Get("key")); err != nil {
		return nil, err
	}
	d.helped = body.Get("helped") == "1"
	if d.twin = body.Get("twin"); d.twin != "" && (d.key != kiosk.TwinKey(d.twin) || !s.signedIn(c)) {
		return nil, kiosk.Errorf(kiosk.CodeDenied, "error.staff_only", "a paper is typed in by staff")
	}
	for i := range v.Form.Fields {
		id := v.Form.Fields[i].ID
		if a := (kiosk.Answer{Value: body.Get("a." + id), Detail: body.Get("d." + id)}); a != (kiosk.Answer{}) {
			d.answers[id] = a
		}
	}
	return d, nil
}

// index returns the index of the page where the draft is: a question, or len(pages)
// for the check page and one more for the page of the resident's own word.
func (d *draft) index(pages []formPage) int {
	if d.at == confirmPage {
		return len(pages) + 1
	}
	return place(pages, d.at)
}

// place returns the index of the page with that id, or of the check page where
// there is none.
func place(pages []formPage, id string) int {
	for i, p := range pages {
		if p.id == id {
			return i
		}
	}
	return len(pages)
}

// check checks the answer of one page. A place's listed part is checked alone on
// its own page, so that trouble with the detail is told beside the detail.
func (d *draft) check(p formPage, today time.Time) error {
	a := d.answers[p.field.ID]
	if !p.detail && (p.field.Kind == kiosk.FieldPlace || p.field.Kind == kiosk.FieldItem) {
		a.Detail = ""
	}
	if p.field.Kind == kiosk.FieldSlot && !p.detail {
		return p.field.CheckDay(a)
	}
	_, err := p.field.Check(a, d.pack, today)
	return err
}

// mend normalises the answer of a page that passed its check, so that what is
// shown for checking is what will be kept.
func (d *draft) mend(p formPage, today time.Time) {
	if a, err := p.field.Check(d.answers[p.field.ID], d.pack, today); err == nil {
		d.answers[p.field.ID] = a
	}
}

// next returns where the draft goes on after page i: to the following page, or,
// for one that was changed from the check page, to the first that is still wrong.
// A place is always followed by its detail.
func (d *draft) next(i int, today time.Time) int {
	pages := pagesOf(d.service.Form, d.answers)
	if !d.checked || i+1 < len(pages) && pages[i+1].detail {
		return i + 1
	}
	for j, p := range pages {
		if d.check(p, today) != nil {
			return j
		}
	}
	return len(pages)
}
