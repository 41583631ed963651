// Command redstation is the whole product in one program: the booth that
// residents touch, the hub that the city's booths sync to, a demo of both on one
// machine, and the tools to run them.
//
// This package is the command line only: it reads flags, environment and config
// file, and hands values to the packages that do the work. Whatever goes wrong is
// told in one line on standard error that says what to do; the exit status is 2
// where the command line or the config file is wrong, 74 where the disk did not take
// or give back what the program stores (EX_IOERR of sysexits(3): start it again), and 1
// for everything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // a Pi may have no zone files

	"github.com/alecthomas/kong"

	"redstation/cmd/internal/daemon"
)

func main() {
	ctx, stop := daemon.SignalContext(context.Background())
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// The exit statuses.
const (
	statusFailed  = 1
	statusUsage   = 2
	statusStorage = 74
)

// console is where a command speaks: results go to Out, all else to Err.
type console struct {
	Out, Err io.Writer
}

// run parses the arguments and carries the command out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	app, err := kong.New(&c,
		kong.Name("redstation"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.DefaultEnvars("REDSTATION"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(console{stdout, stderr}, daemon.BuildVersion()),
	)
	if err != nil {
		fmt.Fprintln(stderr, "redstation:", err)
		return statusFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := app.Parse(args)
	if err != nil {
		return usage(stderr, err)
	}
	if err := parsed.Run(); err != nil {
		if u, ok := errors.AsType[usageError](err); ok {
			return usage(stderr, u)
		}
		if _, told := errors.AsType[toldError](err); !told {
			fmt.Fprintln(stderr, "redstation:", err)
		}
		if errors.Is(err, daemon.ErrStorage) {
			return statusStorage
		}
		return statusFailed
	}
	return 0
}

// toldError has been printed already.
type toldError struct{ error }

// usageError is a mistake in the arguments that shows only once they are read together.
type usageError struct{ error }

// usage tells what is wrong with the command line and where its help is.
func usage(w io.Writer, err error) int {
	command := "redstation"
	if p, ok := errors.AsType[*kong.ParseError](err); ok && p.Context != nil {
		for n := p.Context.Selected(); n != nil && n.Type == kong.CommandNode; n = n.Parent {
			if n.Name != runCommand {
				command += " " + n.Path()
				break
			}
		}
	}
	fmt.Fprintf(w, "redstation: %v (see %s --help)\n", err, command)
	return statusUsage
}
