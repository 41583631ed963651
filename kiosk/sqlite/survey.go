package sqlite

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// AnswerSurvey stores an answer with its slip, capsule and record, and counts what was
// chosen.
func (d *DB) AnswerSurvey(ctx context.Context, p *kiosk.Paperwork, chosen map[string]string) (kiosk.Slip, error) {
	return d.file(ctx, p, func(ctx context.Context, w *writer) error {
		for field, option := range chosen {
			if err := w.exec(ctx, `INSERT INTO survey_tally (service, field, option, n) VALUES ($1, $2, $3, 1)
ON CONFLICT (service, field, option) DO UPDATE SET n = n + 1`, p.Slip.Service, field, option); err != nil {
				return fmt.Errorf("count answers: %w", err)
			}
		}
		return nil
	})
}

// Tallies returns the counts of a survey.
func (d *DB) Tallies(ctx context.Context, service string) ([]kiosk.Tally, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT field, option, n FROM survey_tally WHERE service = $1`, service)
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	defer rows.Close()
	var out []kiosk.Tally
	for rows.Next() {
		var t kiosk.Tally
		if err := rows.Scan(&t.Field, &t.Option, &t.N); err != nil {
			return nil, fmt.Errorf("read counts: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}
