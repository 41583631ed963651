package touch

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/voice"
)

// Reading aloud. Templates mark what an element says (say), the page plays the marks in
// order, and this serves their clips. What a resident typed is never marked: others
// stand by.

// saying returns the clips of a text for the pages, divided by spaces.
func saying(set *voice.Set) func(kiosk.Lang, string) string {
	return func(lang kiosk.Lang, text string) string {
		ids := set.Say(lang, text)
		words := make([]string, len(ids))
		for i, id := range ids {
			words[i] = string(id)
		}
		return strings.Join(words, " ")
	}
}

// clip serves one. A person's recording may take an engine's place at any time, so
// that a browser asks again.
func (s *screen) clip(c echo.Context) error {
	id, found := strings.CutSuffix(c.Param("clip"), ".opus")
	body, err := s.voice.Open(voice.ID(id))
	if err != nil || !found {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no such clip")
	}
	c.Response().Header().Set(echo.HeaderContentType, "audio/ogg")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))
	return nil
}

const volumeURL = "/staff/volume"

func volumeKey(percent int) string { return "staff.volume_" + strconv.Itoa(percent) }

type volumePage struct {
	frame
	Options []optionView
}

// volume asks how loud pages are read aloud, and reads itself for a trial.
func (s *screen) volume(c echo.Context) error {
	p, now := s.prefsOf(c), s.booth.Settings().Volume
	page := volumePage{frame: s.staffFrame(c, "staff-volume", "staff.volume")}
	page.Back, page.Inner, page.Return = staffURL, true, volumeURL
	for _, v := range kiosk.Volumes() {
		page.Options = append(page.Options, optionView{ID: strconv.Itoa(v), Label: s.words.Say(p.Lang, volumeKey(v)), Chosen: v == now})
	}
	return s.write(c, http.StatusOK, p, "volume", page)
}

func (s *screen) setVolume(c echo.Context) error {
	percent, err := strconv.Atoi(c.FormValue("volume"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.choice", "volume %q is no number", c.FormValue("volume"))
	}
	if err := s.booth.SetVolume(c.Request().Context(), percent); err != nil {
		return err
	}
	return web.SeeOther(c, volumeURL)
}
