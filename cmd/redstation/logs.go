package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"redstation/sync/wire"
)

type logsCmd struct {
	Pull        pullCmd        `cmd:"" help:"Pull records from a hub, in its order, and go on later where this run ends."`
	Checkpoints checkpointsCmd `cmd:"" help:"Get what the booths and the hub have signed: redstation verify checks an export against it."`
}

type pullCmd struct {
	Hub       string   `required:"" placeholder:"URL" help:"The hub, such as http://127.0.0.1:8090."`
	Token     string   `placeholder:"T" xor:"token" help:"The API token (redstation hub token makes one)."`
	TokenFile string   `placeholder:"FILE" xor:"token" help:"Read the token from this file."`
	After     int64    `placeholder:"CURSOR" help:"Go on after this cursor: the number that the last run ended with."`
	Before    int64    `placeholder:"CURSOR" help:"Stop before this cursor."`
	Booth     []string `placeholder:"ID" sep:"none" help:"Only this booth's records; may be given several times."`
	Kind      []string `placeholder:"K" sep:"none" help:"Only this kind, such as request.filed; may be given several times."`
	Lane      string   `enum:"both,log,urgent" default:"both" help:"Only this lane: log, or urgent (default: both)."`
	Since     string   `placeholder:"TIME" help:"Only what the hub received at or after this time: 2026-12-01, 2026-12-01T08:00:00+08:00, or 24h for the last day."`
	Until     string   `placeholder:"TIME" help:"Only what the hub received before this time, likewise."`
	Format    string   `enum:"ndjson,csv" default:"ndjson" help:"ndjson: one JSON object a line, everything in it. csv: a table for a spreadsheet, without the sealed bytes."`
	Follow    bool     `help:"Wait for more at the end, also while the hub is away, until Ctrl-C."`
}

// Help explains the cursor.
func (pullCmd) Help() string {
	return `Records go to standard output, oldest first. The last line on standard error tells the cursor to go on from,
also after an error or Ctrl-C, so that nothing is missed and nothing comes twice:

  redstation logs pull --hub URL --token-file token > log.ndjson 2> status
  redstation logs pull --hub URL --token-file token --after "$(tail -n 1 status | grep -o '[0-9]*$')" >> log.ndjson

What residents typed is sealed: it comes as bytes that only the city's key opens.`
}

// Run pulls. The cursor line comes last, whatever happened.
func (p *pullCmd) Run(ctx context.Context, out console) error {
	token, err := secret(p.Token, p.TokenFile)
	if err != nil {
		return err
	}
	if token == "" {
		return usageError{errors.New("a token is missing: give --token-file or --token")}
	}
	o, err := p.opts(time.Now())
	if err != nil {
		return usageError{err}
	}
	w, err := newRowWriter(out.Out, wire.Format(p.Format), p.After == 0, p.Follow)
	if err != nil {
		return err
	}
	note := newProgress(out)
	cursor := p.After
	o.Moved = func(at int64) {
		if w.flush() == nil {
			cursor = max(cursor, at)
		}
		note.moved(at)
	}
	o.Away = note.away
	for row, rowErr := range wire.Pull(ctx, p.Hub, token, o) {
		if err = rowErr; err != nil {
			break
		}
		if err = w.write(&row); err != nil {
			break
		}
		note.row(row.Pos)
	}
	err = errors.Join(err, w.flush())
	cursor = max(cursor, w.written)
	note.end()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // Ctrl-C is how --follow ends
	}
	if err != nil {
		fmt.Fprintln(out.Err, "redstation:", err)
	}
	fmt.Fprintf(out.Err, "go on with --after %d\n", cursor)
	if err != nil {
		return toldError{err}
	}
	return nil
}

// opts reads the flags.
func (p *pullCmd) opts(now time.Time) (o wire.PullOpts, err error) {
	o = wire.PullOpts{After: p.After, Before: p.Before, Booths: p.Booth, Kinds: p.Kind, Follow: p.Follow}
	if p.Lane != "both" {
		o.Lane = p.Lane
	}
	if o.Since, err = parseTime("--since", p.Since, now); err != nil {
		return o, err
	}
	o.Until, err = parseTime("--until", p.Until, now)
	return o, err
}

// parseTime reads a date, a time or how long ago.
func parseTime(flag, s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%s %q is no time: write 2026-12-01, 2026-12-01T08:00:00+08:00, or 24h", flag, s)
}

// rowWriter writes rows and knows up to which one they have left the program.
type rowWriter struct {
	buf     *bufio.Writer
	rows    *wire.RowWriter
	eager   bool  // a reader waits for each row
	written int64 // cursor of the last row that is out
	pending int64 // cursor of the last row that is at least in the buffer
}

// newRowWriter writes what comes before the rows, too: a table's heading where it begins.
func newRowWriter(w io.Writer, format wire.Format, heading, eager bool) (*rowWriter, error) {
	r := &rowWriter{buf: bufio.NewWriterSize(w, 64<<10), eager: eager}
	var err error
	r.rows, err = wire.NewRowWriter(r.buf, format, heading)
	return r, err
}

func (w *rowWriter) write(r *wire.Row) error {
	if err := w.rows.Write(r); err != nil {
		return err
	}
	w.pending = r.Pos
	if w.eager || w.buf.Available() < 4<<10 {
		return w.flush()
	}
	return nil
}

func (w *rowWriter) flush() error {
	if err := errors.Join(w.rows.Flush(), w.buf.Flush()); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	w.written = w.pending
	return nil
}
