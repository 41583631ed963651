package main

import (
	"context"
	"fmt"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubRetentionCmd struct {
	List retentionListCmd `cmd:"" help:"List what is kept for how many days."`
	Set  retentionSetCmd  `cmd:"" help:"Keep a kind for so many days."`
}

// Help says what a rule does.
func (hubRetentionCmd) Help() string {
	return `What a record says is taken away so many days after the hub received it: its facts and what is sealed. Its header
stays, so that the proofs of its stream hold. A rule is about a kind (request.filed), all kinds of a first word
(request.), or the lines of the audit log (audit); what no rule names is kept until it is erased. The running hub
carries a new rule out within ten minutes, and what is gone then does not come back.

  redstation hub retention --data DIR list
  redstation hub retention --data DIR set request. 365
  redstation hub retention --data DIR set ticket. 0        for ever`
}

type retentionListCmd struct{}

// Run prints a table.
func (*retentionListCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		rules, err := hub.Rules(ctx)
		if err != nil {
			return err
		}
		return table(out, "KIND\tDAYS", func(line func(...any)) {
			for _, r := range rules {
				line(r.Kind, r.Days)
			}
		})
	})
}

type retentionSetCmd struct {
	Kind string `arg:"" help:"A kind such as request.filed, a first word with its dot such as request., or audit."`
	Days int64  `arg:"" help:"How many days after the hub received it; 0 keeps it for ever."`
}

// Run sets the rule.
func (r *retentionSetCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.SetRule(ctx, r.Kind, r.Days); err != nil {
			return err
		}
		if r.Days == 0 {
			fmt.Fprintf(out.Err, "%s is kept until it is erased.\n", r.Kind)
		} else {
			fmt.Fprintf(out.Err, "%s is kept for %d days.\n", r.Kind, r.Days)
		}
		return nil
	})
}
