package hub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"redstation/sync/hub/sqldb"
)

// postTime is how long a receiver may take for an answer.
const postTime = 15 * time.Second

// poster sends signed messages. It keeps connections that may lead into private
// networks apart from those that may not.
type poster struct {
	public, private *http.Client
	patience        time.Duration
}

func newPoster(patience time.Duration) *poster {
	return &poster{public: newPostClient(false), private: newPostClient(true), patience: patience}
}

// newPostClient makes a client that follows no redirect, uses no proxy, and looks
// at each address that it is about to connect to: a name that was harmless when the
// webhook was made may lead elsewhere now.
func newPostClient(private bool) *http.Client {
	t := &http.Transport{ForceAttemptHTTP2: true, MaxIdleConns: 2 * maxWebhooks, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			d := net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
				a, err := netip.ParseAddrPort(address)
				if err != nil {
					return err
				}
				if why := reach(a.Addr(), loopbackHost(host), private); why != "" {
					return errors.New(a.Addr().String() + " " + why)
				}
				return nil
			}}
			return d.DialContext(ctx, network, addr)
		}}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// loopbackHost reports whether a webhook is meant for this machine: only then may
// it be connected to.
func loopbackHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && a.Unmap().IsLoopback())
}

// hidden are the networks behind which a private one may lie, besides those that
// netip knows: shared (RFC 6598), protocol assignments, benchmarks, reserved, and
// the ways from IPv6 into IPv4 (NAT64, 6to4, Teredo).
var hidden = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// reach says why an address must not be connected to, or nothing.
func reach(a netip.Addr, loopback, private bool) string {
	a = a.Unmap().WithZone("")
	switch {
	case a.IsLoopback():
		if loopback {
			return ""
		}
		return "is this machine: a name that leads here is refused; write 127.0.0.1 or localhost"
	case a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "is no address of a receiver"
	case private:
		return ""
	case a.IsPrivate():
		return "lies in a private network: say --allow-private if that is meant"
	}
	for _, p := range hidden {
		if p.Contains(a) {
			return "lies in a network that may be private: say --allow-private if that is meant"
		}
	}
	return ""
}

// posted is how an attempt ended.
type posted struct {
	status int           // 0 = there was no answer
	retry  time.Duration // what Retry-After says; 0 = nothing
	took   time.Duration
	err    error // nil = received
}

// post sends one message, signed as Standard Webhooks has it. The error never
// names the address: it may hold a secret.
func (p *poster) post(ctx context.Context, w sqldb.Webhook, id string, body []byte) posted {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	done := p.send(ctx, w, id, begun, body)
	done.took = time.Since(begun)
	if u, ok := errors.AsType[*url.Error](done.err); ok {
		done.err = u.Err
	}
	if errors.Is(done.err, context.DeadlineExceeded) {
		done.err = fmt.Errorf("no answer within %s", p.patience)
	}
	return done
}

func (p *poster) send(ctx context.Context, w sqldb.Webhook, id string, now time.Time, body []byte) posted {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return posted{err: err}
	}
	at := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "redstation-hub")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", at)
	r.Header.Set("webhook-signature", signMessage(w.Secret, id, at, body))
	client := p.public
	if w.Private {
		client = p.private
	}
	resp, err := client.Do(r)
	if err != nil {
		return posted{err: err}
	}
	defer resp.Body.Close()                                //nolint:errcheck // nothing in it matters
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) //nolint:errcheck // so that the connection can be used again
	done := posted{status: resp.StatusCode}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		done.err = fmt.Errorf("the receiver answers %s", resp.Status)
		if resp.StatusCode >= 300 && resp.StatusCode < 400 {
			done.err = fmt.Errorf("the receiver answers %s, and no redirect is followed: give the address that it leads to", resp.Status)
		}
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
			done.retry = min(time.Duration(n)*time.Second, longestPause)
		}
	}
	return done
}

// signMessage returns the header webhook-signature.
func signMessage(secret []byte, id, timestamp string, body []byte) string {
	m := hmac.New(sha256.New, secret)
	io.WriteString(m, id+"."+timestamp+".") //nolint:errcheck // a hash takes everything
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}
