// Package city is the hub's console: how the booths are, what they wrote, one
// record in full, and who looked at what.
//
// Everything a page shows is in its address, so that a view can be kept and passed
// on; nothing personal ever is. What residents said is sealed, and the console
// opens it only in the answer to a POST that gives a reason: such an answer is
// never stored, and never without a line in the audit log.
//
// Pages work without script. Script keeps the page of booths fresh, and forgets
// opened fields when a browser brings the page back from its memory.
//
// The console knows the hub only through the interfaces below. They speak of the
// nouns of package kiosk.
package city

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/assets"
	"redstation/web/locale"
)

//go:embed templates words icons
var files embed.FS

// Accounts lets people in.
type Accounts interface {
	// SignIn returns the secret of a new session. source is the caller's address.
	// The error has CodeDenied where name or password is wrong, CodeUnavailable
	// where too many attempts were made; an error in its chain that has the method
	// RetryAfter() time.Duration says how long to wait.
	SignIn(ctx context.Context, name, password, source string) (token string, a kiosk.Account, err error)
	// Session returns whose session it is. The error has CodeDenied where it has ended.
	Session(ctx context.Context, token string) (kiosk.Account, error)
	// SignOut ends a session. One that has ended already is no error.
	SignOut(ctx context.Context, token string) error
	// ChangePassword sets a new password and ends all sessions of the account. The
	// error has CodeDenied where old is wrong, CodeInvalid where the new password
	// is refused, CodeUnavailable like SignIn.
	ChangePassword(ctx context.Context, name, old, password string) error
}

// Stations lists the booths.
type Stations interface {
	Stations(ctx context.Context) ([]kiosk.Station, error)
}

// Log reads the records of all booths.
type Log interface {
	Kinds(ctx context.Context) ([]kiosk.Kind, error)
	Log(ctx context.Context, q kiosk.LogQuery) ([]kiosk.Entry, error)
	// Export walks over everything that the query matches, oldest first.
	Export(ctx context.Context, q kiosk.LogQuery) iter.Seq2[kiosk.Entry, error]
	// Entry returns one record in full. The error has CodeNotFound.
	Entry(ctx context.Context, pos int64) (kiosk.Entry, error)
	// OpenSealed returns the JSON that was sealed in a record, after it has written
	// the audit line. The error has CodeNotFound, or CodeDenied where the city's
	// key does not open it.
	OpenSealed(ctx context.Context, who string, pos int64, reason string) ([]byte, error)
}

// Audit keeps and shows who did what.
type Audit interface {
	// Audit appends a line; a zero At becomes now.
	Audit(ctx context.Context, line kiosk.AuditLine) error
	// AuditTrail returns lines newest first, and the cursor of the next page (0 = no more).
	AuditTrail(ctx context.Context, before int64, limit int) ([]kiosk.AuditLine, int64, error)
}

// Ledger keeps the consents.
type Ledger interface {
	// Consents returns a page of the ledger, newest first.
	Consents(ctx context.Context, q kiosk.ConsentQuery) ([]kiosk.ConsentLine, error)
}

// Deps is what the console shows. All are required.
type Deps struct {
	Accounts Accounts
	Stations Stations
	Log      Log
	Audit    Audit
	Ledger   Ledger
	Cases    Cases
	Loans    Loans
}

// Opts configures the console. The zero value works.
type Opts struct {
	Zone      *time.Location          // the city's, for every time that is shown; nil = UTC
	Clock     kiosk.Clock             // nil = the system's
	Catalogue *kiosk.Catalogue        // puts services and choices into words; nil = their ids are shown
	Silent    time.Duration           // without contact for longer, a booth needs a hand; 0 = 10 min
	Mounts    map[string]http.Handler // other handlers under the same address, by prefix ("/v1")
	Log       *slog.Logger            // nil = no log
}

// bodyLimit is the most that a form of the console may carry, in bytes.
const bodyLimit = 16 << 10

// console is the handler of all pages.
type console struct {
	Deps
	opts  Opts
	log   *slog.Logger
	pages *web.Pages
	words *locale.Words
	rows  rowCache
}

// New returns the console's handler. The error says which template, sentence or
// asset is wrong.
func New(d Deps, o Opts) (http.Handler, error) {
	o.fill()
	set, err := assets.New([]assets.Bundle{
		{Name: "city.css", Parts: []string{"css/tokens.css", "css/city/*.css"}},
		{Name: "city.js", Parts: []string{"js/city/*.js"}},
		{Name: "mark.svg", Parts: []string{"mark.svg"}},
	}, files)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	words, err := loadWords()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	dir, err := fs.Sub(files, "templates")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	pages, err := web.ParsePages(dir, web.PagesOpts{Words: words, Assets: set, Funcs: templateFuncs()})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s := &console{Deps: d, opts: o, log: o.Log, pages: pages, words: words}
	quiet := []string{"/healthz", assets.Prefix + "*"}
	for prefix := range o.Mounts {
		quiet = append(quiet, prefix+"/*")
	}
	e := web.New(web.Opts{Log: o.Log, BodyLimit: bodyLimit, Fail: s.fail, Quiet: quiet})
	web.Assets(e, assets.Prefix, set)
	for prefix, h := range o.Mounts {
		web.Mount(e, prefix, h)
	}
	s.routes(e)
	return e, nil
}

func (o *Opts) fill() {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Silent <= 0 {
		o.Silent = 10 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// templateFuncs are the functions that only the console's templates have.
func templateFuncs() template.FuncMap { return template.FuncMap{"entry": newEntry} }

// loadWords joins the console's own sentences with those of the error pages. They
// are a set of their own: a language is offered to residents as soon as their
// screens speak it, whether the console does or not.
func loadWords() (*locale.Words, error) {
	own, err := fs.Sub(files, "words")
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return locale.Load(locale.Shared(), own)
}

// routes lists every page. Those behind guard want a session.
func (s *console) routes(e *echo.Echo) {
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/login", s.login)
	e.POST("/login", s.signIn)
	e.POST("/lang", s.setLang)
	e.POST("/sign-out", s.signOut)
	e.GET("/password", s.password, s.guard)
	e.POST("/password", s.changePassword, s.guard)
	e.GET("/", s.stations, s.guard)
	e.GET("/log", s.entries, s.guard)
	e.GET("/log.csv", s.exportCSV, s.guard)
	e.GET("/log.ndjson", s.exportNDJSON, s.guard)
	e.GET("/log/:pos", s.record, s.guard)
	e.POST("/log/:pos/open", s.openSealed, s.guard)
	e.GET("/consents", s.consents, s.guard)
	e.GET("/consents.csv", s.consentsCSV, s.guard)
	e.GET("/consents.ndjson", s.consentsNDJSON, s.guard)
	e.GET("/cases", s.cases, s.guard)
	e.GET("/cases/:booth/:number", s.oneCase, s.guard)
	e.POST("/cases/:booth/:number", s.actOnCase, s.guard)
	e.GET("/audit", s.auditTrail, s.guard)
	e.GET("/loans", s.loansOut, s.guard)
}

// now is the hub's time.
func (s *console) now() time.Time {
	if s.opts.Clock == nil {
		return time.Now()
	}
	return s.opts.Clock.Read().Wall
}
