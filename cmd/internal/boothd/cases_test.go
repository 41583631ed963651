package boothd_test

import (
	"bytes"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"redstation/cmd/internal/boothd"
	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

// visitor is somebody at the screen of a booth.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

func visit(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, base, &http.Client{Jar: jar}}
}

// post sends a form with pairs of names and values, and returns the page and its path.
func (v *visitor) post(path string, pairs ...string) (page, at string) {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := v.http.PostForm(v.base+path, form)
	return text(v.t, r, err), r.Request.URL.Path
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	r, err := v.http.Get(v.base + path)
	return text(v.t, r, err)
}

// shown waits until the page of the receipt says something.
func (v *visitor) shown(want string) string {
	v.t.Helper()
	var page string
	for deadline := time.Now().Add(40 * time.Second); !strings.Contains(page, want); time.Sleep(30 * time.Millisecond) {
		if page = v.get("/receipt"); time.Now().After(deadline) {
			v.t.Fatalf("the receipt never says %q:\n%s", want, page)
		}
	}
	return page
}

// opens types a receipt's number and code.
func (v *visitor) opens(number, code string) {
	v.t.Helper()
	v.post("/receipt/type", "at", "code", "number", number, "code", code, "go", "next")
}

// member is a booth of a city, whose line can be cut: it then starts anew, as after a
// power cut with no line.
type member struct {
	t    *testing.T
	c    boothd.Config
	stop func()
}

// join enrols a booth of the city.
func join(t *testing.T, city *hubtest.City, id string) *member {
	t.Helper()
	invitation, err := city.CreateEnrolment(t.Context(), id, "Booth "+id, city.URL)
	if err != nil {
		t.Fatal(err)
	}
	m := &member{t: t, c: config(t, io.Discard), stop: func() {}}
	b, err := boothd.Open(t.Context(), m.c)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Enrol(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.stop() })
	return m
}

// line starts the booth anew, with a line or without one, and returns a visitor.
func (m *member) line(up bool) *visitor {
	m.t.Helper()
	m.stop()
	if m.c.Hub = ""; !up {
		m.c.Hub = "http://127.0.0.1:9" // discard: nobody listens there
	}
	var base string
	base, m.stop = serve(m.t, m.c)
	return visit(m.t, base)
}

// paperOf reads number and code off the picture of a slip.
func paperOf(t *testing.T, v *visitor, slip string) (number, code string) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader([]byte(v.get(slip + "/picture.png"))))
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	number, paper, err := kiosk.ParsePaperQR(read.GetText())
	if err != nil {
		t.Fatal(err)
	}
	return number, string(paper)
}

// A resident files at one booth while the line is down. When it is back the city acts;
// at another booth, with the line down again, the paper shows what it did, and the
// resident judges; when that arrives the city's case is closed.
func TestAWorryIsFiledAtOneBoothAndJudgedAtAnother(t *testing.T) {
	city := hubtest.New(t)
	a, b := join(t, city, "07"), join(t, city, "08")
	first := a.line(false)
	_, slip := first.post("/s/3.1/submit", "key", kiosk.RandomID().String(), "a.category", "lighting", "a.place", "beishan", "a.consent", "no", "check", "1")
	if !strings.HasPrefix(slip, "/slip/") {
		t.Fatalf("filed, and led to %s", slip)
	}
	number, code := paperOf(t, first, slip)
	first.opens(number, code)
	first.shown("已在驿站登记")

	first = a.line(true)
	var c kiosk.CaseItem
	arrives(t, city, func() (ok bool) {
		var err error
		c, err = city.Case(t.Context(), "07", number)
		return err == nil
	})
	for _, e := range []kiosk.CaseEvent{{Deed: kiosk.DeedAccepted}, {Deed: kiosk.DeedPlanned, Text: kiosk.Text{kiosk.Chinese: "周五修"}},
		{Deed: kiosk.DeedDone, Outcome: kiosk.OutcomeFixed, Text: kiosk.Text{kiosk.Chinese: "楼道灯修好了", kiosk.English: "The light is repaired"}}} {
		var err error
		if c, err = city.DoCase(hub.As(t.Context(), "li"), "07", number, c.Version, e); err != nil {
			t.Fatal(err)
		}
	}
	second := b.line(true)
	soon(t, "the other booth learns of it", func() bool { return second.tries(number, code) })

	second = b.line(false)
	second.opens(number, code)
	page := second.shown("城市说已经办好")
	if !strings.Contains(page, number) || !strings.Contains(page, "真票") {
		t.Errorf("the other booth shows\n%s", page)
	}
	if said := second.get("/receipt/words"); !strings.Contains(said, "楼道灯修好了") || !strings.Contains(said, "周五修") {
		t.Errorf("the city's words are not shown:\n%s", said)
	}
	second.post("/receipt/send/rated", "key", kiosk.RandomID().String(), "a.choice", "good")
	second.shown("还没有确认")

	second = b.line(true)
	arrives(t, city, func() bool {
		c, err := city.Case(t.Context(), "07", number)
		return err == nil && c.Ending == kiosk.EndRated && c.Rating == kiosk.RatingGood
	})
	for _, v := range []*visitor{first, second} {
		v.opens(number, code)
		if page := v.shown("您已评价：满意"); strings.Contains(page, "还没有确认") {
			t.Error("what the city has heard is still on its way")
		}
	}
}

// tries types a receipt that the booth may not know yet.
func (v *visitor) tries(number, code string) bool {
	v.t.Helper()
	r, err := v.http.PostForm(v.base+"/receipt/type", url.Values{"at": {"code"}, "number": {number}, "code": {code}, "go": {"next"}})
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// arrives waits until something has come to the hub, which answers papers meanwhile.
func arrives(t *testing.T, city *hubtest.City, done func() bool) {
	t.Helper()
	soon(t, "it arrives at the hub", func() bool {
		if _, err := city.AnswerCapsules(t.Context()); err != nil {
			t.Fatal(err)
		}
		return done()
	})
}
