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
