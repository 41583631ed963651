package hubd

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyTrustedProxiesAreBelieved(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.5", "192.168.0.0/16", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, remote, forwarded, proto string
		want                           string
		secure                         bool
	}{
		{"nobody in between", "203.0.113.7:4711", "", "", "203.0.113.7:4711", false},
		{"a stranger who says much", "203.0.113.7:4711", "1.2.3.4", "https", "203.0.113.7:4711", false},
		{"a proxy", "10.0.0.5:80", "203.0.113.7", "https", "203.0.113.7:0", true},
		{"a proxy without TLS", "10.0.0.5:80", "203.0.113.7", "http", "203.0.113.7:0", false},
		{"two proxies", "10.0.0.5:80", "203.0.113.7, 192.168.3.4", "https", "203.0.113.7:0", true},
		{"a client who makes hops up", "10.0.0.5:80", "127.0.0.1, 203.0.113.7", "https", "203.0.113.7:0", true},
		{"a proxy that says nothing", "10.0.0.5:80", "", "", "10.0.0.5:80", false},
		{"a proxy that says nonsense", "10.0.0.5:80", "unknown", "", "10.0.0.5:80", false},
		{"IPv6", "[2001:db8::1]:80", "2001:db9::7", "https", "[2001:db9::7]:0", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.remote
			for name, v := range map[string]string{"X-Forwarded-For": tt.forwarded, "X-Forwarded-Proto": tt.proto, "X-Real-Ip": "9.9.9.9"} {
				if v != "" {
					r.Header.Set(name, v)
				}
			}
			behindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, got *http.Request) {
				if got.RemoteAddr != tt.want || (got.TLS != nil) != tt.secure {
					t.Errorf("came from %s, secure %t; want %s, %t", got.RemoteAddr, got.TLS != nil, tt.want, tt.secure)
				}
				for _, name := range forwarding {
					if got.Header.Get(name) != "" {
						t.Errorf("%s came through", name)
					}
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}
