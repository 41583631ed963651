package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubEraseCmd struct {
	Record string `required:"" placeholder:"ID" help:"The record's number in the log, or its id of 32 digits."`
	Reason string `required:"" placeholder:"TEXT" help:"Why: it stands in the audit log. Name nobody."`
}

// Help says what goes and what stays.
func (hubEraseCmd) Help() string {
	return `What the record says is taken away for good: here, in every item that was made from it, and at the booth that wrote
it, as soon as that has a line. Its header stays, so that the proofs of its stream hold. Nobody can bring it back:
not the booth, not a stick, not a backup of the database, as long as the file "erased" stays in the data folder.

  redstation hub erase --data /var/lib/redstation-hub --record 812 --reason 'asked for at the desk, form 17'
  redstation hub erasures --data /var/lib/redstation-hub`
}

// Run erases one record.
func (e *hubEraseCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		done, err := hub.Erase(ctx, e.Record, e.Reason)
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Record %d is erased here. Booth %s erases it when it has a line: redstation hub erasures tells how far that is.\n",
			done.Pos, done.Booth)
		return nil
	})
}

type hubErasuresCmd struct{ zoneFlag }

// Run lists the erasures and the booths that have still to carry them out.
func (e *hubErasuresCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	zone, err := e.location()
	if err != nil {
		return err
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		list, err := hub.Erasures(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(out.Out, 0, 0, 2, ' ', 0)
		for _, r := range list {
			var wait []string
			for _, s := range r.Missing {
				switch {
				case s.Revoked:
					wait = append(wait, "booth "+s.ID+" is revoked and cannot tell")
				case s.LastContact.IsZero():
					wait = append(wait, "booth "+s.ID+" was never heard of")
				default:
					wait = append(wait, "booth "+s.ID+" last seen "+s.LastContact.In(zone).Format("2006-01-02 15:04"))
				}
			}
			fmt.Fprintf(w, "%s\t%s\tbooth %s\terased at %d/%d\t%s\n", r.When.In(zone).Format("2006-01-02 15:04"), r.Record, r.Booth,
				r.Reached, r.Reached+len(r.Missing), strings.Join(wait, "; "))
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("print the list: %w", err)
		}
		if len(list) == 0 {
			fmt.Fprintln(out.Err, "Nothing was ever erased at this hub.")
		}
		return nil
	})
}
