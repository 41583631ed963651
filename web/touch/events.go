package touch

import (
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// maxStreams bounds the open event streams: a booth has one screen, a demo a few.
const maxStreams = 32

// beat is how often an unchanged state is sent again, so that a page can tell a
// quiet booth from a dead one.
const beat = 5 * time.Second

// event is what a page is told: everything, each time.
type event struct {
	Now     int64  `json:"now"` // Unix time in ms
	Build   string `json:"build"`
	Line    string `json:"line"`
	Behind  int64  `json:"behind"`
	Pack    string `json:"pack"` // version of what is offered
	Printer string `json:"printer"`
	Door    string `json:"door"`
	Doors   uint64 `json:"doors"`   // door events so far
	Scans   uint64 `json:"scans"`   // scans so far; never what they said
	Help    bool   `json:"help"`    // somebody called for help
	Calls   uint64 `json:"calls"`   // how often a queue has moved
	Notices string `json:"notices"` // changes when what the city has to say does
	Urgent  string `json:"urgent"`  // ids of its emergency notices
	Slip    string `json:"slip"`
	Print   string `json:"print"` // of that slip, in the words of prints
	Again   int    `json:"again"` // how often that slip was put on paper again
}

// events streams the booth's state until the page goes or the server stops.
func (s *screen) events(c echo.Context) error {
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		return &kiosk.Error{Code: kiosk.CodeUnavailable, Key: "error.unavailable"}
	}
	defer s.streams.Add(-1)
	ctx := c.Request().Context()
	defer s.visits.hear(s.browser(c))()
	changes := s.booth.Watch(ctx)
	out, err := web.OpenStream(c)
	if err != nil {
		return err
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		var st kiosk.Status
		select {
		case <-ctx.Done():
			return nil
		case <-web.Closing(ctx):
			return nil
		case now, open := <-changes:
			if !open {
				return nil
			}
			st = now
		case <-tick.C:
			st = s.booth.Status()
		}
		if out.Send("status", s.event(st)) != nil {
			return nil // the page is gone, and the answer has begun: nothing more can be said
		}
	}
}

func (s *screen) event(st kiosk.Status) event {
	line := viewLine(st.Uplink)
	return event{Now: s.booth.Now().Wall.UnixMilli(), Build: s.look().build, Line: line.State, Behind: line.Behind,
		Pack:    s.booth.Catalogue().Version,
		Printer: string(st.Printer), Door: string(st.Door), Doors: st.DoorCount, Scans: st.ScanCount, Calls: st.Calls,
		Notices: st.Notices, Urgent: st.Urgent,
		Help: !st.Help.IsZero(), Slip: st.Slip.String(), Print: printOf(st.SlipState, st), Again: st.SlipReprints}
}
