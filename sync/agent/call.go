package agent

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// caller makes signed requests and believes only answers that verify.
type caller struct {
	client *http.Client
	base   string // the hub's address without a slash at the end
	keyID  string
	key    ed25519.PrivateKey
	trust  func(ed25519.PublicKey) error

	mu        sync.Mutex
	challenge string // of the last verified answer
}

// reply is a verified answer.
type reply struct {
	status  int
	body    []byte
	problem wire.Problem      // where status is not 200
	signer  ed25519.PublicKey // the hub's key
	sent    time.Time         // when the request left
}

// post sends a body and returns the answer once it verified. Where the hub does
// not know the challenge any more, it tries once again with the one of that
// answer. The error has kiosk.CodeOffline (no answer) or kiosk.CodeDenied (an
// answer that does not verify).
func (c *caller) post(ctx context.Context, path, mediaType string, body []byte) (reply, error) {
	if err := c.needChallenge(ctx); err != nil {
		return reply{}, err
	}
	r, err := c.attempt(ctx, path, mediaType, body)
	if err == nil && r.problem.Trouble == wire.TroubleChallenge {
		r, err = c.attempt(ctx, path, mediaType, body)
	}
	return r, err
}

func (c *caller) attempt(ctx context.Context, path, mediaType string, body []byte) (reply, error) {
	c.mu.Lock()
	challenge := c.challenge
	c.mu.Unlock()
	req, nonce, err := wire.NewRequest(ctx, c.base+path, mediaType, body, c.keyID, c.key, challenge)
	if err != nil {
		return reply{}, err
	}
	return c.do(req, nonce)
}

// needChallenge asks for a challenge where no answer has brought one yet.
func (c *caller) needChallenge(ctx context.Context) error {
	c.mu.Lock()
	have := c.challenge != ""
	c.mu.Unlock()
	if have {
		return nil
	}
	var random [16]byte
	rand.Read(random[:])
	nonce := base64.RawURLEncoding.EncodeToString(random[:])
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+wire.PathChallenge+"?nonce="+nonce, nil)
	if err != nil {
		return fmt.Errorf("ask for a challenge: %w", err)
	}
	r, err := c.do(req, wire.ChallengeNonce(nonce))
	if err == nil && r.status != http.StatusOK {
		err = c.silent(fmt.Errorf("status %d", r.status))
	}
	return err
}

// do sends a request and verifies the answer.
func (c *caller) do(req *http.Request, nonce string) (reply, error) {
	sent := time.Now()
	resp, err := c.client.Do(req)
	if err != nil {
		return reply{}, c.silent(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read to its end, or is of no use
	body, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxAnswer+1))
	if err != nil {
		return reply{}, c.silent(err)
	}
	if len(body) > wire.MaxAnswer {
		return reply{}, c.silent(errors.New("answer is too long"))
	}
	r := reply{status: resp.StatusCode, body: body, sent: sent}
	if r.signer, err = wire.VerifyAnswer(resp.StatusCode, resp.Header, body, nonce, c.trust); err != nil {
		return reply{}, fmt.Errorf("answer of %s with status %d does not verify: %w", c.base, resp.StatusCode, err)
	}
	c.mu.Lock()
	c.challenge = resp.Header.Get(wire.HeaderChallenge)
	c.mu.Unlock()
	if r.status != http.StatusOK {
		if err := wire.Unmarshal(body, &r.problem); err != nil {
			return reply{}, err
		}
	}
	return r, nil
}

func (c *caller) silent(err error) error {
	return kiosk.Errorf(kiosk.CodeOffline, "error.offline", "hub %s does not answer: %w", c.base, err)
}
