package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is what a closed loop of clients measured: each sends its next request
// when the last is answered.
type load struct {
	perSecond float64
	p50, p99  time.Duration
}

// ask makes the next request of a run.
type ask func() (method, url string, body []byte)

// run sends requests for d from so many clients, and wants each answered with
// status want.
func run(ctx context.Context, clients int, d time.Duration, want int, next ask, header http.Header) (load, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	var wg sync.WaitGroup
	begin := time.Now()
	for range clients {
		wg.Go(func() {
			own, err := loop(ctx, client, want, next, header)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
			if err != nil && failed == nil {
				failed = err
				cancel()
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	if failed != nil {
		return load{}, failed
	}
	if len(times) == 0 {
		return load{}, fmt.Errorf("no request was answered in %s", d)
	}
	slices.Sort(times)
	return load{perSecond: float64(len(times)) / took.Seconds(), p50: times[len(times)/2], p99: times[len(times)*99/100]}, nil
}

func loop(ctx context.Context, client *http.Client, want int, next ask, header http.Header) ([]time.Duration, error) {
	var times []time.Duration
	for {
		if ctx.Err() != nil {
			return times, nil
		}
		method, url, body := next()
		req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		for k, v := range header {
			req.Header[k] = v
		}
		if body != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		start := time.Now()
		resp, err := client.Do(req)
		if err != nil {
			if ctx.Err() != nil {
				return times, nil
			}
			return nil, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if resp.StatusCode != want {
			return nil, fmt.Errorf("%s %s: status %d, want %d", method, url, resp.StatusCode, want)
		}
		times = append(times, time.Since(start))
	}
}
