package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/labstack/echo/v4"
)

// serveBytes is the reference for pages: Echo with one route that answers with
// the same bytes from memory. The bytes lie in dir/page.
func serveBytes(ctx context.Context, l net.Listener, dir string) error {
	page, err := os.ReadFile(filepath.Join(dir, "page"))
	if err != nil {
		return err
	}
	e := echo.New()
	e.GET("/", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, page) })
	srv := &http.Server{Handler: e}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}
