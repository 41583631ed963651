package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// serveBareList is the reference for a list page of 50 rows: Echo, one query over
// the hub's own store, the same decoding, and a template of plain cells. It knows
// no session, no filter and no language.
func serveBareList(ctx context.Context, l net.Listener, dir string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "hub.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	page := template.Must(template.New("list").Parse(`<!doctype html><table>{{range .}}<tr><td>{{.Pos}}<td>{{.Wall}}<td>{{.Booth}}<td>{{.Kind}}<td>{{.Facts}}</tr>
{{end}}</table>`))
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		rows, err := bareRows(c.Request().Context(), db)
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
		return page.Execute(c.Response(), rows)
	})
	srv := &http.Server{Handler: e}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

type bareEntry struct {
	Pos         int64
	Wall        time.Time
	Booth, Kind string
	Facts       string
}

func bareRows(ctx context.Context, db *sql.DB) ([]bareEntry, error) {
	rows, err := db.QueryContext(ctx, `SELECT pos, raw FROM record ORDER BY pos DESC LIMIT 50`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []bareEntry
	for rows.Next() {
		var e bareEntry
		var raw []byte
		if err := rows.Scan(&e.Pos, &raw); err != nil {
			return nil, err
		}
		var header, facts []byte
		rest, err := cbor.UnmarshalFirst(raw, &header)
		if err == nil {
			_, err = cbor.UnmarshalFirst(rest, &facts)
		}
		if err != nil {
			return nil, err
		}
		h, err := kiosk.DecodeHeader(header)
		if err != nil {
			return nil, err
		}
		e.Wall, e.Booth, e.Kind, e.Facts = h.Wall(), h.Booth, string(h.Kind), string(facts)
		out = append(out, e)
	}
	return out, rows.Err()
}

// list measures the console's log: a page of 50 rows with filters, in a session.
func (r *rig) list(ctx context.Context) error {
	if err := r.fill(ctx); err != nil {
		return err
	}
	if _, err := r.push(ctx); err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	hub, err := r.hub(ctx, addr)
	if err != nil {
		return err
	}
	defer r.stopAll()
	out, err := exec.CommandContext(ctx, r.binary, "hub", "user", "--data", r.hubDir(), "add", "bench").Output()
	if err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	cookie, err := signIn(hub.url, "bench", strings.TrimSpace(string(out)))
	if err != nil {
		return err
	}
	bare, _, err := r.reference(ctx, "list", "/")
	if err != nil {
		return err
	}
	return r.compare(ctx, "list page of 50 records", hub.url+"/log", bare.url+"/", http.Header{"Cookie": {cookie}})
}

// signIn spends a one-time password and returns the session's cookie.
func signIn(hub, name, password string) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Jar: jar}
	const fresh = "a password for measuring"
	for _, step := range []struct {
		path string
		form url.Values
	}{{"/login", url.Values{"name": {name}, "password": {password}}}, {"/password", url.Values{"old": {password}, "new": {fresh}, "again": {fresh}}}} {
		resp, err := client.PostForm(hub+step.path, step.form)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return "", fmt.Errorf("sign in at %s: %s, %w", step.path, resp.Status, err)
		}
	}
	u, err := url.Parse(hub)
	if err != nil {
		return "", err
	}
	for _, c := range jar.Cookies(u) {
		return c.Name + "=" + c.Value, nil
	}
	return "", errors.New("no session cookie after signing in")
}
