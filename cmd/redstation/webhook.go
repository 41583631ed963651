package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/kiosk"
	"redstation/sync/hub"
)

type hubHookCmd struct {
	Add    hookAddCmd    `cmd:"" help:"Make a webhook; prints its secret once."`
	List   hookListCmd   `cmd:"" help:"List the webhooks: what each is sent and how far it is."`
	Test   hookTestCmd   `cmd:"" help:"Send a message without records now, and say what the receiver answers."`
	Log    hookLogCmd    `cmd:"" help:"List the last attempts: when, what was answered, how long it took."`
	Dead   hookDeadCmd   `cmd:"" help:"List what was given up after a day."`
	Retry  hookRetryCmd  `cmd:"" help:"Send what was given up once more."`
	Remove hookRemoveCmd `cmd:"" help:"End a webhook and forget its deliveries."`
}

// Help says what a receiver must do.
func (hubHookCmd) Help() string {
	return `The hub posts new records as JSON to an address of yours, in order, at most 100 at once, without what is sealed in
them. Each message is signed (Standard Webhooks): check webhook-signature with the secret, and drop a webhook-id that
you have had. Answer with 2xx within 15 seconds; anything else is tried again, ever more rarely, for 24 hours, then
given up, and what comes after it goes on.

  redstation hub webhook --data DIR add --url https://city.example.cn/in --lane urgent
  redstation hub webhook --data DIR test wh_1a2b3c4d
  redstation hub webhook --data DIR dead wh_1a2b3c4d

The running hub takes all of this up within a second.`
}

type hookAddCmd struct {
	Address      string   `name:"to" required:"" placeholder:"URL" help:"Where to send: https, or http on this machine."`
	Kind         []string `placeholder:"K" sep:"none" help:"Only records of this kind, such as request.filed; may be given several times."`
	Lane         string   `enum:"both,log,urgent" default:"both" help:"Only this lane: log, or urgent (default: both)."`
	After        int64    `default:"-1" placeholder:"CURSOR" help:"Begin after this cursor, 0 for everything (default: with what comes from now on)."`
	AllowHTTP    bool     `name:"allow-http" help:"Take an http address of another machine: the records can be read on the way."`
	AllowPrivate bool     `help:"Connect into private networks (10.0.0.0/8 and the like), where a city's systems may be."`
}

// Run prints the secret on standard output, once and never again.
func (a *hookAddCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	o := hub.WebhookOpts{After: a.After, AllowHTTP: a.AllowHTTP, AllowPrivate: a.AllowPrivate}
	for _, k := range a.Kind {
		o.Kinds = append(o.Kinds, kiosk.Kind(k))
	}
	for _, l := range kiosk.Lanes() {
		if l.String() == a.Lane {
			o.Lane = &l
		}
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		w, secret, err := hub.AddWebhook(ctx, a.Address, o)
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Webhook %s begins after cursor %d. Its secret, shown this once:\n", w.ID, w.Cursor)
		_, err = fmt.Fprintln(out.Out, secret)
		return err
	})
}

// table writes rows of cells below a heading.
func table(out console, heading string, rows func(line func(cells ...any))) error {
	w := tabwriter.NewWriter(out.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, heading)
	rows(func(cells ...any) {
		for i, cell := range cells {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, cell)
		}
		fmt.Fprintln(w)
	})
	return w.Flush()
}

type hookListCmd struct{}

// Run prints a table.
func (*hookListCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		hooks, err := hub.Webhooks(ctx)
		if err != nil {
			return err
		}
		return table(out, "WEBHOOK\tKINDS\tLANE\tCURSOR\tBEHIND\tGIVEN UP\tSTATE\tADDRESS", func(line func(...any)) {
			for _, w := range hooks {
				lane, state := "both", "well"
				if w.Lane != nil {
					lane = w.Lane.String()
				}
				if w.Tries > 0 {
					state = fmt.Sprintf("failed %d times, next at %s: %s", w.Tries, w.Next.Local().Format(time.TimeOnly), w.LastError)
				}
				line(w.ID, allOr(w.Kinds), lane, w.Cursor, w.Behind, w.Dead, state, w.URL)
			}
		})
	})
}

type hookTestCmd struct {
	ID string `arg:"" help:"The webhook."`
}

// Run fails where the receiver does not take it.
func (t *hookTestCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		status, took, err := hub.TestWebhook(ctx, t.ID)
		if err != nil {
			return fmt.Errorf("webhook %s: %w", t.ID, err)
		}
		_, err = fmt.Fprintf(out.Out, "received: status %d in %d ms\n", status, took.Milliseconds())
		return err
	})
}

type hookLogCmd struct {
	ID string `arg:"" help:"The webhook."`
	N  int    `short:"n" default:"50" placeholder:"N" help:"How many (default: ${default}, at most 1000)."`
}

// Run prints a table.
func (l *hookLogCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		attempts, err := hub.DeliveryAttempts(ctx, l.ID, max(l.N, 1))
		if err != nil {
			return err
		}
		return table(out, "WHEN\tDELIVERY\tSTATUS\tMS\tERROR", func(line func(...any)) {
			for _, a := range attempts {
				status := strconv.Itoa(a.Status)
				if a.Status == 0 {
					status = "-"
				}
				line(time.UnixMilli(a.At).Local().Format(time.DateTime), a.Delivery, status, a.MS, a.Error)
			}
		})
	})
}

type hookDeadCmd struct {
	ID string `arg:"" help:"The webhook."`
}

// Run prints a table.
func (d *hookDeadCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		dead, err := hub.DeadDeliveries(ctx, d.ID)
		if err != nil {
			return err
		}
		return table(out, "DELIVERY\tRECORDS\tAFTER\tUP TO\tTRIES\tBEGUN\tGIVEN UP\tERROR", func(line func(...any)) {
			for _, d := range dead {
				line(d.ID, d.N, d.From, d.To, d.Tries, when(time.UnixMilli(d.Created)), when(time.UnixMilli(d.Ended)), d.Error)
			}
		})
	})
}

type hookRetryCmd struct {
	ID       string   `arg:"" help:"The webhook."`
	Delivery []string `arg:"" optional:"" help:"Only these deliveries (default: all that were given up)."`
}

// Run leaves the sending to the running hub.
func (r *hookRetryCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		n, err := hub.RetryDeliveries(ctx, r.ID, r.Delivery...)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out.Out, "%d deliveries are sent once more by the running hub\n", n)
		return err
	})
}

type hookRemoveCmd struct {
	ID string `arg:"" help:"The webhook."`
}

// Run ends the webhook.
func (r *hookRemoveCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.RemoveWebhook(ctx, r.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out.Err, "Webhook %s is sent nothing any more.\n", r.ID)
		return err
	})
}
