package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"redstation/kiosk"
)

// wedge measures the touch screen while the printer accepts nothing, beside a booth
// without a printer, in turns: pages, and leaflets that are asked for, which the one
// booth queues for its printer. A resident every other moment is far more than a
// booth has.
func (r *rig) wedge(ctx context.Context) error {
	dsn, closeCable, err := wedgedPrinter()
	if err != nil {
		return err
	}
	defer closeCable()
	defer r.stopAll()
	hung, err := r.lonely(ctx, "hung", dsn)
	if err != nil {
		return err
	}
	plain, err := r.lonely(ctx, "plain", "none:")
	if err != nil {
		return err
	}
	if _, _, err := r.visit(ctx, hung, plain, 2*time.Second); err != nil { // caches, and a first queue of slips
		return err
	}
	begin, err := hung.resident()
	if err != nil {
		return err
	}
	pages, leaflets, err := r.visit(ctx, hung, plain, r.hang)
	if err != nil {
		return err
	}
	end, err := hung.resident()
	if err != nil {
		return err
	}
	bare, err := plain.resident()
	if err != nil {
		return err
	}
	row("page p99, printer hangs / no printer", "ms", p99(pages[0]), p99(pages[1]), false)
	row("leaflet p99, printer hangs / no printer", "ms", p99(leaflets[0]), p99(leaflets[1]), false)
	row("memory, printer hangs / no printer", "MB", end, bare, false)
	fmt.Printf("%-44s %14s\n", fmt.Sprintf("  its growth in %s", r.hang), fmt.Sprintf("%+.2f MB", end-begin))
	return nil
}

// lonely starts a booth that belongs to no city.
func (r *rig) lonely(ctx context.Context, name, printer string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p, _, err := r.launch(ctx, addr, "/", r.binary, "booth", "--data", filepath.Join(r.dir, name), "--addr", addr,
		"--printer", printer, "--door", "none:", "--setup", "never", "--log-level", "error")
	return p, err
}

// visit uses both booths in turns for d, and returns how long pages and leaflets
// took, of the first booth and of the second.
func (r *rig) visit(ctx context.Context, a, b *process, d time.Duration) (pages, leaflets [2][]time.Duration, err error) {
	for begin := time.Now(); time.Since(begin) < d; {
		for i, p := range []*process{a, b} {
			get := func() (string, string, []byte) {
				time.Sleep(5 * time.Millisecond)
				return http.MethodGet, p.url + "/", nil
			}
			post := func() (string, string, []byte) {
				time.Sleep(100 * time.Millisecond)
				return http.MethodPost, p.url + "/s/2.4/leaflet", []byte("key=" + kiosk.RandomID().String())
			}
			got, err := run(ctx, 1, time.Second, http.StatusOK, get, nil)
			if err != nil {
				return pages, leaflets, err
			}
			pages[i] = append(pages[i], got.times...)
			if got, err = run(ctx, 1, time.Second, http.StatusSeeOther, post, nil); err != nil {
				return pages, leaflets, err
			}
			leaflets[i] = append(leaflets[i], got.times...)
		}
	}
	return pages, leaflets, nil
}

// p99 returns the time in ms that one in a hundred took longer than.
func p99(times []time.Duration) float64 {
	slices.Sort(times)
	return times[len(times)*99/100].Seconds() * 1000
}
