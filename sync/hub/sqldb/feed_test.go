package sqldb_test

import (
	"path/filepath"
	"strings"
	"testing"

	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

// TestABucketIsLookedUp holds that a segment of a feed does not cost a walk over the
// whole feed: a booth that compares may ask for 256 of them.
func TestABucketIsLookedUp(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var id, parent, unused int
	var plan string
	row := bare(t, filepath.Join(dir, "hub.db")).QueryRow("EXPLAIN QUERY PLAN "+sqldb.BucketQuery, "tags", 7)
	if err := row.Scan(&id, &parent, &unused, &plan); err != nil || !strings.Contains(plan, "feed=? AND bucket=?") {
		t.Errorf("got %q, want a search by feed and bucket (%v)", plan, err)
	}
}
