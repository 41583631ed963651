package sqldb

import (
	"strconv"

	"redstation/kiosk"
)

// pgLogQuery writes the query of the log for PostgreSQL: it walks over sealed
// batches in their order and takes from each what matches, never more than the page
// holds. The inner query is sorted, which keeps the planner from joining the other
// way round. What begins or ends within a batch is cut there; times too, because
// several hubs receive at once and not quite in the order of positions.
func pgLogQuery(q kiosk.LogQuery, lo, hi int64) (text string, args []any) {
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args)) + "::bigint"
	}
	from, to, limit, order := arg(lo), arg(hi), arg(int64(q.Limit)), ""
	if q.Backward {
		order = " DESC"
	}
	kind := ""
	batches := `b.pos >= COALESCE((SELECT MAX(pos) FROM batch WHERE pos <= ` + from + `), 0) AND b.pos <= ` + to
	if q.Booth != "" {
		args = append(args, q.Booth)
		batches += ` AND b.booth = $` + strconv.Itoa(len(args))
	}
	if q.Lane != nil {
		batches += ` AND b.lane = ` + strconv.Itoa(int(*q.Lane)) // as a constant, for the index of the urgent lane
	}
	if !q.Since.IsZero() {
		batches += ` AND b.received >= ` + arg(q.Since.UnixMilli())
	}
	if !q.Until.IsZero() {
		batches += ` AND b.received < ` + arg(q.Until.UnixMilli())
	}
	if q.Kind != "" {
		args = append(args, string(q.Kind))
		id := `(SELECT id FROM kind WHERE name = $` + strconv.Itoa(len(args)) + `)`
		batches += ` AND b.kinds @> ARRAY[` + id + `]`
		kind = ` AND r.kind = ` + id
	}
	return `SELECT b.pos + (r.seq - b.first), (SELECT k.name FROM kind k WHERE k.id = r.kind), r.raw, b.received
FROM batch b CROSS JOIN LATERAL (SELECT r.seq, r.kind, r.raw FROM record r
	WHERE r.booth = b.booth AND r.stream = b.stream AND r.received = b.received
		AND r.seq >= GREATEST(b.first, b.first + ` + from + ` - b.pos) AND r.seq - b.first < b.n AND r.seq - b.first <= ` + to + ` - b.pos` + kind + `
	ORDER BY r.seq` + order + ` LIMIT ` + limit + `) r
WHERE ` + batches + `
ORDER BY b.pos` + order + `, r.seq` + order + ` LIMIT ` + limit, args
}

// pgRow finds the one batch that a position lies in.
const pgRow = `SELECT k.name, r.raw, b.received
FROM (SELECT * FROM batch WHERE pos <= $1 ORDER BY pos DESC LIMIT 1) b
	JOIN record r ON r.booth = b.booth AND r.stream = b.stream AND r.received = b.received AND r.seq = b.first + $1 - b.pos
	JOIN kind k ON k.id = r.kind
WHERE $1 < b.pos + b.n`
