package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/agent"
	"redstation/sync/wire"
)

type boothExportCmd struct {
	To string `required:"" placeholder:"DIR" help:"The folder, on a USB stick for example; it must be there."`
}

// Help says how records are carried by hand.
func (boothExportCmd) Help() string {
	return `Writes everything that the city has not acknowledged into signed files, also while the booth runs. Carry the folder to
the hub and import it there; the booth learns of it when the line is back. It does no harm to bring a file twice.

  redstation booth --data /var/lib/redstation export --to /media/stick
  redstation hub --data /var/lib/redstation-hub import /media/stick

What residents wrote is sealed in the files as it is in the book: only the city can open it.`
}

// Run exports, with a line on standard error for each file.
func (e *boothExportCmd) Run(ctx context.Context, b *boothCmd, out console) error {
	if info, err := os.Stat(e.To); err != nil || !info.IsDir() {
		return fmt.Errorf("folder %s is not there: put the stick in, or make the folder", e.To)
	}
	x, err := boothd.Export(ctx, b.Data, e.To, func(x agent.Exported) {
		fmt.Fprintf(out.Err, "%s  (%d of %s)\n", x.Name, x.Records, count(int(x.Total), "record"))
	})
	if err != nil {
		return err
	}
	if x.Files == 0 {
		fmt.Fprintln(out.Out, "Nothing is to be carried: the city has everything.")
		return nil
	}
	fmt.Fprintf(out.Out, "%s in %s of together %d kB are in %s. At the hub: redstation hub --data DIR import %s\n",
		count(int(x.Records), "record"), count(x.Files, "file"), (x.Bytes+999)/1000, e.To, e.To)
	return nil
}

type hubImportCmd struct {
	Dir string `arg:"" placeholder:"DIR" help:"The folder with the files that redstation booth export wrote."`
}

// Help says what is taken.
func (hubImportCmd) Help() string {
	return `Takes in the batch files of a folder, also while the hub runs, and says in one line for each file what it brought. Files
that were changed, that are of a booth which is not enrolled here or was revoked, or that have records missing before
them, are refused and change nothing. The exit status is 1 when one was refused.`
}

// Run imports. Files are taken in the order of their names, which is that of their
// records.
func (i *hubImportCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	names, err := filepath.Glob(filepath.Join(globQuote(i.Dir), "*"+wire.FileSuffix))
	if err != nil {
		return fmt.Errorf("folder %s cannot be read: %w", i.Dir, err)
	}
	if len(names) == 0 {
		return fmt.Errorf("folder %s holds no *%s files: name the one that redstation booth export wrote to", i.Dir, wire.FileSuffix)
	}
	slices.SortFunc(names, cmp.Compare)
	refused := 0
	err = h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			line, err := importFile(ctx, hub, name)
			if err != nil {
				line = "refused: " + err.Error()
				refused++
			}
			fmt.Fprintf(out.Out, "%s: %s\n", filepath.Base(name), line)
		}
		return nil
	})
	if err == nil && refused > 0 {
		return toldError{fmt.Errorf("%s refused", count(refused, "file"))}
	}
	return err
}

func importFile(ctx context.Context, hub *hubd.Hub, name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Size() > wire.MaxFile {
		return "", errors.New("it is larger than a batch file can be")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	got, err := hub.Import(ctx, data)
	if err != nil {
		return "", err
	}
	what := "all of them new"
	if have := int(got.Last - got.First + 1); got.New == 0 {
		what = "all of them were here"
	} else if got.New < have {
		what = fmt.Sprintf("%d of them new", got.New)
	}
	return fmt.Sprintf("booth %s, lane %s, records %d to %d: %s", got.Booth, got.Stream.Lane, got.First, got.Last, what), nil
}

// globQuote escapes what would be a pattern in a folder's name.
func globQuote(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
