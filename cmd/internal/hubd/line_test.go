package hubd_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/kiosk"
	"redstation/sync/agent"
)

// authority signs certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "city"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// issue writes a certificate for loopback and its key, and returns their names.
func (a *authority) issue(t *testing.T, dir, name string, serial int64) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, k.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem")
	write(t, cert, "CERTIFICATE", der)
	write(t, key, "PRIVATE KEY", private)
	return cert, key
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// begin opens and runs a hub as it is configured.
func begin(t *testing.T, c hubd.Config) *hubd.Hub {
	t.Helper()
	c.Version = daemon.BuildVersion()
	if c.Data == "" {
		c.Data = filepath.Join(t.TempDir(), "hub")
	}
	h, err := hubd.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, daemon.NoNotifier()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

// enrol enrols booth 07 with what TLS asks for.
func enrol(t *testing.T, h *hubd.Hub, line agent.Line) error {
	t.Helper()
	invitation, err := h.CreateEnrolment(t.Context(), "07", "Booth 07", h.URL())
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = agent.Enrol(t.Context(), invitation, key, agent.Opts{Log: slog.New(slog.DiscardHandler), Line: line})
	return err
}

func TestAHubSpeaksHTTPSAndTakesUpANewCertificate(t *testing.T) {
	dir, city := t.TempDir(), newAuthority(t)
	cert, key := city.issue(t, dir, "hub", 1)
	h := begin(t, hubd.Config{Addr: "127.0.0.1:0", TLS: hubd.TLSFiles{Cert: cert, Key: key}})
	if !strings.HasPrefix(h.URL(), "https://") {
		t.Fatalf("the hub is at %s", h.URL())
	}
	if err := enrol(t, h, agent.Line{}); kiosk.CodeOf(err) != kiosk.CodeOffline {
		t.Errorf("with the system's authorities: %v", err)
	}
	if err := enrol(t, h, agent.Line{Roots: city.pool()}); err != nil {
		t.Errorf("with the city's: %v", err)
	}
	serial := func() (n int64, proto string) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: city.pool()}}}
		defer client.CloseIdleConnections()
		r, err := client.Get(h.URL() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.TLS.PeerCertificates[0].SerialNumber.Int64(), r.Proto
	}
	if n, proto := serial(); n != 1 || proto != "HTTP/2.0" {
		t.Errorf("certificate %d over %s", n, proto)
	}
	city.issue(t, dir, "hub", 2)
	later := time.Now().Add(time.Minute) // the file system's clock may be coarse
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if n, _ := serial(); n == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the new certificate was never shown")
		}
	}
	if err := os.WriteFile(cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, _ := serial(); n != 2 {
		t.Errorf("after a broken file: certificate %d", n)
	}
}

func TestAHubMayWantCertificatesOfBooths(t *testing.T) {
	dir, city, stranger := t.TempDir(), newAuthority(t), newAuthority(t)
	cert, key := city.issue(t, dir, "hub", 1)
	ca := filepath.Join(dir, "ca.pem")
	write(t, ca, "CERTIFICATE", city.cert.Raw)
	h := begin(t, hubd.Config{Addr: "127.0.0.1:0", TLS: hubd.TLSFiles{Cert: cert, Key: key, ClientCA: ca}})
	load := func(a *authority, name string) *tls.Certificate {
		c, err := tls.LoadX509KeyPair(a.issue(t, dir, name, 3))
		if err != nil {
			t.Fatal(err)
		}
		return &c
	}
	if err := enrol(t, h, agent.Line{Roots: city.pool()}); err == nil || !strings.Contains(err.Error(), "client_cert") {
		t.Errorf("without one: %v", err)
	}
	if err := enrol(t, h, agent.Line{Roots: city.pool(), Certificate: load(stranger, "stranger")}); err == nil {
		t.Error("with a stranger's: it was taken")
	}
	if err := enrol(t, h, agent.Line{Roots: city.pool(), Certificate: load(city, "booth")}); err != nil {
		t.Errorf("with the city's: %v", err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: city.pool()}}}
	defer client.CloseIdleConnections()
	r, err := client.Get(h.URL() + "/login")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("people at the console: %v", err)
	}
	r.Body.Close()
}

// lines is a log that tests read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

func TestAHubWithoutTLSOnANetworkSaysSoOnce(t *testing.T) {
	const said = "hub speaks without TLS on a network"
	for _, tt := range []struct {
		addr    string
		proxies []string
		want    int
	}{{"0.0.0.0:0", nil, 1}, {"0.0.0.0:0", []string{"127.0.0.1"}, 0}, {"127.0.0.1:0", nil, 0}} {
		var log lines
		h := begin(t, hubd.Config{Addr: tt.addr, Proxies: tt.proxies, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for range 3 {
			u, err := url.Parse(h.URL())
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.Get("http://127.0.0.1:" + u.Port() + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		if got := log.count(said); got != tt.want {
			t.Errorf("%+v: said %d times", tt, got)
		}
	}
}
