package sqldb

import (
	"context"
	"fmt"
)

// pgPosOf gives a record that is not sealed yet its provisional position, so that it
// can be erased all the same.
const pgPosOf = `SELECT COALESCE(b.pos, -(b.id << 20)) + $1 - b.first FROM batch b
WHERE b.stream = $2 AND b.first <= $3 AND b.first + b.n > $4 AND b.booth = $5`

// pgEmptyRecord names the record's partition by its batch, as all do who look for one.
const pgEmptyRecord = `UPDATE record r SET raw = $1
FROM (SELECT booth, stream, received, n, first - COALESCE(pos, -(id << 20)) AS shift, COALESCE(pos, -(id << 20)) AS pos FROM batch
	WHERE ($2::bigint > 0 AND pos = (SELECT MAX(pos) FROM batch WHERE pos <= $2)) OR ($2 < 0 AND pos IS NULL AND id = ((1::bigint << 20) - 1 - $2) >> 20)) b
WHERE r.booth = b.booth AND r.stream = b.stream AND r.received = b.received AND r.seq = $2 + b.shift AND $2 < b.pos + b.n`

// pgScrub takes dead rows out of the tables. What PostgreSQL wrote before stays in its
// log, its backups and free space until they are overwritten.
func (db *DB) pgScrub(ctx context.Context) error {
	for _, table := range []string{"record", "fork", "feed_item"} {
		if _, err := db.write.ExecContext(ctx, `VACUUM `+table); err != nil {
			return fmt.Errorf("vacuum %s: %w", table, err)
		}
	}
	return nil
}
