package hubd

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// TLSFiles name what the hub's own TLS is made of, each a PEM file; "" = none. They
// are read again when they change, so that a certificate is renewed by putting the
// new one in its place.
type TLSFiles struct {
	Cert     string // the certificate, with those between it and its authority
	Key      string
	ClientCA string // authorities of the booths' certificates; booths without one are refused
}

// lookAgain is how long a certificate is used without a look at its files.
const lookAgain = time.Second

// certificate is the hub's TLS as its files say.
type certificate struct {
	files TLSFiles
	log   *slog.Logger

	mu     sync.Mutex
	looked time.Time
	stamps [3]time.Time // of the files, as last read or refused
	config *tls.Config
}

// openTLS reads the files; nil where none is named.
func openTLS(f TLSFiles, log *slog.Logger) (*certificate, error) {
	switch {
	case (f.Cert == "") != (f.Key == ""):
		return nil, errors.New("--tls-cert and --tls-key go together: give both or none")
	case f.Cert == "" && f.ClientCA != "":
		return nil, errors.New("--client-ca wants the hub's own certificate: give --tls-cert and --tls-key, too")
	case f.Cert == "":
		return nil, nil
	}
	c := &certificate{files: f, log: log, looked: time.Now(), stamps: f.stamps()}
	var err error
	c.config, err = f.load()
	return c, err
}

func (f TLSFiles) stamps() (s [3]time.Time) {
	for i, name := range []string{f.Cert, f.Key, f.ClientCA} {
		if info, err := os.Stat(name); err == nil {
			s[i] = info.ModTime()
		}
	}
	return s
}

func (f TLSFiles) load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s with --tls-key %s cannot be used: %w", f.Cert, f.Key, err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, Certificates: []tls.Certificate{pair}}
	if f.ClientCA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("--client-ca %s cannot be used: %w", f.ClientCA, err)
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--client-ca %s holds no certificate: name a PEM file", f.ClientCA)
	}
	// People at the console have none: who must show one is decided by what is asked for.
	c.ClientAuth = tls.VerifyClientCertIfGiven
	return c, nil
}

// current returns the configuration for a handshake that begins now. Files that
// cannot be used are said once, and what was there before goes on.
func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookAgain {
		return c.config, nil
	}
	c.looked = time.Now()
	stamps := c.files.stamps()
	if stamps == c.stamps {
		return c.config, nil
	}
	c.stamps = stamps
	fresh, err := c.files.load()
	if err != nil {
		c.log.Error("certificate not read again, the old one goes on", slog.Any("err", err))
		return c.config, nil
	}
	c.config = fresh
	c.log.Info("certificate read again")
	return c.config, nil
}

// server returns the configuration of the listener.
func (c *certificate) server() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: c.current}
}
