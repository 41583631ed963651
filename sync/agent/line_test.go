package agent_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// certificate makes a self-signed certificate for loopback that is valid from ten days
// before to ten days after a time.
func certificate(t *testing.T, around time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hub"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: around.AddDate(0, 0, -10), NotAfter: around.AddDate(0, 0, 10), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// overTLS serves the hub with a certificate as well.
func overTLS(t *testing.T, h http.Handler, c tls.Certificate) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{c}}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// T12's first step: a booth whose clock is anywhere gets through to its hub, because
// the hub itself says the time, and signs it.
func TestABoothWithAWrongClockGetsThrough(t *testing.T) {
	for name, clock := range map[string]time.Time{"1970": time.Unix(0, 0), "ten years ahead": time.Now().AddDate(10, 0, 0)} {
		t.Run(name, func(t *testing.T) {
			c := hubtest.New(t)
			cert, roots := certificate(t, c.Clock.Read().Wall)
			url := overTLS(t, c.Handler(), cert)
			line, err := c.CreateEnrolment(t.Context(), "07", "Booth 07", url)
			if err != nil {
				t.Fatal(err)
			}
			key := c.Enrol("08").Key
			o := agent.Opts{Log: hubtest.Quiet(), Now: func() time.Time { return clock }, Line: agent.Line{Roots: roots}}
			e, err := agent.Enrol(t.Context(), line, key, o)
			if err != nil {
				t.Fatalf("enrolled with a clock at %s: %v", clock, err)
			}
			b := &hubtest.Booth{Enrolment: e, Key: key, Book: hubtest.NewBook("07")}
			b.Book.Write(t, kiosk.LaneLog, 10)
			defer run(t, b, o)()
			eventually(t, "all acknowledged", drained(b))
		})
	}
}

// Whoever sits on the line and has no key of the hub moves no clock and gets nothing.
func TestTimeIsTakenFromTheHubAlone(t *testing.T) {
	c, other := hubtest.New(t), hubtest.New(t)
	b := c.Enrol("07")
	cert, roots := certificate(t, other.Clock.Read().Wall)
	b.Hub = overTLS(t, other.Handler(), cert) // a valid certificate, and another hub's key
	b.Book.Write(t, kiosk.LaneLog, 1)
	var down atomic.Bool
	stop := run(t, b, agent.Opts{Now: func() time.Time { return time.Unix(0, 0) }, Line: agent.Line{Roots: roots},
		OnUplink: func(u kiosk.Uplink) { down.Store(u.Known && !u.Up) }})
	defer stop()
	eventually(t, "the line is down", down.Load)
	if b.Book.Behind() != 1 || len(other.Entries()) != 0 {
		t.Error("something was sent to a stranger")
	}
}

// The time comes over a connection whose certificate nobody looked at, and nothing
// else does: a certificate of a stranger stays one.
func TestAStrangersCertificateStaysOne(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	cert, _ := certificate(t, c.Clock.Read().Wall)
	_, roots := certificate(t, c.Clock.Read().Wall)
	b.Hub = overTLS(t, c.Handler(), cert)
	b.Book.Write(t, kiosk.LaneLog, 1)
	var down atomic.Bool
	stop := run(t, b, agent.Opts{Now: func() time.Time { return time.Unix(0, 0) }, Line: agent.Line{Roots: roots},
		OnUplink: func(u kiosk.Uplink) { down.Store(u.Known && !u.Up) }})
	defer stop()
	eventually(t, "the line is down", down.Load)
	if n := len(c.Entries()); n != 0 {
		t.Errorf("%d records went over a line that nobody vouches for", n)
	}
}
