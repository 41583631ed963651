package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"redstation/kiosk"
)

// Booth is a booth as the hub keeps it. Times are ms, 0 = never.
type Booth struct {
	ID       string
	Name     string
	Created  int64
	Key      []byte // Ed25519 public key; nil until enrolled
	Enrolled int64
	Revoked  int64
	Error    string // of the last attempt
	ErrorAt  int64
}

// Booth returns a booth, or ErrNoRow.
func (tx *Tx) Booth(ctx context.Context, id string) (Booth, error) {
	b := Booth{ID: id}
	err := tx.tx.QueryRowContext(ctx, `SELECT name, created, pubkey, enrolled, revoked, error, error_at FROM booth WHERE id = $1`, id).
		Scan(&b.Name, &b.Created, &b.Key, &b.Enrolled, &b.Revoked, &b.Error, &b.ErrorAt)
	return b, found(err)
}

// SaveBooth adds a booth or stores what may change of it.
func (tx *Tx) SaveBooth(ctx context.Context, b Booth) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO booth (id, name, created, pubkey, enrolled, revoked, error, error_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, pubkey = excluded.pubkey, enrolled = excluded.enrolled,
	revoked = excluded.revoked, error = excluded.error, error_at = excluded.error_at`,
		b.ID, b.Name, b.Created, b.Key, b.Enrolled, b.Revoked, b.Error, b.ErrorAt)
	if err != nil {
		return fmt.Errorf("save booth %s: %w", b.ID, err)
	}
	return nil
}

// NoteContact notes that a request came which verified with that key, and clears the
// last error. It reports false, and notes nothing, where the booth has another key by
// now or was revoked.
func (tx *Tx) NoteContact(ctx context.Context, booth string, key []byte, at int64) (known bool, err error) {
	r, err := tx.tx.ExecContext(ctx, `UPDATE booth SET contact = $1, error = '' WHERE id = $2 AND pubkey = $3 AND revoked = 0`, at, booth, key)
	return touched(r, err, "note contact of booth", booth)
}

// NoteHello is NoteContact with what the booth says of itself.
func (tx *Tx) NoteHello(ctx context.Context, booth string, key []byte, version, printer string, at int64) (known bool, err error) {
	r, err := tx.tx.ExecContext(ctx, `UPDATE booth SET contact = $1, error = '', version = $2, printer = $3 WHERE id = $4 AND pubkey = $5 AND revoked = 0`,
		at, version, printer, booth, key)
	return touched(r, err, "note hello of booth", booth)
}

// touched reports whether a statement has changed a row.
func touched(r sql.Result, err error, deed, booth string) (bool, error) {
	var n int64
	if err == nil {
		n, err = r.RowsAffected()
	}
	if err != nil {
		return false, fmt.Errorf("%s %s: %w", deed, booth, err)
	}
	return n > 0, nil
}

// NoteError notes why the booth's last attempt failed.
func (tx *Tx) NoteError(ctx context.Context, booth, reason string, at int64) error {
	if _, err := tx.tx.ExecContext(ctx, `UPDATE booth SET error = $1, error_at = $2 WHERE id = $3`, reason, at, booth); err != nil {
		return fmt.Errorf("note error of booth %s: %w", booth, err)
	}
	return nil
}

// Stations returns all booths by id, with how far they are behind by their own word.
// What they have of a frozen stream is set aside and not waited for.
func (tx *Tx) Stations(ctx context.Context) ([]kiosk.Station, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT b.id, b.name, b.enrolled, b.revoked, b.contact, b.version, b.printer, b.error,
	COALESCE(SUM(s.head), 0),
	COALESCE(SUM(CASE WHEN s.frozen = 0 AND s.told_last > s.head THEN s.told_last - s.head END), 0),
	MIN(CASE WHEN s.frozen = 0 AND s.told_last > s.head AND s.told_oldest > 0 THEN s.told_oldest END),
	COALESCE(SUM(CASE WHEN s.frozen > 0 AND NOT EXISTS (SELECT 1 FROM fork_done d
		WHERE d.booth = s.booth AND d.epoch = s.epoch AND d.lane = s.lane) THEN 1 END), 0)
FROM booth b LEFT JOIN stream s ON s.booth = b.id
GROUP BY b.id, b.name, b.enrolled, b.revoked, b.contact, b.version, b.printer, b.error
ORDER BY b.id`)
	if err != nil {
		return nil, fmt.Errorf("list booths: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []kiosk.Station
	for rows.Next() {
		var s kiosk.Station
		var enrolled, revoked, contact int64
		var oldest sql.NullInt64
		if err := rows.Scan(&s.ID, &s.Name, &enrolled, &revoked, &contact, &s.Version, &s.Printer, &s.LastError,
			&s.Records, &s.Behind, &oldest, &s.Forked); err != nil {
			return nil, fmt.Errorf("list booths: %w", err)
		}
		s.EnrolledAt, s.LastContact, s.Oldest, s.Revoked = Time(enrolled), Time(contact), Time(oldest.Int64), revoked != 0
		out = append(out, s)
	}
	return out, rows.Err()
}

// Time turns stored milliseconds into a time; 0 is the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Millis turns a time into what is stored.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Invite is the enrolment code of a booth. Times are ms.
type Invite struct {
	Booth   string
	Code    []byte // HMAC of the code
	Expires int64
	Tries   int
	Used    int64
	Key     []byte // of the booth that used it
}

// Invite returns the code of a booth, or ErrNoRow.
func (tx *Tx) Invite(ctx context.Context, booth string) (Invite, error) {
	v := Invite{Booth: booth}
	err := tx.tx.QueryRowContext(ctx, `SELECT code, expires, tries, used, pubkey FROM invite WHERE booth = $1`, booth).
		Scan(&v.Code, &v.Expires, &v.Tries, &v.Used, &v.Key)
	return v, found(err)
}

// SaveInvite stores the code of a booth in place of any older one.
func (tx *Tx) SaveInvite(ctx context.Context, v Invite) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO invite (booth, code, expires, tries, used, pubkey) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (booth) DO UPDATE SET code = excluded.code, expires = excluded.expires, tries = excluded.tries,
	used = excluded.used, pubkey = excluded.pubkey`, v.Booth, notNull(v.Code), v.Expires, int64(v.Tries), v.Used, v.Key)
	if err != nil {
		return fmt.Errorf("save enrolment code of booth %s: %w", v.Booth, err)
	}
	return nil
}
