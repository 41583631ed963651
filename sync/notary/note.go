package notary

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// checkpoint is one whose signatures verified.
type checkpoint struct {
	wire.Checkpoint
	row wire.NoteRow
}

// ReadNotes reads the checkpoints that redstation logs checkpoints or redstation
// booth export wrote. The error has kiosk.CodeInvalid.
func ReadNotes(r io.Reader) ([]wire.NoteRow, error) {
	var rows []wire.NoteRow
	err := lines(r, func(n int, line []byte) error {
		row, err := readNote(line)
		if err != nil {
			return invalid("line %d is not a checkpoint: write them with redstation logs checkpoints", n)
		}
		rows = append(rows, row)
		return nil
	})
	if err == nil && len(rows) == 0 {
		err = invalid("it holds no checkpoint: write them with redstation logs checkpoints")
	}
	return rows, err
}

// trust takes in the checkpoints whose signatures verify. One that does not verify
// is an error: somebody changed it.
func (a *auditor) trust(rows []wire.NoteRow, hubs []string) error {
	if len(rows) == 0 {
		return invalid("there are no checkpoints: get them with redstation logs checkpoints and name the file with --notes")
	}
	for _, row := range rows {
		c, hub, err := open(row)
		if err != nil {
			return err
		}
		if len(hubs) > 0 && !slices.Contains(hubs, hub) {
			return kiosk.Errorf(kiosk.CodeDenied, "error.hub_key", "the checkpoints are signed by a hub whose key has the fingerprint %s, not %s", hub, strings.Join(hubs, " or "))
		}
		if !slices.Contains(a.report.Hubs, hub) {
			a.report.Hubs = append(a.report.Hubs, hub)
		}
		l := a.log(key{c.Booth, c.Stream})
		l.notes = append(l.notes, checkpoint{c, row})
	}
	for _, l := range a.order {
		slices.SortFunc(l.notes, func(x, y checkpoint) int { return int(int64(x.Size) - int64(y.Size)) })
	}
	return nil
}

// open verifies a checkpoint with its own keys, which must be a booth's and a hub's,
// and returns the fingerprint of the hub's.
func open(row wire.NoteRow) (c wire.Checkpoint, hub string, err error) {
	if len(row.Keys) != 2 {
		return c, "", invalid("a checkpoint names %d keys, want the booth's and the hub's", len(row.Keys))
	}
	if c, err = wire.OpenCheckpoint([]byte(row.Note), row.Keys...); err != nil {
		return c, "", err
	}
	booth, _, _ := strings.Cut(row.Keys[0], "+")
	name, rest, _ := strings.Cut(row.Keys[1], "+")
	_, text, _ := strings.Cut(rest, "+")
	pub, err := base64.StdEncoding.DecodeString(text)
	if booth != wire.BoothName(c.Booth) || name != wire.HubName || err != nil || len(pub) < 2 {
		return c, "", kiosk.Errorf(kiosk.CodeDenied, "error.hub_key", "checkpoint of %s is signed by %s and %s, want %s and %s", c.Origin(), booth, name, wire.BoothName(c.Booth), wire.HubName)
	}
	sum := wire.Fingerprint(pub[1:]) // behind the algorithm's byte
	return c, hex.EncodeToString(sum[:]), nil
}
