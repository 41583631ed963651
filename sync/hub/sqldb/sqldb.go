// Package sqldb is the hub's store on database/sql.
package sqldb

import (
	"context"
	"errors"
	"log/slog"
)

// Opts are the choices of a store; the zero value works.
type Opts struct {
	Dir string       // where hub.db is when the DSN is empty
	Log *slog.Logger // nil = slog.Default
}

// DB is the hub's store.
type DB struct{}

// Open opens the store: dsn "" is Opts.Dir/hub.db, otherwise a path, sqlite:PATH.
func Open(ctx context.Context, dsn string, o Opts) (*DB, error) {
	return nil, errors.New("sqldb: signatures only")
}

// Close closes it.
func (db *DB) Close() error { return nil }
