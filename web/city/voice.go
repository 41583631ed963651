package city

import (
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web/locale"
)

// voice puts things into words in one language and the city's zone.
type voice struct {
	words     *locale.Words
	lang      kiosk.Lang
	zone      *time.Location
	catalogue *kiosk.Catalogue // may be nil
}

func (s *console) voice(c echo.Context) voice {
	return voice{s.words, langOf(c), s.opts.Zone, s.opts.Catalogue}
}

func (v voice) say(key string, args ...any) string { return v.words.Say(v.lang, key, args...) }
func (v voice) has(key string) bool                { return v.words.Has(v.lang, key) }

// either says the first key that there is a sentence for, or the fallback.
func (v voice) either(fallback string, keys ...string) string {
	for _, k := range keys {
		if v.has(k) {
			return v.say(k)
		}
	}
	return fallback
}

// kind names a kind of record, "" where it is newer than this program.
func (v voice) kind(k kiosk.Kind) string { return v.either("", "city.kind."+string(k)) }

// deed names an audited deed, or shows its code.
func (v voice) deed(d string) string { return v.either(d, "city.deed."+d) }

// stamp is a time as pages show it.
type stamp struct {
	Text string // in the city's zone: "2026-11-23 16:00:05", or "约 08:10" where the clock was doubtful
	ISO  string // for machines, with its offset; "" where the time is not known
	Note string // why it is doubtful; "" where it is not
}

func (v voice) stamp(t time.Time) stamp {
	if t.IsZero() {
		return stamp{}
	}
	t = t.In(v.zone)
	return stamp{Text: t.Format(time.DateTime), ISO: t.Format(time.RFC3339)}
}

// short is a stamp without what now says already: today's date, this year.
func (v voice) short(t, now time.Time) stamp {
	s := v.stamp(t)
	if t.IsZero() {
		return s
	}
	t, now = t.In(v.zone), now.In(v.zone)
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		s.Text = t.Format(time.TimeOnly)
	case t.Year() == now.Year():
		s.Text = t.Format("01-02 15:04")
	default:
		s.Text = t.Format(time.DateOnly)
	}
	return s
}

// brief takes this year's number out of a stamp: a column of times reads better
// without it, and lines up all the same.
func (v voice) brief(s stamp, now time.Time) stamp {
	year := now.In(v.zone).Format("2006-")
	s.Text, s.Note = strings.Replace(s.Text, year, "", 1), strings.Replace(s.Note, year, "", 1)
	return s
}

// written is the time at which a booth wrote a record, with the doubt that it
// deserves. Where nothing bounds it but the record's arrival, no time is shown that
// could be taken for one.
func (v voice) written(e kiosk.Entry) stamp {
	switch e.When.Confidence {
	case kiosk.TimeExact:
		return v.stamp(e.When.Best)
	case kiosk.TimeBounded:
		s := v.stamp(e.When.Best)
		s.Text = v.say("city.when.about", "time", e.When.Best.In(v.zone).Format("2006-01-02 15:04"))
		s.Note = v.say("city.when.bounded", "span", v.coarse(e.When.GiveOrTake()), "clock", v.clock(e.Clock))
		return s
	}
	before := e.Received
	if !e.When.Hi.IsZero() && e.When.Hi.Before(before) {
		before = e.When.Hi
	}
	return stamp{Text: v.say("city.when.unknown"), Note: v.say("city.when.before", "time", v.stamp(before).Text)}
}

// bounds are the times that a record was certainly written between, where they say
// more than its time does.
func (v voice) bounds(e kiosk.Entry) string {
	if e.When.Confidence == kiosk.TimeExact || e.When.Lo.IsZero() {
		return ""
	}
	return v.say("city.when.between", "from", v.stamp(e.When.Lo).Text, "to", v.stamp(e.When.Hi).Text)
}

// coarse is a span in whole minutes, rounded up, or in whole hours where it is long.
func (v voice) coarse(d time.Duration) string {
	unit := time.Minute
	if d > 12*time.Hour {
		unit = time.Hour
	}
	return v.span((d + unit - 1) / unit * unit)
}

// confidence says how well a time is known.
func (v voice) confidence(c kiosk.Confidence) string {
	return v.either(string(c), "city.confidence."+string(c))
}

func (v voice) clock(s kiosk.ClockState) string    { return v.clockKey(s, "") }
func (v voice) clockWhy(s kiosk.ClockState) string { return v.clockKey(s, ".why") }

func (v voice) clockKey(s kiosk.ClockState, suffix string) string {
	if s > kiosk.ClockAnchored {
		return v.say("city.clock.other"+suffix, "n", int(s))
	}
	return v.say("city.clock." + s.String() + suffix)
}

// ago says how long ago t was. What lies in the future was just now: clocks differ.
func (v voice) ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < 5*time.Second:
		return v.say("city.ago.now")
	case d < time.Minute:
		return v.say("city.ago.seconds", "n", int(d/time.Second))
	case d < time.Hour:
		return v.say("city.ago.minutes", "n", int(d/time.Minute))
	case d < 24*time.Hour:
		return v.say("city.ago.hours", "n", int(d/time.Hour))
	default:
		return v.say("city.ago.days", "n", int(d/(24*time.Hour)))
	}
}

// span says how long d is, in its largest unit and the next smaller one.
func (v voice) span(d time.Duration) string {
	units := [...]struct {
		key  string
		size time.Duration
	}{{"city.span.days", 24 * time.Hour}, {"city.span.hours", time.Hour}, {"city.span.minutes", time.Minute}, {"city.span.seconds", time.Second}}
	for i, u := range units {
		n := d / u.size
		if n == 0 {
			continue
		}
		text := v.say(u.key, "n", int64(n))
		if i+1 < len(units) {
			if m := d % u.size / units[i+1].size; m > 0 {
				text += " " + v.say(units[i+1].key, "n", int64(m))
			}
		}
		return text
	}
	return v.say("city.span.seconds", "n", 0)
}

// zoneName names the city's zone and its offset at now.
func (v voice) zoneName(now time.Time) string {
	name := v.zone.String()
	return v.say("city.zone", "name", v.either(name, "city.zone."+name), "offset", offset(now.In(v.zone), true))
}

// offset returns "+08:00", or "+0800" for names of files.
func offset(t time.Time, colon bool) string {
	if colon {
		return t.Format("-07:00")
	}
	return t.Format("-0700")
}

// count writes a number with thin groups: "12 345".
func count(n int64) string {
	if n < 0 {
		return "-" + count(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return count(n/1000) + fmt.Sprintf("\u202f%03d", n%1000)
}
