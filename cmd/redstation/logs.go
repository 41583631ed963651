package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

type logsCmd struct {
	Pull        pullCmd        `cmd:"" help:"Pull records from a hub, in its order, and go on later where this run ends."`
	Checkpoints checkpointsCmd `cmd:"" help:"Get what the booths and the hub have signed: redstation verify checks an export against it."`
}

type pullCmd struct {
	Hub       string `required:"" placeholder:"URL" help:"The hub, such as http://127.0.0.1:8090."`
	Token     string `placeholder:"T" xor:"token" help:"The API token (redstation hub token makes one)."`
	TokenFile string `placeholder:"FILE" xor:"token" help:"Read the token from this file."`
	After     int64  `placeholder:"CURSOR" help:"Go on after this cursor: the number that the last run ended with."`
	Booth     string `placeholder:"ID" help:"Only this booth's records."`
	Kind      string `placeholder:"K" help:"Only this kind, such as request.filed."`
	Since     string `placeholder:"TIME" help:"Only what the hub received at or after this time: 2026-12-01, 2026-12-01T08:00:00+08:00, or 24h for the last day."`
	Format    string `enum:"ndjson,csv" default:"ndjson" help:"ndjson: one JSON object a line, everything in it. csv: a table for a spreadsheet, without the sealed bytes."`
	Follow    bool   `help:"Wait for more at the end, until Ctrl-C."`
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
	since, err := parseSince(p.Since, time.Now())
	if err != nil {
		return usageError{err}
	}
	rows := wire.Pull(ctx, p.Hub, token, wire.PullOpts{After: p.After, Booth: p.Booth, Kind: p.Kind, Since: since, Follow: p.Follow})
	w := newRowWriter(out.Out, p.Format, p.Follow)
	cursor, err := p.After, w.begin(p.After)
	for row, rowErr := range rows {
		if err = errors.Join(err, rowErr); err != nil {
			break
		}
		if err = w.write(row); err != nil {
			break
		}
		cursor = max(cursor, w.written)
	}
	err = errors.Join(err, w.flush())
	cursor = max(cursor, w.written)
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

// parseSince reads a date, a time or how long ago.
func parseSince(s string, now time.Time) (time.Time, error) {
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
	return time.Time{}, fmt.Errorf("--since %q is no time: write 2026-12-01, 2026-12-01T08:00:00+08:00, or 24h", s)
}

// rowWriter writes rows and knows up to which one they have left the program.
type rowWriter struct {
	buf     *bufio.Writer
	csv     *csv.Writer // nil for NDJSON
	eager   bool        // a reader waits for each row
	written int64       // cursor of the last row that is out
	pending int64       // cursor of the last row that is at least in the buffer
}

func newRowWriter(w io.Writer, format string, eager bool) *rowWriter {
	r := &rowWriter{buf: bufio.NewWriterSize(w, 64<<10), eager: eager}
	if format == "csv" {
		r.csv = csv.NewWriter(r.buf)
	}
	return r
}

// columns of the CSV.
var columns = [...]string{"pos", "booth", "name", "epoch", "lane", "seq", "id", "kind", "ref", "wall", "clock_state", "received", "facts", "sealed"}

// begin writes what comes before the rows: a table's heading where it begins.
func (w *rowWriter) begin(after int64) error {
	if w.csv == nil || after > 0 {
		return nil
	}
	return w.csv.Write(columns[:])
}

func (w *rowWriter) write(r wire.Row) error {
	if err := w.encode(r); err != nil {
		return err
	}
	w.pending = r.Pos
	if w.eager || w.buf.Available() < 4<<10 {
		return w.flush()
	}
	return nil
}

func (w *rowWriter) encode(r wire.Row) error {
	if w.csv == nil {
		line, err := r.Line()
		if err == nil {
			_, err = w.buf.Write(line)
		}
		return err
	}
	return w.csv.Write([]string{strconv.FormatInt(r.Pos, 10), cell(r.Booth), cell(r.Name), r.Epoch.String(), r.Lane,
		strconv.FormatUint(r.Seq, 10), r.ID.String(), cell(string(r.Kind)), cell(r.Ref), r.Wall.Format(time.RFC3339Nano),
		clockWord(r.ClockState), r.Received.Format(time.RFC3339Nano), cell(string(r.Facts)), strconv.FormatBool(len(r.Sealed) > 0)})
}

func (w *rowWriter) flush() error {
	if w.csv != nil {
		w.csv.Flush()
	}
	if err := w.buf.Flush(); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	w.written = w.pending
	return nil
}

// cell guards a text against being taken for a formula by a spreadsheet.
func cell(s string) string {
	if strings.IndexAny(s, "=+-@\t\r") == 0 {
		return "'" + s
	}
	return s
}

// clockWord says in a word how far a record's wall clock can be trusted.
func clockWord(s uint8) string {
	words := [...]string{kiosk.ClockBelowBuild: "wrong", kiosk.ClockRestored: "restored", kiosk.ClockSetByHand: "by_hand",
		kiosk.ClockRTC: "rtc", kiosk.ClockNTP: "ntp", kiosk.ClockAnchored: "anchored"}
	if int(s) < len(words) {
		return words[s]
	}
	return strconv.Itoa(int(s))
}
