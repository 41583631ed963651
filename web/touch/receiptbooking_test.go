package touch_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

// appointment answers legal aid's form.
func appointment(day, clock string) kiosk.Answers {
	return kiosk.Answers{"matter": {Value: "wages"}, "slot": {Value: day, Detail: clock},
		"consent": {Value: "yes"}, "name": {Value: name}, "phone": {Value: phone}}
}

func TestThePaperOfABookingChangesAndCancelsIt(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	slip, code := r.filed("5.1", appointment("2026-11-24", "09:00"))
	r.filed("5.1", appointment("2026-11-24", "09:30"))
	waits, waitCode := r.filed("5.1", appointment("2026-11-24", "09:00/wait"))

	r.get("/receipt/change").want(200, "请出示您的回执") // nothing is open
	p := r.typed(slip.Number, string(code)).want(200, "已约好", "11月24日 明天 星期二 09:00–09:30", "/receipt/change", "/receipt/cancel")
	if strings.Contains(p.main(), "/receipt/arrive") {
		t.Error("one can arrive on the day before")
	}
	t.Run("to another time that has a place", func(t *testing.T) {
		r.get("/receipt/change").want(200, "改到哪天？", `name="day"`)
		r.post("/receipt/change", nil).want(422, "请点一个日子")
		times := r.post("/receipt/change", url.Values{"day": {"2026-11-24"}}).want(200, "几点来？", `value="09:00/wait" disabled`, `value="10:00"`)
		r.post("/receipt/change", times.form()).want(422, "请点一个时间")
		r.post("/receipt/change", with(times.form(), "time", "09:30")).want(409, "刚刚满了")
		r.post("/receipt/change", with(times.form(), "time", "10:00")).want(200, "已约好", "10:00–10:30")
	})
	t.Run("and whoever waited reads it on the paper", func(t *testing.T) {
		r.post("/receipt/other", nil)
		r.typed(waits.Number, string(waitCode)).want(200, "已约好", "09:00–09:30")
	})
	t.Run("cancelled after a question", func(t *testing.T) {
		r.get("/receipt/cancel").want(200, "要取消这个预约吗？", "09:00–09:30")
		p := r.post("/receipt/cancel", nil).want(200, "已取消")
		if strings.Contains(p.main(), "/receipt/cancel") {
			t.Error("it can be cancelled once more")
		}
		r.post("/receipt/cancel", nil).want(200, "已取消")
	})
	t.Run("arrived on the day", func(t *testing.T) {
		r.clock.Advance(21 * time.Hour) // Tuesday, 09:00
		r.post("/receipt/other", nil)
		r.typed(slip.Number, string(code)).want(200, "/receipt/arrive")
		r.get("/receipt/arrive").want(200, "您到了吗？", "10:00–10:30")
		r.post("/receipt/arrive", nil).want(200, slip.Number)
		k, err := r.Booking(t.Context(), slip.Number)
		if err != nil || !k.Arrived {
			t.Errorf("%+v %v", k, err)
		}
		r.post("/receipt/cancel", nil).want(409, "已经过了")
	})
	for _, at := range r.visited {
		if strings.Contains(at, string(code)) || strings.Contains(at, slip.Number) {
			t.Errorf("an address names the paper: %s", at)
		}
	}
}
