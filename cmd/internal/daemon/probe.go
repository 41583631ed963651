package daemon

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// probeLimit is how long a service on this machine may take to answer: a card that
// is busy with a checkpoint makes a page wait for seconds, not for many.
const probeLimit = 5 * time.Second

// probeBody is the most bytes of an answer that are read.
const probeBody = 4 << 10

// Probe asks a service on this machine for the page at url, and returns what it
// answered with 200. Every probe is a connection of its own: an old one may still
// be served where new ones no longer are.
func Probe(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", url, err)
	}
	// No proxy and no look at the certificate: the service is here, by an address that
	// its certificate does not name.
	t := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	answer, err := t.RoundTrip(r) // and no redirect: it would hide what answers
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", url, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, probeBody))
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", url, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("probe %s: it answers %s", url, answer.Status)
	}
	return body, nil
}

// Near returns the base URL at which this machine itself reaches a listener.
func Near(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return "http://" + a.String()
	}
	loopback := net.IPv4(127, 0, 0, 1)
	if t.IP.To4() == nil {
		loopback = net.IPv6loopback
	}
	return "http://" + (&net.TCPAddr{IP: loopback, Port: t.Port, Zone: t.Zone}).String()
}
