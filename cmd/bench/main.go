// Bench measures what the README promises, each figure beside a reference that is
// measured in the same run on the same machine: a program as bare as can be that
// does the same work with the same parts. Absolute figures depend on the machine;
// the ratios are what to look at.
//
//	go run ./cmd/bench            everything, about three minutes
//	go run ./cmd/bench -only page
//	go run ./cmd/bench -only wedge -wedge 10m
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// options are the command line's.
type options struct {
	seconds int
	only    string
	rows    int
	hang    time.Duration
	child   string
	addr    string
	dir     string
}

func main() {
	var o options
	flag.IntVar(&o.seconds, "seconds", 4, "how long each load runs")
	flag.StringVar(&o.only, "only", "", "one of: start, requests, page, list, sync, postgres, slip, size, wedge")
	flag.IntVar(&o.rows, "rows", 60000, "records that the sync carries")
	flag.DurationVar(&o.hang, "wedge", 20*time.Second, "how long the printer hangs")
	flag.StringVar(&o.child, "child", "", "internal: serve a reference")
	flag.StringVar(&o.addr, "addr", "", "internal: where")
	flag.StringVar(&o.dir, "dir", "", "internal: its folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, o options) error {
	if o.child != "" {
		return serveChild(ctx, o)
	}
	dir, err := os.MkdirTemp("", "redstation-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &rig{options: o, dir: dir, load: time.Duration(o.seconds) * time.Second}
	defer r.stopAll()
	if err := r.build(ctx); err != nil {
		return err
	}
	fmt.Printf("%-44s %14s %14s %8s\n", "", "ours", "reference", "ratio")
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"start", r.start}, {"requests", r.requests}, {"page", r.page}, {"list", r.list}, {"sync", r.sync}, {"postgres", r.postgres}, {"slip", r.slip}, {"size", r.size}, {"wedge", r.wedge}} {
		if o.only != "" && o.only != part.name {
			continue
		}
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// row prints one line of the table. better says whether more is better.
func row(what, unit string, ours, reference float64, better bool) {
	ratio := ours / reference
	if !better {
		ratio = reference / ours
	}
	fmt.Printf("%-44s %14s %14s %8.2f\n", what, figure(ours, unit), figure(reference, unit), ratio)
}

func figure(v float64, unit string) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}
