package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// scan takes what the page's script heard of a scanner that types like a keyboard.
// The code comes in the body of a POST and goes to whoever waits for a scan; it
// stands in no address, no log and no answer.
func (s *screen) scan(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return err
	}
	scan, err := kiosk.NewScan(c.Request().PostForm.Get("text"))
	if err != nil {
		return err
	}
	s.booth.NoteScan(scan)
	return c.NoContent(http.StatusNoContent)
}
