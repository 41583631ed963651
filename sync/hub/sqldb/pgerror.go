package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

// state returns the SQLSTATE of an error of the server, "" where it is none
// (PostgreSQL's documentation, appendix A).
func state(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// disturbed reports whether a transaction was rolled back because of another one,
// so that it can be run again: a serialization failure, a deadlock, or a row that
// the other one added first.
func disturbed(err error) bool {
	switch state(err) {
	case "40001", "40P01", "23505":
		return true
	}
	return false
}

// lost reports whether the server was not there, or went away.
func lost(err error) bool {
	switch s := state(err); {
	case strings.HasPrefix(s, "08"), strings.HasPrefix(s, "57P"), s == "53300":
		return true
	case s != "":
		return false
	}
	_, dial := errors.AsType[net.Error](err)
	return dial || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// explained turns an error of opening into one line that says what to do. The
// password of the address is in none.
func explained(cfg *pgx.ConnConfig, err error) error {
	where := fmt.Sprintf("open database %s at %s", cfg.Database, address(cfg))
	conflict := func(format string, args ...any) error {
		return kiosk.Errorf(kiosk.CodeConflict, "error.database", where+": "+format, args...)
	}
	if errors.Is(err, migrate.ErrNewer) || kiosk.CodeOf(err) == kiosk.CodeConflict {
		return fmt.Errorf("%s: %w", where, err)
	}
	switch s := state(err); {
	case s == "28P01" || s == "28000":
		return kiosk.Errorf(kiosk.CodeDenied, "error.database", "%s: the server does not let user %s in: look at its password (PGPASSFILE or ~/.pgpass) and at the server's pg_hba.conf", where, cfg.User)
	case s == "3D000":
		return kiosk.Errorf(kiosk.CodeNotFound, "error.database", "%s: there is no such database: createdb -O %s %s", where, cfg.User, cfg.Database)
	case s == "42501":
		return kiosk.Errorf(kiosk.CodeDenied, "error.database", "%s: user %s may not make or change tables there (%s): make that user the database's owner", where, cfg.User, message(cfg, err))
	case s == "3F000":
		return conflict("it has no schema for tables: create schema public, or name one with ?search_path=")
	case s == "42P07" || s == "42710":
		return conflict("it holds tables of something else (%s): give an empty database, or restore a whole backup", message(cfg, err))
	case s == "42P01" || s == "42703":
		return conflict("a part of it is missing (%s): restore a whole backup", message(cfg, err))
	case s == "25006":
		return conflict("the server only reads: give the address of the primary, not of a standby")
	case s == "55P03":
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.database", "%s: another program holds its tables: try again when it has ended", where)
	case lost(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.database", "%s: the server does not answer (%s): is it running, and may this machine reach it?", where, message(cfg, err))
	}
	return fmt.Errorf("%s: %w", where, oneLine{err, cfg.Password})
}

// address says where a server is, without who asks.
func address(cfg *pgx.ConnConfig) string {
	if strings.HasPrefix(cfg.Host, "/") {
		return cfg.Host
	}
	return net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
}

// message returns what the server said, or the innermost cause.
func message(cfg *pgx.ConnConfig, err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Message
	}
	for next := err; next != nil; {
		err = next
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			next = many.Unwrap()[0]
		} else {
			next = errors.Unwrap(err)
		}
	}
	return oneLine{err, cfg.Password}.Error()
}

// oneLine is an error on one line and without a password.
type oneLine struct {
	err    error
	secret string
}

func (o oneLine) Error() string {
	s := strings.Join(strings.Fields(o.err.Error()), " ")
	if o.secret != "" {
		s = strings.ReplaceAll(s, o.secret, "***")
	}
	return s
}

func (o oneLine) Unwrap() error { return o.err }
