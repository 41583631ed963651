package hubd

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// parseProxies reads the addresses of proxies, as CIDR or single.
func parseProxies(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, addrErr := netip.ParseAddr(s)
			if addrErr != nil {
				return nil, fmt.Errorf("--trusted-proxy %q: write an address such as 10.0.0.5, or a network such as 10.0.0.0/24", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// forwarding are the headers by which proxies tell whom they speak for. Anybody can
// write them.
var forwarding = [...]string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded"}

// behindProxies lets h see the address that a trusted proxy speaks for in the place
// of the proxy's own, and whether that one came over TLS. From anyone else, what the
// headers say counts for nothing, and h does not see them.
func behindProxies(trusted []netip.Prefix, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, secure := r.RemoteAddr, false
		if trusts(trusted, hostOf(r.RemoteAddr)) {
			client = forwardedFor(trusted, r)
			secure = r.Header.Get("X-Forwarded-Proto") == "https"
		}
		r = r.WithContext(r.Context()) // a copy
		r.RemoteAddr = client
		if secure && r.TLS == nil {
			r.TLS = &tls.ConnectionState{HandshakeComplete: true} // the proxy's
		}
		if slices.ContainsFunc(forwarding[:], func(name string) bool { return r.Header[name] != nil }) {
			r.Header = r.Header.Clone()
			for _, name := range forwarding {
				r.Header.Del(name)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// forwardedFor returns the last address in X-Forwarded-For that is no trusted proxy:
// each proxy appends whom it was asked by, and what stands before that may be made up.
func forwardedFor(trusted []netip.Prefix, r *http.Request) string {
	var hops []string
	for _, v := range r.Header.Values("X-Forwarded-For") {
		hops = append(hops, strings.Split(v, ",")...)
	}
	client := r.RemoteAddr
	for _, hop := range slices.Backward(hops) {
		host := strings.Trim(strings.TrimSpace(hop), "[]")
		if _, err := netip.ParseAddr(host); err != nil {
			break
		}
		client = net.JoinHostPort(host, "0")
		if !trusts(trusted, host) {
			break
		}
	}
	return client
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

func trusts(trusted []netip.Prefix, host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a.Unmap().WithZone("")) })
}

// openLine reports whether the hub speaks without TLS on a network.
func openLine(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && !t.IP.IsLoopback()
}
