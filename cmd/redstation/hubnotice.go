package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/kiosk"
)

type hubNoticeCmd struct {
	Publish  hubNoticePublishCmd  `cmd:"" help:"Publish a notice, or an emergency, to booths."`
	List     hubNoticeListCmd     `cmd:"" help:"List what is published."`
	Withdraw hubNoticeWithdrawCmd `cmd:"" help:"Take a notice down."`
}

type hubNoticePublishCmd struct {
	zoneFlag
	File string `arg:"" placeholder:"FILE" help:"The notice, as YAML; - reads standard input."`
}

// Help says what stands in the file.
func (hubNoticePublishCmd) Help() string {
	return `The file says everything; a language that is missing is shown in Chinese:

  id: water-1126            # the same id again takes its place (default: made up)
  level: notice             # or emergency: over the whole screen until it was read
  title: {zh: 明天停水, en: No water tomorrow, ko: 내일 단수}
  lines:                    # what to do, at most six
    - {zh: 请提前存水。, en: Store water tonight., ko: 미리 물을 받아 두세요.}
  from: 2026-11-26 08:00    # in the city's time (default: now)
  until: 2026-11-26 18:00   # taken down then, at booths without a line, too
  booths: ["07", "12"]      # left out: all

Booths show it within seconds, those without a line when they have one again.

  redstation hub notice publish --data /var/lib/redstation-hub water.yaml`
}

// noticeFile is a notice as people write it.
type noticeFile struct {
	ID     string            `yaml:"id"`
	Level  kiosk.NoticeLevel `yaml:"level"`
	Title  kiosk.Text        `yaml:"title"`
	Lines  []kiosk.Text      `yaml:"lines"`
	From   string            `yaml:"from"`
	Until  string            `yaml:"until"`
	Booths []string          `yaml:"booths"`
}

// Run publishes the notice and prints its id on standard output.
func (p *hubNoticePublishCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	zone, err := p.location()
	if err != nil {
		return err
	}
	n, err := p.read(zone)
	if err != nil {
		return fmt.Errorf("notice %s: %w", p.File, err)
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		if err := hub.PublishNotice(ctx, n); err != nil {
			return fmt.Errorf("notice %s: %w", p.File, err)
		}
		fmt.Fprintf(out.Err, "Published until %s. Take it down earlier with: redstation hub notice withdraw %s\n", n.Until.In(zone).Format(noticeTime), n.ID)
		fmt.Fprintln(out.Out, n.ID)
		return nil
	})
}

// maxNoticeFile is far more than a notice can take, in bytes.
const maxNoticeFile = 64 << 10

func (p *hubNoticePublishCmd) read(zone *time.Location) (n kiosk.CityNotice, err error) {
	in := os.Stdin
	if p.File != "-" {
		if in, err = os.Open(p.File); err != nil {
			return n, errors.New("cannot be opened: name the YAML file that holds it")
		}
		defer in.Close() //nolint:errcheck // it was only read
	}
	var f noticeFile
	d := yaml.NewDecoder(io.LimitReader(in, maxNoticeFile))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return n, err
	}
	n = kiosk.CityNotice{ID: cmp.Or(f.ID, strings.ToLower(kiosk.RandomID().String())), Level: cmp.Or(f.Level, kiosk.LevelNotice),
		Title: f.Title, Lines: f.Lines, Booths: f.Booths, From: time.Now().Truncate(time.Second)}
	if f.From != "" {
		if n.From, err = parseNoticeTime(f.From, zone); err != nil {
			return n, fmt.Errorf("from: %w", err)
		}
	}
	if n.Until, err = parseNoticeTime(f.Until, zone); err != nil {
		return n, fmt.Errorf("until: %w", err)
	}
	return n, n.Check()
}

const noticeTime = "2006-01-02 15:04"

func parseNoticeTime(s string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(noticeTime, s, zone)
	if err != nil {
		return t, fmt.Errorf("%q is no time: want one like 2026-11-26 18:00", s)
	}
	return t, nil
}

type hubNoticeListCmd struct{ zoneFlag }

// Run lists notices, the newest first.
func (l *hubNoticeListCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	zone, err := l.location()
	if err != nil {
		return err
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		all, err := hub.Notices(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(out.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tLEVEL\tFROM\tUNTIL\tSTATE\tBOOTHS\tTITLE")
		for _, n := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.ID, n.Level, n.From.In(zone).Format(noticeTime), n.Until.In(zone).Format(noticeTime),
				noticeState(n, time.Now()), cmp.Or(strings.Join(n.Booths, ","), "all"), n.Title.In(kiosk.Chinese))
		}
		return w.Flush()
	})
}

func noticeState(n kiosk.CityNotice, now time.Time) string {
	switch {
	case n.Runs(now):
		return "shown"
	case now.Before(n.From):
		return "to come"
	}
	return "over"
}

type hubNoticeWithdrawCmd struct {
	ID string `arg:"" help:"The notice's id: see redstation hub notice list."`
}

// Run takes a notice down.
func (w *hubNoticeWithdrawCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		err := hub.WithdrawNotice(ctx, w.ID)
		if kiosk.CodeOf(err) == kiosk.CodeNotFound {
			return fmt.Errorf("notice %s is not published: see redstation hub notice list", w.ID)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Notice %s is withdrawn.\n", w.ID)
		return nil
	})
}
