package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/hub"
)

type hubForksCmd struct {
	zoneFlag
	Booth  string `placeholder:"ID" help:"Only this booth's."`
	NDJSON bool   `name:"ndjson" help:"Write the records that were set aside, and what the booth signed for them, to standard output instead of a list."`
	Done   bool   `help:"Somebody has looked into the forks of --booth: take them off the console's list. What was set aside stays."`
}

// Help says what a fork is and what to do.
func (hubForksCmd) Help() string {
	return `A fork means that two books wrote the same stream: a card was cloned, or a booth was put back to an older state. The
stream is frozen at what came first, the other records are set aside here, and each booth goes on in a stream of its own.
Find out whether a copy of the booth's card runs somewhere. If it does, revoke the booth and enrol it anew.

  redstation hub --data /srv/hub forks
  redstation hub --data /srv/hub forks --booth 07 --ndjson > aside.ndjson
  redstation hub --data /srv/hub forks --booth 07 --done`
}

// Run lists, writes out or settles.
func (f *hubForksCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	if f.Done && f.Booth == "" {
		return usageError{errors.New("--done wants --booth: say whose forks were looked into")}
	}
	zone, err := f.location()
	if err != nil {
		return err
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		switch {
		case f.Done:
			n, err := hub.SettleForks(ctx, f.Booth)
			if err == nil {
				fmt.Fprintf(out.Out, "%s of booth %s taken off the list.\n", count(int(n), "forked stream"), f.Booth)
			}
			return err
		case f.NDJSON:
			return writeForks(ctx, hub.Hub, f.Booth, out.Out)
		}
		list, err := hub.Forks(ctx)
		if err != nil {
			return err
		}
		shown := 0
		for _, s := range list {
			if f.Booth != "" && s.Booth != f.Booth {
				continue
			}
			shown++
			at := func(ms int64) string { return time.UnixMilli(ms).In(zone).Format("2006-01-02 15:04") }
			state := ""
			if s.Done > 0 {
				state = ", looked into " + at(s.Done)
			}
			fmt.Fprintf(out.Out, "booth %s  lane %s  epoch %s: %s set aside, numbers %d to %d, %s to %s; frozen at record %d%s\n",
				s.Booth, s.Stream.Lane, s.Stream.Epoch, count(s.Records, "record"), s.First, s.Last, at(s.Begin), at(s.End), s.Head, state)
		}
		if shown == 0 {
			fmt.Fprintln(out.Out, "Nothing was set aside.")
		}
		return nil
	})
}

func writeForks(ctx context.Context, h *hub.Hub, booth string, w io.Writer) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := h.WalkForks(ctx, booth, func(line any) error { return enc.Encode(line) }); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return nil
}

type hubQuarantineCmd struct {
	Retry bool `help:"Try every record again, and list what is left."`
}

// Help says what the quarantine holds.
func (hubQuarantineCmd) Help() string {
	return `A record that makes no sense to the hub's program is stored like any other, in its place, and listed here with the
reason. A newer program tries them by itself when it starts; --retry does so now, also while the hub runs.`
}

// Run lists the records in quarantine, a line each.
func (q *hubQuarantineCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if q.Retry {
			n, err := hub.Retry(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(out.Err, "%s released.\n", count(n, "record"))
		}
		shown := 0
		for after := int64(0); ; {
			page, err := hub.Suspects(ctx, after, 500)
			if err != nil {
				return err
			}
			for _, s := range page {
				after = s.Quarantined.Pos
				shown++
				kind := string(s.Kind)
				if kind == "" {
					kind = "-"
				}
				fmt.Fprintf(out.Out, "%d  booth %s  lane %s  record %d  %s: %s (%s, by version %s)\n",
					after, s.Booth, s.Lane, s.Seq, kind, s.Reason, tries(s.Tries), s.Version)
			}
			if len(page) == 0 {
				break
			}
		}
		if shown == 0 {
			fmt.Fprintln(out.Out, "The quarantine is empty.")
		}
		return nil
	})
}

func tries(n int) string {
	if n == 1 {
		return "tried once"
	}
	return fmt.Sprintf("tried %d times", n)
}
