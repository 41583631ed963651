package main

import (
	"context"
	"fmt"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubRevokeCmd struct {
	Booth  string `required:"" placeholder:"ID" help:"The booth's id, such as 07."`
	Reason string `required:"" placeholder:"TEXT" help:"Why, for the audit log: a stolen card, a booth that is closed."`
}

// Help says what it does and how it is undone.
func (hubRevokeCmd) Help() string {
	return `The hub refuses the booth's key from this moment on, and the enrolment string that it may have. What the booth has sent
stays as it is. To take the booth in again, on a new card, enrol it anew: it then has another key.

  redstation hub revoke --data /srv/hub --booth 07 --reason "card stolen"
  redstation hub enrol  --data /srv/hub --booth 07 --name 北山街道`
}

// Run revokes a booth.
func (r *hubRevokeCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.RevokeBooth(ctx, r.Booth, r.Reason); err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Booth %s is refused from now on. To take it in again: redstation hub enrol\n", r.Booth)
		return nil
	})
}
