package sqldb

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"redstation/kiosk"
)

// Case is a filing with what the city has made of it. Times are ms.
type Case struct {
	Ref      kiosk.ID
	Booth    string
	Number   string
	Service  string
	Action   kiosk.Action
	Pos      int64
	Record   kiosk.ID
	Received int64
	Face     kiosk.CaseFace
}

const caseColumns = `SELECT ref, booth, number, service, action, pos, record, received, face FROM cases`

func scanCase(row scanner) (Case, error) {
	var c Case
	var ref, record []byte
	var face string
	err := row.Scan(&ref, &c.Booth, &c.Number, &c.Service, &c.Action, &c.Pos, &record, &c.Received, &face)
	if err != nil {
		return c, found(err)
	}
	copy(c.Ref[:], ref)
	copy(c.Record[:], record)
	if err := json.Unmarshal([]byte(face), &c.Face); err != nil {
		return c, fmt.Errorf("read case %s: %w", c.Number, err)
	}
	return c, nil
}

// lockRow makes PostgreSQL hold the row until the transaction ends; SQLite has one writer.
func (tx *Tx) lockRow() string {
	if tx.pg != nil {
		return ` FOR UPDATE`
	}
	return ""
}

// LockCase returns a case and holds it until the transaction ends, or ErrNoRow.
func (tx *Tx) LockCase(ctx context.Context, ref kiosk.ID) (Case, error) {
	return scanCase(tx.tx.QueryRowContext(ctx, caseColumns+` WHERE ref = $1`+tx.lockRow(), ref[:]))
}

// CaseByNumber returns the case with that number, or ErrNoRow.
func (tx *Tx) CaseByNumber(ctx context.Context, booth, number string) (Case, error) {
	return scanCase(tx.tx.QueryRowContext(ctx, caseColumns+` WHERE booth = $1 AND number = $2`, booth, number))
}

// CaseOfRecord returns the case that a record filed, or ErrNoRow.
func (tx *Tx) CaseOfRecord(ctx context.Context, record kiosk.ID) (Case, error) {
	return scanCase(tx.tx.QueryRowContext(ctx, caseColumns+` WHERE record = $1`+tx.lockRow(), record[:]))
}

// SaveCase stores a case in the place of what was there under its ref.
func (tx *Tx) SaveCase(ctx context.Context, c Case) error {
	face, err := json.Marshal(c.Face)
	if err != nil {
		return fmt.Errorf("encode case %s: %w", c.Number, err)
	}
	due := int64(0)
	if !c.Face.Due.IsZero() {
		due = Millis(c.Face.Due)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO cases (ref, booth, number, service, action, pos, record, received, face, step, ending, owner, level, due, wish, since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (ref) DO UPDATE SET face = excluded.face, step = excluded.step, ending = excluded.ending, owner = excluded.owner,
	level = excluded.level, due = excluded.due, wish = excluded.wish, since = excluded.since`,
		c.Ref[:], c.Booth, c.Number, c.Service, string(c.Action), c.Pos, c.Record[:], c.Received, string(face),
		string(c.Face.Step), string(c.Face.Ending), c.Face.Owner, int64(c.Face.Level), due, string(c.Face.Wish), Millis(c.Face.Since))
	if err != nil {
		return fmt.Errorf("save case %s: %w", c.Number, err)
	}
	return nil
}

// Cases returns cases, the newest first. q.Limit must be positive, q.At set.
func (tx *Tx) Cases(ctx context.Context, q kiosk.CaseQuery) ([]Case, error) {
	text, args := caseColumns+` WHERE true`, []any{}
	add := func(cond string, v any) {
		args = append(args, v)
		text += ` AND ` + cond + `$` + strconv.Itoa(len(args))
	}
	for _, f := range []struct{ cond, value string }{{"booth = ", q.Booth}, {"owner = ", q.Owner}, {"step = ", string(q.Step)}} {
		if f.value != "" {
			add(f.cond, f.value)
		}
	}
	switch q.State {
	case kiosk.CaseOpen:
		text += ` AND ending = '' AND step <> ''`
	case kiosk.CaseClosed:
		text += ` AND ending <> ''`
	case kiosk.CaseWish:
		text += ` AND wish <> ''`
	case kiosk.CaseOverdue:
		text += ` AND ending = '' AND due > 0 AND step <> 'rate'`
		add("due <= ", Millis(q.At))
	}
	if q.Before > 0 {
		add("pos < ", q.Before)
	}
	args = append(args, int64(q.Limit))
	return tx.cases(ctx, text+` ORDER BY pos DESC LIMIT $`+strconv.Itoa(len(args)), args...)
}

// DueCases returns cases of which a deadline has passed and which move on by it.
func (tx *Tx) DueCases(ctx context.Context, now int64, limit int) ([]Case, error) {
	return tx.cases(ctx, caseColumns+` WHERE ending = '' AND due > 0 AND due <= $1 AND (level < $2 OR step = 'rate') ORDER BY due LIMIT $3`+tx.lockRow(),
		now, int64(kiosk.LevelCity), int64(limit))
}

// HasDueCases reports whether DueCases or EndedCases would return any.
func (tx *Tx) HasDueCases(ctx context.Context, now, ended int64) (due bool, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM cases WHERE ending = '' AND due > 0 AND due <= $1 AND (level < $2 OR step = 'rate'))
	OR EXISTS (SELECT 1 FROM cases WHERE ending <> '' AND since < $3 AND EXISTS (SELECT 1 FROM capsule p WHERE p.booth = cases.booth AND p.number = cases.number))`,
		now, int64(kiosk.LevelCity), ended).Scan(&due)
	if err != nil {
		return false, fmt.Errorf("look for due cases: %w", err)
	}
	return due, nil
}

// EndedCases returns closed cases whose papers are still answered, closed before a time.
func (tx *Tx) EndedCases(ctx context.Context, before int64, limit int) ([]Case, error) {
	return tx.cases(ctx, caseColumns+` WHERE ending <> '' AND since < $1 AND EXISTS (
	SELECT 1 FROM capsule p WHERE p.booth = cases.booth AND p.number = cases.number) ORDER BY since LIMIT $2`, before, int64(limit))
}

func (tx *Tx) cases(ctx context.Context, query string, args ...any) ([]Case, error) {
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Case
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, fmt.Errorf("read cases: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// AddCaseEvent appends to what happened to a case. It reports false where the record
// that says it was there before.
func (tx *Tx) AddCaseEvent(ctx context.Context, ref kiosk.ID, e kiosk.CaseEvent) (bool, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("encode event of a case: %w", err)
	}
	var record any
	if !e.Record.IsZero() {
		record = e.Record[:]
	}
	res, err := tx.tx.ExecContext(ctx, `INSERT INTO case_event (ref, n, at, record, event)
VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM case_event WHERE ref = $2), $3, $4, $5) ON CONFLICT DO NOTHING`, ref[:], ref[:], Millis(e.At), record, string(text))
	if err != nil {
		return false, fmt.Errorf("add event of a case: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// CaseEvents returns what happened to a case, in its order.
func (tx *Tx) CaseEvents(ctx context.Context, ref kiosk.ID) ([]kiosk.CaseEvent, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT event FROM case_event WHERE ref = $1 ORDER BY n`, ref[:])
	if err != nil {
		return nil, fmt.Errorf("read events of a case: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []kiosk.CaseEvent
	for rows.Next() {
		var text string
		var e kiosk.CaseEvent
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read events of a case: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return nil, fmt.Errorf("read events of a case: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// SilenceCase takes out of what happened to a case what was said.
func (tx *Tx) SilenceCase(ctx context.Context, ref kiosk.ID) error {
	events, err := tx.CaseEvents(ctx, ref)
	if err != nil {
		return err
	}
	for i, e := range events {
		if len(e.Text) == 0 {
			continue
		}
		e.Text = nil
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode event of a case: %w", err)
		}
		if _, err := tx.tx.ExecContext(ctx, `UPDATE case_event SET event = $1 WHERE ref = $2 AND n = $3`, string(text), ref[:], int64(i+1)); err != nil {
			return fmt.Errorf("silence event of a case: %w", err)
		}
	}
	return nil
}

// AddWaiting notes a record that speaks of a filing which is not here yet.
func (tx *Tx) AddWaiting(ctx context.Context, pos int64, ref kiosk.ID) error {
	if _, err := tx.tx.ExecContext(ctx, `INSERT INTO case_waiting (pos, ref) VALUES ($1, $2) ON CONFLICT DO NOTHING`, pos, ref[:]); err != nil {
		return fmt.Errorf("note waiting record: %w", err)
	}
	return nil
}

// TakeWaiting returns the positions of the records that wait for a filing, in their
// order, and forgets that they do.
func (tx *Tx) TakeWaiting(ctx context.Context, ref kiosk.ID) ([]int64, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT pos FROM case_waiting WHERE ref = $1 ORDER BY pos`, ref[:])
	if err != nil {
		return nil, fmt.Errorf("read waiting records: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []int64
	for rows.Next() {
		var pos int64
		if err := rows.Scan(&pos); err != nil {
			return nil, fmt.Errorf("read waiting records: %w", err)
		}
		out = append(out, pos)
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		return nil, err
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM case_waiting WHERE ref = $1`, ref[:]); err != nil {
		return nil, fmt.Errorf("forget waiting records: %w", err)
	}
	return out, nil
}
