// Package kiosktest holds what tests of the booth need from outside: a clock that
// is set by hand, a printer that remembers what it printed and fails on command,
// a small catalogue with every kind of field, and a frame for experiments that are
// repeated with many seeds.
package kiosktest

import (
	"sync"
	"time"

	"redstation/kiosk"
)

// Clock is a clock that a test sets. The zero value is 1970 and not trusted.
type Clock struct {
	mu sync.Mutex
	r  kiosk.Reading
}

// NewClock returns a trusted clock at noon of 23 November 2026 in Jilin.
func NewClock() *Clock {
	return &Clock{r: kiosk.Reading{Wall: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), Since: time.Hour, State: kiosk.ClockNTP}}
}

// Read returns the reading that was set.
func (c *Clock) Read() kiosk.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.r.Wall, c.r.Since = c.r.Wall.Add(d), c.r.Since+d
}

// Set sets the wall clock, as a wrong or a corrected clock would.
func (c *Clock) Set(wall time.Time, s kiosk.ClockState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.r.Wall, c.r.State = wall, s
}

// Earliest returns the beginning of 2026: no time before it can be set by hand.
func (c *Clock) Earliest() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// SetByHand sets the wall clock as an operator does.
func (c *Clock) SetByHand(wall time.Time) { c.Set(wall, kiosk.ClockSetByHand) }

// Catalogue returns one function with an information service (1.1), a queue (1.2,
// at most three tickets a day) and a request with every kind of field (1.3).
func Catalogue() *kiosk.Catalogue {
	t := func(zh, en string) kiosk.Text { return kiosk.Text{kiosk.Chinese: zh, kiosk.English: en} }
	form := &kiosk.Form{Anonymous: true, Fields: []kiosk.Field{
		{ID: "kind", Kind: kiosk.FieldChoice, Label: t("是哪一类的事？", "What is it about?"), Short: t("类别", "Kind"),
			Options: []kiosk.Option{{ID: "light", Name: t("楼道照明", "Lights")}, {ID: "water", Name: t("下水管道", "Drains")}}},
		{ID: "place", Kind: kiosk.FieldPlace, Label: t("在哪里？", "Where?"), Short: t("地点", "Place"), Optional: true},
		{ID: "words", Kind: kiosk.FieldText, Label: t("请说说情况", "Tell us"), Short: t("情况", "Story"), Optional: true, MaxLen: 50},
		{ID: "day", Kind: kiosk.FieldDate, Label: t("哪天方便？", "Which day?"), Short: t("日期", "Day"), Optional: true},
		{ID: "consent", Kind: kiosk.FieldConsent, Label: t("可以联系您吗？", "May we call you?"), Short: t("同意", "Consent"),
			Consent: &kiosk.Consent{What: t("称呼和电话", "Name and phone"), Why: t("回复您", "To answer you"), Who: t("社区工作人员", "Community staff"), Keep: t("办结后90天", "90 days after closing")}},
		{ID: "name", Kind: kiosk.FieldText, Label: t("怎么称呼您？", "Your name?"), Short: t("称呼", "Name"), Personal: true, MaxLen: 20},
		{ID: "phone", Kind: kiosk.FieldPhone, Label: t("您的电话？", "Your phone?"), Short: t("电话", "Phone"), Personal: true},
	}}
	return &kiosk.Catalogue{Version: "test-1",
		Places: []kiosk.Place{{ID: "beishan", Name: t("北山街道", "Beishan")}},
		Functions: []kiosk.Function{{Number: 1, Icon: "scroll-text", Family: kiosk.Civic, Tile: t("政策服务", "Policy"), Name: t("党建与政策服务", "Party and policy desk"),
			Services: []kiosk.Service{
				{ID: "1.1", Icon: "info", Name: t("政策一点通", "Policy look-up"), Actions: []kiosk.Action{kiosk.ActionInfo},
					Info: &kiosk.Info{Updated: "2026-11-23", Sections: []kiosk.Section{{Heading: t("带什么", "Bring"), Lines: []kiosk.Text{t("身份证", "Identity card")}}}}},
				{ID: "1.2", Icon: "ticket", Name: t("律师坐诊排号", "Lawyer"), Actions: []kiosk.Action{kiosk.ActionTicket},
					Ticket: &kiosk.Queue{Prefix: "L", Where: t("一号窗口", "Window 1"), Limit: 3}},
				{ID: "1.3", Icon: "megaphone", Name: t("烦心事登记", "Report a worry"), Actions: []kiosk.Action{kiosk.ActionRequest}, Route: "community",
					DataClass: kiosk.DataContact, Form: form, Outcome: t("两个工作日内回复", "An answer in two working days")},
			}}}}
}

// Enrolment returns an enrolment as booth 07, and the city's secret that opens
// what the booth seals.
func Enrolment() (kiosk.Enrolment, *kiosk.CitySecret, error) {
	secret, err := kiosk.NewCitySecret(1)
	if err != nil {
		return kiosk.Enrolment{}, nil, err
	}
	return kiosk.Enrolment{Booth: "07", Name: "北山街道", Hub: "http://127.0.0.1:8090", HubKey: make([]byte, 32),
		CityKeyID: 1, CityKey: secret.Public().Bytes(), At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, secret, nil
}
