package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"redstation/sync/wire"
)

// hubTime is the time that certificates are checked at: the hub's own word once it
// was asked, counted on with the monotonic clock, and the booth's clock until then.
type hubTime struct {
	now func() time.Time // the booth's clock

	mu   sync.Mutex
	word time.Time // what the hub said; zero while it was not asked
	at   time.Time // when, by the monotonic clock
}

// read returns the time for crypto/tls.
func (t *hubTime) read() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.word.IsZero() {
		return t.now()
	}
	return t.word.Add(time.Since(t.at))
}

func (t *hubTime) set(word time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.word, t.at = word, time.Now()
}

// notValid reports whether a request failed because no certificate is valid at
// the time that they were checked at: not yet, or not any more.
func notValid(err error) bool {
	var c x509.CertificateInvalidError
	return errors.As(err, &c) && c.Reason == x509.Expired
}

// askTime asks the hub for the time without looking at its certificate. That is no
// gap: the answer is signed with the hub's key, which the booth has pinned, and
// bound to the nonce of this question; nothing else is asked over such a connection.
func (c *caller) askTime(ctx context.Context) error {
	blind := blindClient()
	defer blind.CloseIdleConnections()
	r, err := c.question(ctx, blind, wire.PathTime, wire.AskTime, c.trusted)
	if wire.IsOtherKey(err) && c.follow(ctx, blind) == nil {
		r, err = c.question(ctx, blind, wire.PathTime, wire.AskTime, c.trusted)
	}
	if err != nil {
		return err
	}
	var a wire.TimeAnswer
	if err := wire.Unmarshal(r.body, &a); err != nil {
		return err
	}
	c.time.set(time.UnixMilli(a.HubTimeMS).Add(r.trip / 2))
	return nil
}

// blindClient does not look at certificates.
func blindClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, // the answer's own signature is checked
			TLSHandshakeTimeout: 10 * time.Second,
		},
	}
}
