package daemon

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProbeWantsARealAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			w.Write([]byte("ok"))
		case "/elsewhere":
			http.Redirect(w, r, "/good", http.StatusFound)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	if got, err := Probe(t.Context(), s.URL+"/good"); err != nil || string(got) != "ok" {
		t.Errorf("got %q, %v, want ok", got, err)
	}
	for page, want := range map[string]string{"/ill": "503", "/elsewhere": "302"} {
		if _, err := Probe(t.Context(), s.URL+page); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that says %s", page, err, want)
		}
	}
	s.Close()
	if _, err := Probe(t.Context(), s.URL+"/good"); err == nil {
		t.Error("nobody listens, and the probe is content")
	}
}

func TestNearIsWhereThisMachineReachesAListener(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		"10.0.0.5:8080":  "http://10.0.0.5:8080",
		"0.0.0.0:8080":   "http://127.0.0.1:8080",
		"[::]:8080":      "http://[::1]:8080",
	} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := Near(a); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}
