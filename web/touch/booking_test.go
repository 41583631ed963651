package touch_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

// legal is the legal aid of the embedded pack: one place at a time, two may wait. The
// clock of the tests begins on Monday 2026-11-23; its first times are on Tuesday.
const legal = "/s/5.1/form"

// begins shows the first question of a form, in a new visit.
func (r *rig) begins(form string) page {
	r.t.Helper()
	r.post("/end", nil)
	return r.get(form).want(200)
}

// pick answers legal aid's questions with a day and a time, up to the check page.
func (r *rig) pick(day, clock string) page {
	r.t.Helper()
	p := r.post(legal, with(r.begins(legal).form(), "a.matter", "wages")).want(200, "哪天来？", `name="a.slot"`, "11月24日", "最早")
	p = r.post(legal, with(p.form(), "a.slot", day)).want(200, "几点来？", `name="d.slot"`)
	p = r.post(legal, with(p.form(), "d.slot", clock)).want(200, `value="yes"`)
	p = r.post(legal, with(p.form(), "a.consent", "yes"))
	p = r.post(legal, with(p.form(), "a.name", name))
	return r.post(legal, with(p.form(), "a.phone", phone)).want(200, "11月24日", clock[:5]+"–", "提交")
}

func TestBookingFromTheDayToTheSlip(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/s/5.1").want(200, "选时间预约")
	form := r.pick("2026-11-24", "09:00").form()
	late := r.pick("2026-11-24", "09:00").form()
	slip := r.post("/s/5.1/submit", form).want(200, "约好了", "09:00–09:30", "驿站谈话间", "身份证")
	again := r.post("/s/5.1/submit", form)
	if again.url != slip.url || number(again) != number(slip) {
		t.Errorf("the same form again: %s %s, want %s %s", again.url, number(again), slip.url, number(slip))
	}
	t.Run("who comes too late is led to what is free", func(t *testing.T) {
		p := r.post("/s/5.1/submit", late).want(409, "刚刚满了", "几点来？", `value="09:30" checked`, `value="09:00/wait"`)
		p = r.post(legal, with(p.form(), "d.slot", "09:30")).want(200, "09:30–10:00", "提交")
		r.post("/s/5.1/submit", p.form()).want(200, "约好了", "09:30–10:00")
	})
	t.Run("a full time offers its waiting list", func(t *testing.T) {
		p := r.pick("2026-11-24", "09:00/wait").want(200, "候补")
		r.post("/s/5.1/submit", p.form()).want(200, "排上候补了", "还没有名额", "排在第 1 位")
	})
	t.Run("a full time that was chosen is told on its own page", func(t *testing.T) {
		p := r.post(legal, with(r.begins(legal).form(), "a.matter", "wages"))
		p = r.post(legal, with(p.form(), "a.slot", "2026-11-24"))
		r.post(legal, with(p.form(), "d.slot", "09:00")).want(409, "刚刚满了", `value="10:00" checked`)
		r.post(legal, p.form()).want(422, "请点一个时间")
	})
}

func TestTheQuestionForADay(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	p := r.post(legal, with(r.begins(legal).form(), "a.matter", "wages")).want(200, "还有 6 个")
	r.post(legal, p.form()).want(422, "请点一个日子")
	r.post(legal, with(p.form(), "a.slot", "yesterday")).want(422, "请点一个日子")
	p = r.post(legal, with(p.form(), "a.slot", "2026-11-25")) // a Wednesday: there is none
	p.want(200, "都满了")
	back := r.post(legal, with(p.form(), "go", "back")).want(200, "哪天来？")
	if n := strings.Count(back.main(), "最早"); n != 1 {
		t.Errorf("%d days are the next free one", n)
	}
	t.Run("a clock that nobody vouches for is said", func(t *testing.T) {
		r.clock.Set(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), kiosk.ClockRestored)
		r.post(legal, with(r.begins(legal).form(), "a.matter", "wages")).want(200, "时间还没有核对")
	})
}

func TestAnEventIsJoined(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	const form = "/s/6.3/form"
	p := r.get(form).want(200, "报哪一场？", "心肺复苏和AED", "12月12日", "还有 20 个")
	r.post(form, p.form()).want(422, "请点一场活动")
	r.post(form, with(p.form(), "a.event", "no-such@2026-12-12")).want(422, "请点一场活动")
	p = r.post(form, with(p.form(), "a.event", "cpr@2026-12-12"))
	p = r.post(form, with(p.form(), "a.consent", "yes"))
	p = r.post(form, with(p.form(), "a.name", name))
	p = r.post(form, with(p.form(), "a.phone", phone)).want(200, "心肺复苏和AED 12月12日 星期六")
	r.post("/s/6.3/submit", p.form()).want(200, "登记好了", "14:00–16:00", "社区活动室", "平底鞋")
}

// finish answers any form with the first thing that it offers, and files it.
func (r *rig) finish(id string) page {
	r.t.Helper()
	path := "/s/" + id + "/form"
	p := r.begins(path)
	radio := regexp.MustCompile(`type="radio" name="([^"]+)" value="([^"]*)"(?: checked)?>`)
	field := regexp.MustCompile(`<textarea[^>]* name="([ad]\.[a-z_]+)"`)
	for range 20 {
		form := p.form()
		switch {
		case strings.Contains(p.main(), "/submit"):
			return r.post("/s/"+id+"/submit", form).want(200, "data-number")
		case strings.Contains(p.main(), "data-yes"):
			form.Set("a.consent", "yes")
		case radio.MatchString(p.main()):
			m := radio.FindStringSubmatch(p.main())
			form.Set(m[1], m[2])
		case strings.Contains(p.main(), "data-phone"):
			form.Set("a.phone", phone)
		default:
			form.Set(field.FindStringSubmatch(p.main())[1], "一二")
		}
		p = r.post(path, form).want(200)
	}
	r.t.Fatalf("%s has no end", id)
	return page{}
}

func TestEveryBookingAndRegistrationOfThePackComesToItsEnd(t *testing.T) {
	c := catalogueOf(t)
	r := newRig(t, c, touch.Opts{})
	n := 0
	for _, f := range c.Functions {
		for _, s := range f.Services {
			if a, ok := s.Filing(); ok && (a == kiosk.ActionBook || a == kiosk.ActionRegister) {
				n++
				number := number(r.finish(s.ID))
				k, err := r.Booking(context.Background(), number)
				if err != nil || k.State != kiosk.SeatBooked || k.Service != s.ID {
					t.Errorf("%s: %+v %v", s.ID, k, err)
				}
			}
		}
	}
	if n != 14 {
		t.Errorf("%d services, want 14", n)
	}
}

func TestStaffSeeWhoIsExpectedByNumberOnly(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.post("/s/5.1/submit", r.pick("2026-11-24", "09:00").form())
	slip := r.post("/s/5.1/submit", r.pick("2026-11-24", "09:30").form())
	number := number(slip)
	r.signIn()
	r.get("/staff").want(200, "预约和报名", "今天还有 0 位")
	r.get("/staff/bookings").want(200, "这一天没有人预约", "2026-11-24")
	tomorrow := r.get("/staff/bookings?day=2026-11-24").want(200, number, "09:30", "法律援助预约")
	if strings.Contains(tomorrow.main(), "data-arrived") || strings.Contains(tomorrow.body, name) {
		t.Error("the day has not come, or a name is there")
	}
	r.post("/staff/arrived", url.Values{"number": {number}, "day": {"2026-11-24"}}).want(409, "不是今天")
	r.clock.Advance(20 * time.Hour)
	r.signIn()
	r.get("/staff").want(200, "今天还有 2 位")
	r.get("/staff/bookings").want(200, `data-arrived="`+number+`"`)
	r.post("/staff/arrived", url.Values{"number": {number}, "day": {"2026-11-24"}}).want(200, "已到", "今天")
	r.get("/staff").want(200, "今天还有 1 位")
	r.post("/staff/arrived", url.Values{"number": {"07-999"}}).want(404, "没有找到")
}

// signIn signs staff in again, after their session has ended.
func (r *rig) signIn() {
	r.t.Helper()
	r.post("/staff/enter", url.Values{"digits": {pin}}).want(200)
}
