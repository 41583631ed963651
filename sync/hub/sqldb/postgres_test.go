package sqldb_test

import (
	"os"
	"strings"
	"testing"

	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/pgtest"
	"redstation/sync/hub/sqldb"
)

// openPostgres opens a store in a database of its own.
func openPostgres(t *testing.T) *sqldb.DB {
	t.Helper()
	return openDSN(t, pgtest.Need(t).Database(t))
}

func openDSN(t *testing.T, dsn string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Opts{Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestStoreOnPostgres(t *testing.T) { hubtest.Store(t, openPostgres) }

// A step that one engine has and the other not would part them for ever.
func TestEveryMigrationHasATwin(t *testing.T) {
	names := map[string]string{}
	for _, engine := range []string{"sqlite", "postgres"} {
		files, err := os.ReadDir("migrations/" + engine)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names[engine] += f.Name() + "\n"
		}
	}
	if names["sqlite"] != names["postgres"] || !strings.HasPrefix(names["sqlite"], "0001_init.sql\n") {
		t.Errorf("on SQLite:\n%son PostgreSQL:\n%s", names["sqlite"], names["postgres"])
	}
}

func TestTextsAreInTheOrderOfTheirBytes(t *testing.T) {
	dsn := pgtest.Need(t).Database(t)
	openDSN(t, dsn)
	odd := pgtest.Need(t).SQL(t, dsn, `SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'migration'`)
	if odd != "" {
		t.Errorf("in the order of a language: %s", odd)
	}
}

// What an operator gets wrong is answered by one line that says what to do, names no
// password, and changes nothing.
func TestOperatorsMistakes(t *testing.T) {
	s := pgtest.Need(t)
	empty := s.Database(t)
	half, untaken, newer := s.Database(t), s.Database(t), s.Database(t)
	for _, dsn := range []string{half, untaken, newer} {
		openDSN(t, dsn).Close()
	}
	s.SQL(t, half, `DROP TABLE quarantine`)
	s.SQL(t, untaken, `DELETE FROM migration WHERE number = (SELECT MAX(number) FROM migration)`)
	s.SQL(t, newer, `INSERT INTO migration (number, name) VALUES (9999, '9999_future.sql')`)
	other, readOnly := s.Database(t), s.Database(t)
	s.SQL(t, other, `CREATE TABLE booth (id int)`)
	s.SQL(t, readOnly, `ALTER DATABASE `+pgtest.Name(readOnly)+` SET default_transaction_read_only = on`)
	s.SQL(t, empty, `CREATE ROLE guarded LOGIN PASSWORD 'right'; CREATE ROLE plain LOGIN`)
	s.SQL(t, empty, `CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'`)
	name := pgtest.Name(empty)
	tests := map[string]struct{ dsn, want string }{
		"an address cut by its password": {"postgres://city:s3cret/x@db/hub", "cannot be read"},
		"an odd port":                    {"postgres://city:s3cret@db:none/hub", "cannot be read"},
		"an odd number of connections":   {empty + "&pool_max_conns=s3cret", "pool_max_conns"},
		"a wrong password":               {strings.Replace(s.DSN("guarded", name), "guarded@", "guarded:s3cret@", 1), "does not let user guarded in"},
		"no password":                    {s.DSN("guarded", name), "password"},
		"an unknown user":                {s.DSN("nobody-at-all", name), "does not let user nobody-at-all in"},
		"a user without rights":          {s.DSN("plain", name), "database's owner"},
		"no such database":               {s.DSN("postgres", "nowhere"), "createdb"},
		"no such host":                   {"postgres://city:s3cret@localhost:1/hub", "does not answer"},
		"no such socket":                 {"postgres://city:s3cret@/hub?host=/nowhere", "does not answer"},
		"an encoding":                    {s.DSN("postgres", "ascii"), "ENCODING 'UTF8'"},
		"somebody else's tables":         {other, "table booth is there"},
		"a table is gone":                {half, "table quarantine is missing"},
		"a step is not noted":            {untaken, "is there though step"},
		"a newer program's":              {newer, "newer version"},
		"a server that only reads":       {readOnly, "only reads"},
		"an unknown schema":              {empty + "&search_path=nowhere", "schema"},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			before := ""
			if there := pgtest.Name(tt.dsn); there != "hub" && there != "nowhere" && tt.want != "cannot be read" {
				before = contents(t, s, tt.dsn)
			}
			db, err := sqldb.Open(t.Context(), tt.dsn, sqldb.Opts{Log: hubtest.Quiet()})
			if err == nil {
				db.Close()
				t.Fatal("it was opened")
			}
			if msg := err.Error(); !strings.Contains(msg, tt.want) || strings.Contains(msg, "s3cret") || strings.Contains(msg, "\n") {
				t.Errorf("got %q, want one line with %q", msg, tt.want)
			}
			t.Log(err)
			if before != "" && contents(t, s, tt.dsn) != before {
				t.Error("it was changed")
			}
		})
	}
}

// contents lists what a database holds.
func contents(t *testing.T, s *pgtest.Server, dsn string) string {
	t.Helper()
	return "relations: " + s.SQL(t, dsn, `SELECT relname, relkind, pg_relation_filenode(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`)
}
