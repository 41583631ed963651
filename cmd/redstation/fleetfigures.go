package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"redstation/sync/wire"
)

// histogram is how many took at most so many seconds, as Prometheus counts.
type histogram map[float64]float64

// urgentSeries is the hub's figure for how long alarms took.
const urgentSeries = "redstation_hub_urgent_answered_seconds_bucket{le=\""

// urgentAt asks the hubs at those addresses how long alarms took from when their first
// byte came to the acknowledgement, and adds that up.
func urgentAt(ctx context.Context, urls []string, token string) (histogram, error) {
	sum := histogram{}
	for _, url := range urls {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+wire.PathMetrics, nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept", "text/plain")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, fmt.Errorf("ask the hub for its figures: %w", err)
		}
		err = sum.add(answer.Body)
		answer.Body.Close() //nolint:errcheck // it was read
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("ask the hub for its figures: status %d", answer.StatusCode)
		}
		if err != nil {
			return nil, err
		}
	}
	return sum, nil
}

func (h histogram) add(text io.Reader) error {
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), urgentSeries)
		if !ok {
			continue
		}
		le, n, _ := strings.Cut(rest, "\"} ")
		bound, err := strconv.ParseFloat(le, 64) // "+Inf" too
		if err != nil {
			return fmt.Errorf("read the hub's figures: %w", err)
		}
		count, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return fmt.Errorf("read the hub's figures: %w", err)
		}
		h[bound] += count
	}
	return lines.Err()
}

// quantile returns the time that the share took at most, between two bounds as if
// they were spread evenly, and how many there were.
func (h histogram) quantile(share float64) (time.Duration, int) {
	bounds := slices.Sorted(maps.Keys(h))
	if len(bounds) == 0 {
		return 0, 0
	}
	all := h[bounds[len(bounds)-1]]
	rank, low, below := share*all, 0.0, 0.0
	for _, bound := range bounds[:len(bounds)-1] {
		if h[bound] >= rank && h[bound] > below {
			return time.Duration((low + (bound-low)*(rank-below)/(h[bound]-below)) * float64(time.Second)), int(all)
		}
		low, below = bound, h[bound]
	}
	return time.Duration(low * float64(time.Second)), int(all)
}

// ownTime returns the processor time that this process has taken.
func ownTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
