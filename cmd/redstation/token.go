package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/kiosk"
	"redstation/sync/hub"
)

type hubTokenCmd struct {
	Make   hubTokenMakeCmd   `cmd:"" name:"make" default:"withargs" help:"Make a token (what redstation hub token alone means)."`
	List   hubTokenListCmd   `cmd:"" help:"List the tokens: what each may read and when it was used last."`
	Revoke hubTokenRevokeCmd `cmd:"" help:"End a token at once."`
}

// Help shows how little a token can be given.
func (hubTokenCmd) Help() string {
	return `A token reads nothing but what it is given, and the hub does not even look at the rest:

  redstation hub token --data DIR --name platform                                   every record
  redstation hub token --data DIR --name lighting --kind request.filed --expires 90d  one kind, for 90 days
  redstation hub token --data DIR --name beishan --booth 07 --booth 08              two booths
  redstation hub token --data DIR --name prometheus --scope metrics                 the hub's own figures, no records

Scopes: pull (GET /api/v1/records), metrics (GET /api/v1/metrics), cases (/api/v1/cases). The token is shown once; the hub keeps its hash.`
}

type hubTokenMakeCmd struct {
	Name    string   `required:"" placeholder:"NAME" help:"Who will use it: the name stands in the audit log."`
	Scope   string   `enum:"pull,metrics,cases" default:"pull" help:"What it is for: pull reads records, metrics reads the hub's own figures, cases reads cases and acts on them (default: ${default})."`
	Booth   []string `placeholder:"ID" sep:"none" help:"Only this booth's records; may be given several times."`
	Kind    []string `placeholder:"K" sep:"none" help:"Only records of this kind, such as request.filed; may be given several times."`
	Expires string   `placeholder:"TIME" help:"When it ends: 90d, 12h, or a date such as 2027-12-31 (default: never)."`
}

// Run prints the token on standard output, once and never again.
func (t *hubTokenMakeCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	g := hub.Grant{Scope: hub.Scope(t.Scope), Booths: t.Booth}
	for _, k := range t.Kind {
		g.Kinds = append(g.Kinds, kiosk.Kind(k))
	}
	var err error
	if g.Expires, err = parseEnd(t.Expires, time.Now()); err != nil {
		return usageError{err}
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		token, err := hub.CreateGrant(ctx, t.Name, g)
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Token for %s, shown this once:\n", t.Name)
		_, err = fmt.Fprintln(out.Out, token)
		return err
	})
}

// parseEnd reads a number of days, a duration or a date, whose day counts whole.
func parseEnd(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			return now.AddDate(0, 0, n), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(d), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t.AddDate(0, 0, 1), nil
	}
	return time.Time{}, fmt.Errorf("--expires %q is no time: write 90d, 12h or 2027-12-31", s)
}

type hubTokenListCmd struct{}

// Run prints a table.
func (*hubTokenListCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		tokens, err := hub.ListTokens(ctx)
		if err != nil {
			return err
		}
		return table(out, "NAME\tSCOPE\tBOOTHS\tKINDS\tMADE\tLAST USED\tENDS", func(line func(...any)) {
			for _, t := range tokens {
				line(t.Name, t.Scope, allOr(t.Booths), allOr(t.Kinds), when(t.Created), when(t.LastUsed), ends(t))
			}
		})
	})
}

// ends says when a token ends, for a table.
func ends(t hub.Token) string {
	switch {
	case t.Revoked:
		return "revoked"
	case t.Expires.IsZero():
		return "never"
	case !t.Expires.After(time.Now()):
		return "expired " + when(t.Expires)
	}
	return when(t.Expires)
}

// when writes a time for a table: in the machine's zone, to the minute.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// allOr writes a list for a table.
func allOr[T ~string](list []T) string {
	if len(list) == 0 {
		return "all"
	}
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	return strings.Join(words, ",")
}

type hubTokenRevokeCmd struct {
	Name string `arg:"" help:"The token's name."`
}

// Run ends the token.
func (t *hubTokenRevokeCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.RevokeToken(ctx, t.Name); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out.Err, "Token %s reads nothing any more.\n", t.Name)
		return err
	})
}
