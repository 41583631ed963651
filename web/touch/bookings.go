package touch

import (
	"cmp"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Who is expected today, for staff: by receipt number only. Whoever comes shows the
// paper, and staff tap "arrived". Names are opened at the hub.

const bookingsURL = "/staff/bookings"

// bookingsLong is how far ahead and back staff can look, in days with bookings.
const bookingsLong = 31

type bookingsPage struct {
	frame
	Day    string // YYYY-MM-DD
	Words  string // the day in words
	Today  bool
	Before string // the day with bookings before this one; "" = none
	After  string
	Rows   []bookingRow
	Error  string
}

// bookingRow is one booking of the day.
type bookingRow struct {
	Number  string
	Time    string
	Service string
	Waiting bool
	Arrived bool
	Comes   bool // "arrived" can be tapped now
}

// bookings serves the list of the service day, or of the day that was asked for.
func (s *screen) bookings(c echo.Context) error { return s.showBookings(c, c.QueryParam("day"), nil) }

func (s *screen) showBookings(c echo.Context, day string, wrong error) error {
	ctx, p := c.Request().Context(), s.prefsOf(c)
	today, err := s.booth.BookingDay(ctx)
	if err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		day = today
	}
	all, err := s.booth.BookingsOn(ctx, day)
	if err != nil {
		return err
	}
	page := bookingsPage{frame: s.staffFrame(c, "staff-bookings", "staff.bookings"), Day: day, Words: s.longDay(day, p.Lang), Today: day == today}
	page.Back, page.Inner = staffURL, true
	if page.Before, page.After, err = s.daysBeside(c, today, day); err != nil {
		return err
	}
	for _, k := range all {
		row := bookingRow{Number: k.Number, Time: k.Time, Service: k.Service, Waiting: k.State == kiosk.SeatWaiting, Arrived: k.Arrived}
		if v, _, ok := s.booth.Catalogue().Service(k.Service); ok {
			row.Service = cmp.Or(s.booth.SlotOf(v, k).Name.In(p.Lang), v.Name.In(p.Lang))
		}
		row.Comes = !k.Arrived && s.booth.Attends(k) == nil
		page.Rows = append(page.Rows, row)
	}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "bookings", page)
}

// daysBeside returns the days with bookings before and after a day, and the service
// day among them, so that it can always be gone back to.
func (s *screen) daysBeside(c echo.Context, today, day string) (before, after string, err error) {
	first := today
	if t, err := time.Parse(time.DateOnly, min(today, day)); err == nil {
		first = t.AddDate(0, 0, -bookingsLong).Format(time.DateOnly)
	}
	days, err := s.booth.BookingDays(c.Request().Context(), first, 4*bookingsLong)
	if err != nil {
		return "", "", err
	}
	for _, d := range append(days, today) {
		if d < day && d > before {
			before = d
		}
		if d > day && (after == "" || d < after) {
			after = d
		}
	}
	return before, after, nil
}

// arrived notes that whoever has a booking is there.
func (s *screen) arrived(c echo.Context) error {
	day := c.FormValue("day")
	if _, err := s.booth.Arrive(c.Request().Context(), c.FormValue("number"), "staff"); err != nil {
		switch kiosk.CodeOf(err) {
		case kiosk.CodeConflict, kiosk.CodeNotFound:
			return s.showBookings(c, day, err)
		}
		return err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return web.SeeOther(c, bookingsURL)
	}
	return web.SeeOther(c, bookingsURL+"?day="+day)
}

// bookingsTile leads to the list, and says how many are expected today.
func (s *screen) bookingsTile(c echo.Context, lang kiosk.Lang) staffTile {
	t := staffTile{Href: bookingsURL, Icon: "calendar-check", Label: s.words.Say(lang, "staff.bookings")}
	day, err := s.booth.BookingDay(c.Request().Context())
	if err != nil {
		return t
	}
	all, err := s.booth.BookingsOn(c.Request().Context(), day)
	if err != nil {
		return t
	}
	expected := 0
	for _, k := range all {
		if k.State == kiosk.SeatBooked && !k.Arrived {
			expected++
		}
	}
	t.Note = s.words.Say(lang, "staff.bookings_note", "n", expected)
	return t
}
