package main

import (
	"context"
	"fmt"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubAttemptsCmd struct {
	Booth string `required:"" placeholder:"ID" help:"The booth's id, such as 07."`
	zoneFlag
}

// Help says what is listed.
func (hubAttemptsCmd) Help() string {
	return `A booth that never gets through cannot say so itself. The hub keeps the last 50 requests of each booth that failed or
were broken off, at most one in ten seconds: when, which, what the trouble was, how many bytes had come, how long it
took. Requests that went well are only counted.

  redstation hub attempts --data /srv/hub --booth 07`
}

// Run prints a table.
func (a *hubAttemptsCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	zone, err := a.location()
	if err != nil {
		return err
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		list, good, bad, err := hub.Attempts(ctx, a.Booth)
		if err != nil {
			return err
		}
		err = table(out, "WHEN\tREQUEST\tTROUBLE\tBYTES\tTOOK\tDETAIL", func(line func(...any)) {
			for _, t := range list {
				line(t.At.In(zone).Format(time.DateTime), t.What, t.Trouble, t.Bytes, t.Took.Round(time.Millisecond), t.Detail)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Booth %s: %d requests went well, %d did not (counted once a minute).\n", a.Booth, good, bad)
		return nil
	})
}
