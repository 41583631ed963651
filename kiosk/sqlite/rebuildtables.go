package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"redstation/kiosk"
)

// tables takes over the rows of the state: of every table that this program has, so
// that one that is added later is not forgotten here.
func (r *rebuild) tables(ctx context.Context) error {
	names, err := r.names(ctx, r.to.QueryContext, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		return err
	}
	for _, table := range names {
		if table == "record" || table == "body" || table == "migration" {
			continue
		}
		if err := r.table(ctx, table); err != nil {
			return fmt.Errorf("salvage table %s: %w", table, err)
		}
	}
	return nil
}

// table takes over the columns that the old table and the new one have.
func (r *rebuild) table(ctx context.Context, table string) error {
	const columns = `SELECT name FROM pragma_table_info($1)`
	fresh, err := r.names(ctx, r.to.QueryContext, columns, table)
	if err != nil {
		return err
	}
	key, err := r.names(ctx, r.to.QueryContext, `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, table)
	if err != nil {
		return err
	}
	if len(key) == 0 {
		key = []string{"rowid"}
	}
	had, err := r.names(ctx, r.from.QueryContext, columns, table)
	if err != nil {
		r.log.WarnContext(ctx, "table not salvaged", "table", table, "err", err)
		return nil
	}
	both := slices.DeleteFunc(fresh, func(c string) bool { return !slices.Contains(had, c) })
	if len(both) == 0 {
		return nil
	}
	list, marks := strings.Join(both, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(both)), ", ")
	insert := `INSERT OR REPLACE INTO ` + table + ` (` + list + `) VALUES (` + marks + `)`
	values, into := make([]any, len(both)), make([]any, len(both))
	for i := range values {
		into[i] = &values[i]
	}
	var failed error
	order := strings.Join(key, ` %[1]s, `) + ` %[1]s`
	r.both(ctx, `SELECT `+list+` FROM `+table, order, func(rows *sql.Rows) error {
		if rows.Scan(into...) != nil || failed != nil {
			return nil
		}
		if err := r.exec(ctx, insert, values...); err != nil && !refusedRow(err) {
			failed = err
		}
		return failed
	})
	return failed
}

func (r *rebuild) names(ctx context.Context, query func(context.Context, string, ...any) (*sql.Rows, error), text string, args ...any) ([]string, error) {
	rows, err := query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// epochs gives every stream of a known epoch its row.
func (r *rebuild) epochs(ctx context.Context) error {
	rows, err := r.to.QueryContext(ctx, `SELECT n, epoch FROM epoch`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var id []byte
		if err := rows.Scan(&n, &id); err != nil {
			return err
		}
		if len(id) == len(kiosk.ID{}) {
			r.ids[n] = kiosk.ID(id)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return r.exec(ctx, `
INSERT INTO stream (epoch, lane, acked)
SELECT e.n, l.lane, 0 FROM epoch e CROSS JOIN (SELECT 0 AS lane UNION ALL SELECT 1) l
WHERE true
ON CONFLICT DO NOTHING`)
}

// settle finds out of each stream how far it can be sent as it is, and takes what
// lies beyond out of it.
func (r *rebuild) settle(ctx context.Context) error {
	var current int64
	for n := range r.ids {
		current = max(current, n)
	}
	for n, id := range r.ids {
		if kept, err := r.staysHere(ctx, n, current); err != nil || kept {
			if err != nil {
				return err
			}
			continue
		}
		for _, lane := range kiosk.Lanes() {
			o, err := r.settleStream(ctx, place{n, lane}, id)
			if err != nil {
				return fmt.Errorf("settle %s stream of epoch %s: %w", lane, id, err)
			}
			r.Loose, r.Lost = r.Loose+o.Loose, r.Lost+o.Lost
			if n == current {
				if r.Lanes == nil {
					r.Lanes = map[string]old{}
				}
				r.Before, r.Lanes[lane.String()] = id.String(), o
			}
		}
	}
	return nil
}

// staysHere reports whether the streams of an epoch are never sent: those from before
// the booth was enrolled.
func (r *rebuild) staysHere(ctx context.Context, n, current int64) (bool, error) {
	var booth string
	err := r.to.QueryRowContext(ctx, `SELECT booth FROM epoch WHERE n = $1`, n).Scan(&booth)
	return booth == kiosk.UnenrolledBooth && n != current, err
}

func (r *rebuild) settleStream(ctx context.Context, p place, id kiosk.ID) (o old, err error) {
	if o.Last, err = r.last(ctx, p, id); err != nil {
		return o, err
	}
	if err := r.to.QueryRowContext(ctx, `SELECT acked FROM stream WHERE epoch = $1 AND lane = $2`, p.n, p.lane).Scan(&o.Acked); err != nil {
		return o, err
	}
	o.Acked = min(o.Acked, o.Last)
	seqs, err := r.kept(ctx, p, o.Acked)
	if err != nil {
		return o, err
	}
	o.Sent = o.Acked
	if tree, err := loadEdge(ctx, r.to, p.n, p.lane, o.Acked); err == nil {
		root := tree.root()
		o.Root = hex.EncodeToString(root[:])
		if o.Sent, err = r.regrow(ctx, p, tree, seqs); err != nil {
			return o, err
		}
	}
	for _, seq := range seqs {
		if seq > o.Sent {
			o.Loose++
		}
	}
	o.Lost = o.Last - o.Acked - uint64(len(seqs))
	return o, r.loosen(ctx, p, &o)
}

// kept returns the records behind a seq that were read.
func (r *rebuild) kept(ctx context.Context, p place, after uint64) ([]uint64, error) {
	rows, err := r.to.QueryContext(ctx, `SELECT seq FROM record WHERE epoch = $1 AND lane = $2 AND seq > $3 ORDER BY seq`, p.n, p.lane, int64(after))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []uint64
	for rows.Next() {
		var seq uint64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		out = append(out, seq)
	}
	return out, rows.Err()
}

// regrow grows the tree from the records behind it, without a gap, and returns how
// far it came. The hashes that they complete are written anew.
func (r *rebuild) regrow(ctx context.Context, p place, tree edge, seqs []uint64) (uint64, error) {
	for _, seq := range seqs {
		if seq != tree.size+1 {
			break
		}
		var header []byte
		if err := r.to.QueryRowContext(ctx, `SELECT header FROM record WHERE epoch = $1 AND lane = $2 AND seq = $3`, p.n, p.lane, int64(seq)).Scan(&header); err != nil {
			return 0, err
		}
		if err := r.exec(ctx, `UPDATE record SET hashes = $4 WHERE epoch = $1 AND lane = $2 AND seq = $3`, p.n, p.lane, int64(seq), tree.append(header)); err != nil {
			return 0, err
		}
	}
	return tree.size, nil
}

// loosen takes the records that cannot be sent in their stream out of it, and counts
// those that stay and have no body.
func (r *rebuild) loosen(ctx context.Context, p place, o *old) error {
	for _, query := range []string{`
INSERT INTO loose (epoch, lane, seq, header, facts, facts_salt, sealed, sealed_salt)
SELECT r.epoch, r.lane, r.seq, r.header, b.facts, b.facts_salt, b.sealed, b.sealed_salt
FROM record r LEFT JOIN body b ON b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq
WHERE r.epoch = $1 AND r.lane = $2 AND r.seq > $3
ON CONFLICT DO NOTHING`,
		`DELETE FROM body WHERE epoch = $1 AND lane = $2 AND seq > $3`,
		`DELETE FROM record WHERE epoch = $1 AND lane = $2 AND seq > $3`} {
		if err := r.exec(ctx, query, p.n, p.lane, int64(o.Sent)); err != nil {
			return err
		}
	}
	return r.to.QueryRowContext(ctx, `
SELECT COUNT(*) FROM record r
WHERE r.epoch = $1 AND r.lane = $2 AND r.seq > $3
	AND NOT EXISTS (SELECT 1 FROM body b WHERE b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq)`, p.n, p.lane, int64(o.Acked)).Scan(&o.Empty)
}
