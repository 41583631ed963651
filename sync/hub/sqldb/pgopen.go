package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

// How many connections a hub holds at most; ?pool_max_conns= in the DSN says another
// number. Each is a process of the server.
const pgConns = 16

// oldestServer is the first PostgreSQL whose planner sorts a page of the log batch
// by batch; the tests run on 15.
const oldestServer = 130000

// openPostgres connects and brings the database to this program's form. The errors
// are one line each and leave the database as it was.
func (db *DB) openPostgres(ctx context.Context, dsn string, readers int) error {
	cfg, conns, err := pgConfig(dsn)
	if err != nil {
		return err
	}
	connected := stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		db.kinds.forget()
		return asWeNeed(ctx, c)
	})
	db.write, db.read = stdlib.OpenDB(*cfg, connected), stdlib.OpenDB(*cfg, connected)
	readers = min(readers, conns-3)
	for pool, n := range map[*sql.DB]int{db.write: conns - readers - 2, db.read: readers + 2} { // one more listens, and one adds kinds
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		pool.SetConnMaxIdleTime(5 * time.Minute)
	}
	db.places = make(chan struct{}, readers)
	db.hot.pgWrite()
	if err := db.pgPrepare(ctx); err != nil {
		return explained(cfg, err)
	}
	return nil
}

// pgConfig reads the DSN. What is wrong with one is not quoted: without its
// punctuation nobody knows where a password ends.
func pgConfig(dsn string) (cfg *pgx.ConnConfig, conns int, err error) {
	if cfg, err = pgx.ParseConfig(dsn); err != nil {
		return nil, 0, kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "the address of the database cannot be read: want postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE, with %%XX for signs such as / : @ # ? in the password")
	}
	conns = pgConns
	if s, ok := cfg.RuntimeParams["pool_max_conns"]; ok {
		delete(cfg.RuntimeParams, "pool_max_conns")
		if conns, err = strconv.Atoi(s); err != nil || conns < 4 || conns > 1000 {
			return nil, 0, kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "pool_max_conns in the address of the database: want a number from 4 to 1000")
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
		cfg.DialFunc = (&net.Dialer{Timeout: cfg.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "redstation-hub"
	}
	return cfg, conns, nil
}

// asWeNeed sets a new connection up: a commit is on the disk before it is answered,
// nobody waits for a lock for ever, and a hub that hangs lets go of what it locked.
func asWeNeed(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
	set_config('lock_timeout', '10s', false), set_config('idle_in_transaction_session_timeout', '60s', false)`)
	return err
}

// pgPrepare looks at the server and applies the migrations, one hub at a time.
func (db *DB) pgPrepare(ctx context.Context) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	if err := db.examine(ctx, conn); err != nil {
		return err
	}
	unlock, err := lockSession(ctx, conn, lockMigrate)
	if err != nil {
		return err
	}
	defer unlock()
	steps, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return err
	}
	steps = inBytes{steps}
	if err := whole(ctx, conn, steps); err != nil {
		return err
	}
	if err := migrate.Apply(ctx, conn, steps, db.log); err != nil {
		return err
	}
	return db.pgMonths(ctx, conn, time.Now())
}

// examine refuses a server that cannot be the store, and tells of one that is
// careless.
func (db *DB) examine(ctx context.Context, conn *sql.Conn) error {
	var version int
	var encoding, sync, pages string
	var standby bool
	err := conn.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync'),
	current_setting('full_page_writes'), pg_is_in_recovery()`).Scan(&version, &encoding, &sync, &pages, &standby)
	if err != nil {
		return err
	}
	conflict := func(format string, args ...any) error {
		return kiosk.Errorf(kiosk.CodeConflict, "error.database", format, args...)
	}
	switch {
	case version < oldestServer:
		return conflict("the server is PostgreSQL %d: want %d or newer", version/10000, oldestServer/10000)
	case encoding != "UTF8":
		return conflict("its encoding is %s: create it with ENCODING 'UTF8'", encoding)
	case standby:
		return conflict("the server only reads: give the address of the primary, not of a standby")
	}
	if sync == "off" || pages == "off" {
		db.log.WarnContext(ctx, "database server found that may lose acknowledged records in a power cut", "fsync", sync, "full_page_writes", pages)
	}
	return nil
}

// inBytes is a folder of migrations in which every text column is in the order of
// its bytes, as on SQLite, whatever the database's language: the order of a language
// changes with the system's libraries, and indexes that were made before are broken
// then.
type inBytes struct{ fs.FS }

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// ReadFile implements fs.ReadFileFS.
func (f inBytes) ReadFile(name string) ([]byte, error) {
	b, err := fs.ReadFile(f.FS, name)
	return textColumn.ReplaceAll(b, []byte(`TEXT COLLATE "C"`)), err
}

// created finds the tables that a migration makes.
var created = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// whole refuses a database that is not one of ours, or half of one: a restore that
// broke off, a table that somebody dropped.
func whole(ctx context.Context, conn *sql.Conn, fsys fs.FS) error {
	have := 0
	err := conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migration`).Scan(&have)
	if err != nil && state(err) != "42P01" {
		return err
	}
	steps, err := migrate.Steps(fsys)
	if err != nil {
		return err
	}
	for _, s := range steps {
		for _, m := range created.FindAllStringSubmatch(s.SQL, -1) {
			var there bool
			if err := conn.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, m[1]).Scan(&there); err != nil {
				return err
			}
			if want := s.Number <= have; there != want {
				return conflicting(m[1], s.Name, want)
			}
		}
	}
	return nil
}

func conflicting(table, step string, missing bool) error {
	err := errors.New("restore a whole backup, or give an empty database")
	if missing {
		return kiosk.Errorf(kiosk.CodeConflict, "error.database", "table %s is missing though step %s was taken: %w", table, step, err)
	}
	return kiosk.Errorf(kiosk.CodeConflict, "error.database", "table %s is there though step %s was not taken: %w", table, step, err)
}

// lockSession takes a lock that lasts as long as the connection, waiting for whoever
// has it.
func lockSession(ctx context.Context, conn *sql.Conn, key int32) (unlock func(), err error) {
	for {
		var got bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockSpace, key).Scan(&got); err != nil {
			return nil, fmt.Errorf("take lock %d: %w", key, err)
		}
		if got {
			return func() {
				conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1, $2)`, lockSpace, key) //nolint:errcheck // it ends with the connection
			}, nil
		}
		if err := pause(ctx, 8); err != nil {
			return nil, err
		}
	}
}
