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
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// caller makes signed requests and believes only answers that verify.
type caller struct {
	client *http.Client
	time   *hubTime // what certificates are checked at; nil: the client is another's
	base   string   // the hub's address without a slash at the end
	keyID  string

	ties  *Ties                         // of an enrolled booth
	key   ed25519.PrivateKey            // where there are none yet
	trust func(ed25519.PublicKey) error // where there are none yet

	asking    chan struct{} // holds one value while somebody asks for the first challenge
	mu        sync.Mutex
	challenge string // of the last verified answer
}

// signer returns the key that requests are signed with.
func (c *caller) signer() ed25519.PrivateKey {
	if c.ties != nil {
		return c.ties.signer()
	}
	return c.key
}

// trusted believes the hub's keys.
func (c *caller) trusted(pub ed25519.PublicKey) error {
	if c.ties != nil {
		return c.ties.trust(pub)
	}
	c.mu.Lock()
	trust := c.trust
	c.mu.Unlock()
	return trust(pub)
}

// newCaller makes the caller of an enrolled booth, without its client. No ties are those
// of the enrolment, the key and k. The error has kiosk.CodeInvalid where the enrolment
// does not hold what it must.
func newCaller(e kiosk.Enrolment, key ed25519.PrivateKey, t *Ties, k KeyOpts) (*caller, error) {
	base, err := wire.BaseURL(e.Hub)
	if err != nil {
		return nil, err
	}
	if !wire.ValidBooth(e.Booth) || len(e.HubKey) != ed25519.PublicKeySize || len(key) != ed25519.PrivateKeySize {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.enrolment", "enrolment of booth %q is not whole: enrol again", e.Booth)
	}
	if t == nil {
		t = NewTies(e, key, k)
	}
	return &caller{base: base, keyID: e.Booth, ties: t, asking: make(chan struct{}, 1)}, nil
}

// reply is a verified answer.
type reply struct {
	status  int
	body    []byte
	problem wire.Problem      // where status is not 200
	signer  ed25519.PublicKey // the hub's key
	sent    time.Time         // when the request left
}

// post sends a body and returns the answer once it verified. Three troubles are mended
// on the way: a hub that signs with another key than it did is asked how it came to it;
// a hub that does not take the booth's key is told how the booth came to that; and where
// no certificate is valid by the booth's clock, the hub is asked for the time. The error
// has kiosk.CodeOffline (no answer) or kiosk.CodeDenied (an answer that does not verify).
func (c *caller) post(ctx context.Context, path, mediaType string, body []byte) (reply, error) {
	key := c.signer()
	r, err := c.ask(ctx, key, path, mediaType, body)
	if wire.IsOtherKey(err) && c.follow(ctx, c.client) == nil {
		r, err = c.ask(ctx, key, path, mediaType, body)
	}
	if err == nil && r.problem.Trouble == wire.TroubleSignature && c.moved(ctx, key) {
		return c.ask(ctx, c.signer(), path, mediaType, body)
	}
	return r, err
}

// ask sends a body that is signed with key. Where no certificate is valid by the
// booth's clock, it asks the hub for the time and tries once again.
func (c *caller) ask(ctx context.Context, key ed25519.PrivateKey, path, mediaType string, body []byte) (reply, error) {
	r, err := c.askNow(ctx, key, path, mediaType, body)
	if c.time != nil && notValid(err) && c.askTime(ctx) == nil {
		r, err = c.askNow(ctx, key, path, mediaType, body)
	}
	return r, err
}

// askNow sends a body. Where the hub does not know the challenge any more, it tries
// once again with the one of that answer.
func (c *caller) askNow(ctx context.Context, key ed25519.PrivateKey, path, mediaType string, body []byte) (reply, error) {
	if err := c.needChallenge(ctx, path); err != nil {
		return reply{}, err
	}
	r, err := c.attempt(ctx, key, path, mediaType, body)
	if err == nil && r.problem.Trouble == wire.TroubleChallenge {
		r, err = c.attempt(ctx, key, path, mediaType, body)
	}
	return r, err
}

func (c *caller) attempt(ctx context.Context, key ed25519.PrivateKey, path, mediaType string, body []byte) (reply, error) {
	c.mu.Lock()
	challenge := c.challenge
	c.mu.Unlock()
	req, nonce, err := wire.NewRequest(ctx, c.base+path, mediaType, body, c.keyID, key, challenge)
	if err != nil {
		return reply{}, err
	}
	return c.do(req, nonce)
}

// needChallenge asks for a challenge where no answer has brought one yet. Lanes and
// hello share what one of them has asked for. For an alarm, on its way to path, it is
// asked for with a word that lets it go first where a crowd waits.
func (c *caller) needChallenge(ctx context.Context, path string) error {
	if c.challenged() {
		return nil
	}
	select {
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	case <-ctx.Done():
		return c.silent(ctx.Err())
	}
	if c.challenged() {
		return nil
	}
	from := wire.PathChallenge
	if path == wire.PathUp+kiosk.LaneUrgent.String() {
		from += "?" + wire.AskUrgent
	}
	_, err := c.question(ctx, c.client, from, wire.AskChallenge, c.trusted)
	return err
}

func (c *caller) challenged() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.challenge != ""
}

// question asks what anybody may ask.
func (c *caller) question(ctx context.Context, client *http.Client, path, what string, trust func(ed25519.PublicKey) error) (reply, error) {
	var random [16]byte
	rand.Read(random[:])
	nonce := base64.RawURLEncoding.EncodeToString(random[:])
	mark := "?"
	if strings.Contains(path, mark) {
		mark = "&"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path+mark+"nonce="+nonce, nil)
	if err != nil {
		return reply{}, fmt.Errorf("ask for %s: %w", what, err)
	}
	r, err := c.send(client, req, wire.AskedNonce(what, nonce), trust)
	if err == nil && r.status != http.StatusOK {
		err = c.silent(fmt.Errorf("status %d %s %s", r.status, r.problem.Trouble, r.problem.Detail))
	}
	return r, err
}

// follow asks the hub how it came to the key that it signs with now, and believes
// that key where a chain of rotations leads to it from one that is believed.
func (c *caller) follow(ctx context.Context, client *http.Client) error {
	r, err := c.question(ctx, client, wire.PathKeys, wire.AskKeys, func(ed25519.PublicKey) error { return nil })
	if err != nil {
		return err
	}
	var a wire.KeysAnswer
	if err := wire.Unmarshal(r.body, &a); err != nil {
		return err
	}
	for i := range a.Chain {
		from := ed25519.PublicKey(a.Chain[i].From)
		if c.trusted(from) != nil {
			continue
		}
		if err := wire.Follow(wire.WhoHub, a.Chain[i:], from, r.signer); err != nil {
			return err
		}
		if c.ties != nil {
			return c.ties.adopt(ctx, r.signer)
		}
		c.mu.Lock()
		c.trust = wire.Pinned(r.signer)
		c.mu.Unlock()
		return nil
	}
	return wire.OtherKey()
}

// do sends a request and verifies the answer.
func (c *caller) do(req *http.Request, nonce string) (reply, error) {
	return c.send(c.client, req, nonce, c.trusted)
}

// send is do for another client, or another trust.
func (c *caller) send(client *http.Client, req *http.Request, nonce string, trust func(ed25519.PublicKey) error) (reply, error) {
	sent := time.Now()
	resp, err := client.Do(req)
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
	if r.signer, err = wire.VerifyAnswer(resp.StatusCode, resp.Header, body, nonce, trust); err != nil {
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
