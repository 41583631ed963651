package boothd

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"redstation/sync/agent"
)

// LineFiles name what TLS asks for on the line to the hub, each a PEM file; "" = none.
type LineFiles struct {
	CA          string // authorities of the hub's certificate, in the place of the system's
	Certificate string // the booth's own, with Key, for a hub that wants one
	Key         string
}

func (f LineFiles) load() (agent.Line, error) {
	var l agent.Line
	if f.CA != "" {
		pem, err := os.ReadFile(f.CA)
		if err != nil {
			return l, fmt.Errorf("--hub-ca %s: %w", f.CA, plainError(err))
		}
		l.Roots = x509.NewCertPool()
		if !l.Roots.AppendCertsFromPEM(pem) {
			return l, fmt.Errorf("--hub-ca %s holds no certificate: name a PEM file", f.CA)
		}
	}
	if (f.Certificate == "") != (f.Key == "") {
		return l, errors.New("--client-cert and --client-key go together: give both or none")
	}
	if f.Certificate == "" {
		return l, nil
	}
	c, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return l, fmt.Errorf("--client-cert %s with --client-key %s: %w", f.Certificate, f.Key, plainError(err))
	}
	l.Certificate = &c
	return l, nil
}

// plainError leaves the path out, which the caller names with its flag.
func plainError(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}
