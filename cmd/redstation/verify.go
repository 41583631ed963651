package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"redstation/kiosk"
	"redstation/sync/notary"
	"redstation/sync/wire"
)

type checkpointsCmd struct {
	Hub       string `required:"" placeholder:"URL" help:"The hub, such as http://127.0.0.1:8090."`
	Token     string `placeholder:"T" xor:"token" help:"The API token (redstation hub token makes one)."`
	TokenFile string `placeholder:"FILE" xor:"token" help:"Read the token from this file."`
	Booth     string `placeholder:"ID" help:"Only this booth's."`
}

// Help says when to get them.
func (checkpointsCmd) Help() string {
	return `One line of NDJSON for each stream: the last checkpoint that its booth and the hub signed, and their keys. Get them
first, then pull, so that the export has every record that they are of:

  redstation logs checkpoints --hub URL --token-file token > notes.ndjson
  redstation logs pull --hub URL --token-file token > log.ndjson
  redstation verify log.ndjson --notes notes.ndjson --hub-key FINGERPRINT

Keep old ones where the hub's keepers cannot reach them: each goes on proving what the hub had then.`
}

// Run writes the checkpoints to standard output.
func (c *checkpointsCmd) Run(ctx context.Context, out console) error {
	token, err := secret(c.Token, c.TokenFile)
	if err != nil {
		return err
	}
	if token == "" {
		return usageError{errors.New("a token is missing: give --token-file or --token")}
	}
	rows, err := wire.PullNotes(ctx, nil, c.Hub, token, c.Booth)
	if err != nil {
		return err
	}
	return writeNotes(out.Out, rows)
}

func writeNotes(w io.Writer, rows []wire.NoteRow) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, row := range rows {
		if err := enc.Encode(row); err != nil {
			return fmt.Errorf("write checkpoints: %w", err)
		}
	}
	return nil
}

type verifyCmd struct {
	File   string   `arg:"" placeholder:"FILE" help:"The export: NDJSON of redstation logs pull, from the first record on."`
	Notes  []string `placeholder:"FILE" help:"Check against the checkpoints in this file (redstation logs checkpoints, or notes.ndjson of redstation booth export); may be given again. Those that stand in the export count, too."`
	HubKey []string `placeholder:"FINGERPRINT" help:"Trust only a hub with this key: the 64 hex digits that redstation hub fingerprint prints; may be given again."`
	Prove  string   `placeholder:"ID" help:"Write the proof that one record is there to standard output, as JSON. ID is the record's id, or the number on its receipt."`
}

// Help says what is checked and what is not.
func (verifyCmd) Help() string {
	return `Says whether an export still is what the booths wrote: "true", or "false" with the first record that was changed, taken
out or put elsewhere, and exit status 1.

  redstation verify log.ndjson --notes notes.ndjson --hub-key 5f1c...

Every record's header, facts and sealed bytes are checked, and that none is missing up to the checkpoint of its stream.
The hub's own columns are not covered by any booth's signature: pos, name, received, and what it says of the clock.
--prove writes a proof for one record that sync/notary/check_proof.py checks without this program.`
}

// Run verifies. What was found out goes to standard output, what stands in the way
// of finding out to standard error.
func (v *verifyCmd) Run(out console) error {
	hubs := make([]string, len(v.HubKey))
	for i, k := range v.HubKey {
		hubs[i] = strings.ToLower(strings.TrimSpace(k))
		if b, err := hex.DecodeString(hubs[i]); err != nil || len(b) != 32 {
			return usageError{fmt.Errorf("--hub-key %q is no fingerprint: want 64 hex digits, as redstation hub fingerprint prints them", k)}
		}
	}
	notes, err := v.notes()
	if err != nil {
		return err
	}
	f, err := readable(v.File)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if v.Prove != "" {
		return v.prove(out, f, notes, hubs)
	}
	r, err := notary.Verify(f, notes, hubs)
	if fault, ok := errors.AsType[*notary.Fault](err); ok {
		fmt.Fprintf(out.Out, "false: %s\n", fault)
		return toldError{err}
	}
	if err != nil {
		return fmt.Errorf("%s cannot be verified: %w", v.File, err)
	}
	fmt.Fprintf(out.Out, "true: %s of %s are as their booths signed them\n", count(r.Records-r.Newer, "record"), count(r.Streams, "stream"))
	if r.Newer > 0 {
		fmt.Fprintf(out.Out, "%s behind the last checkpoint, not signed for yet: get new checkpoints\n", count(r.Newer, "record"))
	}
	if r.Erased > 0 {
		fmt.Fprintf(out.Out, "%s not there (erased), which the records' headers allow for\n", count(r.Erased, "part"))
	}
	if len(hubs) == 0 {
		fmt.Fprintf(out.Out, "signed by the hub with the key %s: compare it with redstation hub fingerprint\n", strings.Join(r.Hubs, " and "))
	}
	return nil
}

func (v *verifyCmd) prove(out console, f io.ReadSeeker, notes []wire.NoteRow, hubs []string) error {
	p, err := notary.Prove(f, notes, hubs, v.Prove)
	if err != nil {
		return fmt.Errorf("%s: %w", v.File, err)
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encode proof: %w", err)
	}
	_, err = fmt.Fprintf(out.Out, "%s\n", b)
	return err
}

func (v *verifyCmd) notes() ([]wire.NoteRow, error) {
	var all []wire.NoteRow
	for _, name := range v.Notes {
		f, err := readable(name)
		if err != nil {
			return nil, err
		}
		rows, err := notary.ReadNotes(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.export", "checkpoints %s: %w", name, err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// readable opens a file that is to be read.
func readable(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err == nil {
		info, statErr := f.Stat()
		if statErr == nil && !info.IsDir() {
			return f, nil
		}
		f.Close() //nolint:errcheck // nothing was read
		err = errors.New("it is a folder")
	}
	if p, ok := errors.AsType[*os.PathError](err); ok {
		err = p.Err
	}
	return nil, fmt.Errorf("file %s cannot be read (%w): name one that this user may read", name, err)
}

// count says how many there are of something.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
