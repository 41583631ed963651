package sqldb

import (
	"context"
	"fmt"
	"math"
	"time"

	"redstation/kiosk"
)

// Boot is how far one boot of a booth is known from one stream.
type Boot struct {
	Booth  string
	Stream kiosk.Stream
	kiosk.Boot
	Last  time.Duration // since boot, of the last record
	Begin int64         // ms: it began no later
}

// NoteBoot widens what is known of a boot.
func (tx *Tx) NoteBoot(ctx context.Context, b Boot) error {
	err := tx.later(ctx, `INSERT INTO boot (booth, epoch, lane, boot_count, boot_id, last_ns, begin_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (booth, epoch, boot_count, boot_id, lane) DO UPDATE SET
	last_ns  = CASE WHEN excluded.last_ns > boot.last_ns THEN excluded.last_ns ELSE boot.last_ns END,
	begin_ms = CASE WHEN excluded.begin_ms < boot.begin_ms THEN excluded.begin_ms ELSE boot.begin_ms END`,
		b.Booth, b.Stream.Epoch[:], int64(b.Stream.Lane), int64(b.Count), b.ID[:], int64(b.Last), b.Begin)
	if err != nil {
		return fmt.Errorf("note boot %d of booth %s: %w", b.Count, b.Booth, err)
	}
	return nil
}

// NoteAnchor stores an anchor. One that is there already stays as it is.
func (tx *Tx) NoteAnchor(ctx context.Context, booth string, boot kiosk.Boot, a kiosk.Anchor) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO anchor (booth, boot_count, boot_id, since_ns, source, true_ms, unc_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING`, booth, int64(boot.Count), boot.ID[:], int64(a.Since), string(a.Source), a.True.UnixMilli(), a.Unc.Milliseconds())
	if err != nil {
		return fmt.Errorf("note anchor of booth %s: %w", booth, err)
	}
	return nil
}

// ofBoot names an anchor's boot; proofs are the sources that bound the time.
const (
	ofBoot = `booth = $1 AND boot_count = $2 AND boot_id = $3`
	proofs = `source IN ('hub', 'ntp')`
)

// Anchors returns anchors of a boot, in order: those between two moments, the nearest
// proof before and after them, and whatever lies between. Where there is no proof it
// returns all.
func (tx *Tx) Anchors(ctx context.Context, booth string, boot kiosk.Boot, from, to time.Duration) ([]kiosk.Anchor, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT source, since_ns, true_ms, unc_ms FROM anchor WHERE `+ofBoot+`
	AND since_ns >= COALESCE((SELECT MAX(since_ns) FROM anchor WHERE `+ofBoot+` AND since_ns <= $4 AND `+proofs+`), 0)
	AND since_ns <= COALESCE((SELECT MIN(since_ns) FROM anchor WHERE `+ofBoot+` AND since_ns >= $5 AND `+proofs+`), $6)
ORDER BY since_ns`, booth, int64(boot.Count), boot.ID[:], int64(from), int64(to), int64(math.MaxInt64))
	if err != nil {
		return nil, fmt.Errorf("read anchors of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []kiosk.Anchor
	for rows.Next() {
		a := kiosk.Anchor{Boot: boot.Count}
		var since, ms, unc int64
		if err := rows.Scan(&a.Source, &since, &ms, &unc); err != nil {
			return nil, fmt.Errorf("read anchors of booth %s: %w", booth, err)
		}
		a.Since, a.True, a.Unc = time.Duration(since), time.UnixMilli(ms).UTC(), time.Duration(unc)*time.Millisecond
		out = append(out, a)
	}
	return out, rows.Err()
}

// hasProof holds for rows of boot that have an anchor which bounds the time.
const hasProof = `EXISTS (SELECT 1 FROM anchor a WHERE a.booth = b.booth AND a.boot_count = b.boot_count AND a.boot_id = b.boot_id AND a.` + proofs + `)`

// Boots returns the boots of an epoch around one of them, in their order: back to the
// nearest with a proof, and on to the nearest with a proof. What both lanes know of a
// boot, in whatever epoch, is put together.
func (tx *Tx) Boots(ctx context.Context, booth string, epoch kiosk.ID, count uint64) ([]Boot, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT b.boot_count, b.boot_id, MAX(o.last_ns), MIN(o.begin_ms) FROM boot b
JOIN boot o ON o.booth = b.booth AND o.boot_count = b.boot_count AND o.boot_id = b.boot_id
WHERE b.booth = $1 AND b.epoch = $2
	AND b.boot_count >= COALESCE((SELECT MAX(b.boot_count) FROM boot b WHERE b.booth = $1 AND b.epoch = $2 AND b.boot_count < $3 AND `+hasProof+`), 0)
	AND b.boot_count <= COALESCE((SELECT MIN(b.boot_count) FROM boot b WHERE b.booth = $1 AND b.epoch = $2 AND b.boot_count > $3 AND `+hasProof+`), $4)
GROUP BY b.boot_count, b.boot_id ORDER BY b.boot_count, b.boot_id`, booth, epoch[:], int64(count), int64(math.MaxInt64))
	if err != nil {
		return nil, fmt.Errorf("read boots of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Boot
	for rows.Next() {
		b := Boot{Booth: booth, Stream: kiosk.Stream{Epoch: epoch}}
		var id []byte
		var last int64
		if err := rows.Scan(&b.Count, &id, &last, &b.Begin); err != nil {
			return nil, fmt.Errorf("read boots of booth %s: %w", booth, err)
		}
		copy(b.ID[:], id)
		b.Last = time.Duration(last)
		out = append(out, b)
	}
	return out, rows.Err()
}
