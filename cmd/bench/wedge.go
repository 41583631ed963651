package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"redstation/kiosk"
)

// wedge measures the touch screen while the printer accepts nothing, beside a booth
// without a printer: pages, and leaflets that are asked for, which the one booth
// queues for its printer. It sees as many residents in two minutes as a booth in a day.
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
	var grown [3][2]float64 // at the beginning, half way, at the end
	var pages, leaflets [2][]time.Duration
	for i := range grown {
		d := r.hang / 2
		if i == 0 {
			d = r.hang / 5 // caches fill (the book's own may hold 12 MB), and a first queue of slips
		}
		p, l, err := r.visit(ctx, hung, plain, d)
		if err != nil {
			return err
		}
		if grown[i], err = memories(hung, plain); err != nil {
			return err
		}
		if i > 0 {
			pages, leaflets = join(pages, p), join(leaflets, l)
		}
	}
	row("page p99, printer hangs / no printer", "ms", p99(pages[0]), p99(pages[1]), false)
	row("leaflet p99, printer hangs / no printer", "ms", p99(leaflets[0]), p99(leaflets[1]), false)
	row("memory, printer hangs / no printer", "MB", grown[2][0], grown[2][1], false)
	for i, half := range []string{"first", "second"} {
		fmt.Printf("%-44s %14s %14s\n", fmt.Sprintf("  its growth in the %s half of %s", half, r.hang),
			fmt.Sprintf("%+.2f MB", grown[i+1][0]-grown[i][0]), fmt.Sprintf("%+.2f MB", grown[i+1][1]-grown[i][1]))
	}
	return nil
}

// join appends the times of both booths.
func join(a, b [2][]time.Duration) [2][]time.Duration {
	return [2][]time.Duration{append(a[0], b[0]...), append(a[1], b[1]...)}
}

// memories returns the resident memory of two processes, MB.
func memories(a, b *process) (mb [2]float64, err error) {
	if mb[0], err = a.resident(); err == nil {
		mb[1], err = b.resident()
	}
	return mb, err
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

// visit asks both booths in turns for d, so that whatever else the machine does
// meets both, and returns how long pages and leaflets took, of the first booth and
// of the second.
func (r *rig) visit(ctx context.Context, a, b *process, d time.Duration) (pages, leaflets [2][]time.Duration, err error) {
	booths := [2]*process{a, b}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}, CheckRedirect: stay.CheckRedirect, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	begin := time.Now()
	for n := 0; time.Since(begin) < d; n++ {
		for turn := range booths {
			i := (turn + n) % 2
			took, err := timed(ctx, client, http.MethodGet, booths[i].url+"/", nil, http.StatusOK)
			if err != nil {
				return pages, leaflets, err
			}
			pages[i] = append(pages[i], took)
			if n%leafletEvery > 0 {
				continue
			}
			form := []byte("key=" + kiosk.RandomID().String())
			if took, err = timed(ctx, client, http.MethodPost, booths[i].url+"/s/2.4/leaflet", form, http.StatusSeeOther); err != nil {
				return pages, leaflets, err
			}
			leaflets[i] = append(leaflets[i], took)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return pages, leaflets, nil
}

// leafletEvery is how many pages are read for a leaflet that is asked for.
const leafletEvery = 50

// timed sends one request and wants its status.
func timed(ctx context.Context, client *http.Client, method, url string, body []byte, want int) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	begin := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, err
	}
	if resp.StatusCode != want {
		return 0, fmt.Errorf("%s %s: status %d, want %d", method, url, resp.StatusCode, want)
	}
	return time.Since(begin), nil
}

// p99 returns the time in ms that one in a hundred took longer than.
func p99(times []time.Duration) float64 {
	slices.Sort(times)
	return times[len(times)*99/100].Seconds() * 1000
}
