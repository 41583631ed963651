package hub

import (
	"context"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// source is one query of several whose rows are merged. It reads ahead a little.
type source struct {
	kiosk.LogQuery
	rows []sqldb.Row
	done bool // there is nothing behind rows
}

// head returns the next row, nil where there is none.
func (s *source) head(ctx context.Context, tx *sqldb.Tx) (*sqldb.Row, error) {
	if len(s.rows) == 0 && !s.done {
		var err error
		if s.rows, err = tx.Log(ctx, s.LogQuery); err != nil {
			return nil, err
		}
		s.done = len(s.rows) < s.Limit
		if n := len(s.rows); n > 0 {
			s.After = s.rows[n-1].Pos
		}
	}
	if len(s.rows) == 0 {
		return nil, nil
	}
	return &s.rows[0], nil
}

// gather merges the rows of queries that have none in common, in the hub's order:
// at most limit of them, and it stops once they have size bytes. more reports
// whether there is another behind them. What it reads ahead is bounded as well.
func gather(ctx context.Context, tx *sqldb.Tx, queries []kiosk.LogQuery, limit, size int) (rows []sqldb.Row, more bool, err error) {
	sources := make([]source, len(queries))
	for i, q := range queries {
		q.Limit = min(limit+1, max(4, 256/len(queries)))
		sources[i].LogQuery = q
	}
	for {
		var first *source
		for i := range sources {
			row, err := sources[i].head(ctx, tx)
			if err != nil {
				return nil, false, err
			}
			if row != nil && (first == nil || row.Pos < first.rows[0].Pos) {
				first = &sources[i]
			}
		}
		switch {
		case first == nil:
			return rows, false, nil
		case len(rows) == limit || (size <= 0 && len(rows) > 0):
			return rows, true, nil
		}
		rows = append(rows, first.rows[0])
		size -= len(first.rows[0].Raw)
		first.rows = first.rows[1:]
	}
}
