package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Stream is a stream of server-sent events to one page (WHATWG HTML, section 9.2).
type Stream struct {
	w  *echo.Response
	rc *http.ResponseController
	n  int
}

// OpenStream begins an event stream: it lifts the server's write limit, sends the
// headers and asks the browser to come back after one second when the stream breaks.
func OpenStream(c echo.Context) (*Stream, error) {
	s := &Stream{w: c.Response(), rc: http.NewResponseController(c.Response())}
	if err := s.rc.SetWriteDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("lift write deadline: %w", err)
	}
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	s.w.WriteHeader(http.StatusOK)
	return s, s.write("retry: 1000\n\n")
}

// Send sends v as JSON under the event's name.
func (s *Stream) Send(event string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", event, err)
	}
	s.n++
	return s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", s.n, event, body))
}

// write sends and flushes; a reader that takes more than ten seconds is gone.
func (s *Stream) write(text string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := s.rc.Flush(); err != nil {
		return fmt.Errorf("flush event: %w", err)
	}
	return nil
}
