package hub_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

func TestRequestsOfStrangers(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 5)
	raw, err := batchOf(t, b, kiosk.LaneLog, 1, 5).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := codec.Compress(nil, raw)
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(key ed25519.PrivateKey, id, challenge string) *http.Request {
		r, _, err := wire.NewRequest(t.Context(), c.URL+wire.PathUp+"log", wire.TypeBatch, body, id, key, challenge)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	expired := challenge(t, c)
	c.Clock.Add(wire.ChallengeLife + time.Second)
	tests := []struct {
		name string
		r    *http.Request
		want string
	}{
		{"no signature", httptest.NewRequest(http.MethodPost, c.URL+wire.PathUp+"log", bytes.NewReader(body)), "401 signature"},
		{"another key", ask(stranger, "07", challenge(t, c)), "401 signature"},
		{"a booth that is not there", ask(stranger, "99", challenge(t, c)), "403 revoked"},
		{"no challenge", ask(b.Key, "07", ""), "401 challenge"},
		{"a challenge of its own", ask(b.Key, "07", strings.Repeat("A", 43)), "401 challenge"},
		{"a challenge that has expired", ask(b.Key, "07", expired), "401 challenge"},
		{"an enrolment's key id", ask(b.Key, wire.KeyIDEnrol, challenge(t, c)), "403 revoked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := serve(t, c, b, tt.r); !strings.HasPrefix(got.String(), tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if n := len(c.Entries()); n != 0 {
		t.Errorf("%d records were stored", n)
	}
}

func TestReplayHasNoEffect(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	raw, err := batchOf(t, b, kiosk.LaneLog, 1, 5).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := codec.Compress(nil, raw)
	r := signed(t, c, b, wire.PathUp+"log", wire.TypeBatch, body)
	replay := func() outcome {
		again := r.Clone(t.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return serve(t, c, b, again)
	}
	if got := replay(); got.ack.Acked != 5 {
		t.Fatal(got)
	}
	push(t, c, b, 6, 10)
	before, _ := stored(t, c, 10)
	for range 3 {
		if got := replay(); got.ack.Acked != 10 {
			t.Errorf("the same request again: %s", got)
		}
	}
	elsewhere := r.Clone(t.Context())
	elsewhere.URL.Path = wire.PathUp + "urgent"
	elsewhere.Body = io.NopCloser(bytes.NewReader(body))
	if got := serve(t, c, b, elsewhere); got.problem.Trouble != wire.TroubleSignature {
		t.Errorf("the same request to another path: %s", got)
	}
	if after, last := stored(t, c, 10); after != before || last != 10 {
		t.Errorf("a replay changed something: %d records", last)
	}
}

func TestRevokedBoothIsRefused(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	push(t, c, b, 1, 5)
	if err := c.RevokeBooth(t.Context(), "07", "stolen"); err != nil {
		t.Fatal(err)
	}
	if got := push(t, c, b, 6, 10); got.problem.Trouble != wire.TroubleRevoked {
		t.Errorf("after the revocation: %s", got)
	}
	if err := c.RevokeBooth(t.Context(), "99", "stolen"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a booth that is not there: %v", err)
	}
	again := c.Enrol("07") // enrolled anew, with a new key
	again.Book = b.Book
	if got := push(t, c, again, 6, 10); got.ack.Acked != 10 {
		t.Errorf("with the new key: %s", got)
	}
	if got := push(t, c, b, 6, 10); got.problem.Trouble != wire.TroubleSignature {
		t.Errorf("with the old key: %s", got)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	var bomb bytes.Buffer
	w, err := zstd.NewWriter(&bomb)
	if err != nil {
		t.Fatal(err)
	}
	for range 512 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	tests := []struct {
		name string
		body []byte
		want string
	}{
		{"a zip bomb", bomb.Bytes(), "413 too_large"},
		{"too much on the line", make([]byte, wire.MaxBody+1), "413 too_large"},
		{"not zstd", []byte("hello"), "400 malformed"},
		{"nothing", nil, "400 malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{wire.PathUp + "log", wire.PathHello} {
				if got := serve(t, c, b, signed(t, c, b, path, wire.TypeBatch, tt.body)); !strings.HasPrefix(got.String(), tt.want) {
					t.Errorf("%s: %s, want %s", path, got, tt.want)
				}
			}
		})
	}
}

func TestEnrolmentCodes(t *testing.T) {
	c := hubtest.New(t)
	invite := func() wire.Invitation {
		line, err := c.CreateEnrolment(t.Context(), "07", "Songhua", c.URL)
		if err != nil {
			t.Fatal(err)
		}
		v, err := wire.ParseInvitation(line)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	keys := make([]ed25519.PrivateKey, 2)
	for i := range keys {
		_, keys[i], _ = ed25519.GenerateKey(nil)
	}
	enrol := func(v wire.Invitation, key ed25519.PrivateKey) (kiosk.Enrolment, error) {
		return agent.Enrol(t.Context(), v.String(), key, agent.Opts{Log: hubtest.Quiet()})
	}
	refused := func(name string, v wire.Invitation, key ed25519.PrivateKey, want string) {
		t.Helper()
		_, err := enrol(v, key)
		if kiosk.CodeOf(err) != kiosk.CodeDenied || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", name, err, want)
		}
	}
	v := invite()
	e, err := enrol(v, keys[0])
	if err != nil || e.Booth != "07" || e.Name != "Songhua" || e.Hub != c.URL || !e.At.Equal(c.Clock.Read().Wall) {
		t.Fatalf("enrolled as %+v, %v", e, err)
	}
	if _, err := enrol(v, keys[0]); err != nil {
		t.Errorf("the same booth again, its answer having been lost: %v", err)
	}
	refused("another booth with the same code", v, keys[1], "used")
	second := invite()
	refused("the older code", v, keys[0], "does not know")
	c.Clock.Add(25 * time.Hour)
	refused("a day later", second, keys[0], "older than a day")
	third := invite()
	wrong := third
	wrong.Fingerprint[0]++
	refused("another hub's fingerprint", wrong, keys[0], "fingerprint")
	wrong = third
	wrong.Booth = "08"
	refused("another booth's id", wrong, keys[0], "does not know")
	if _, err := enrol(third, keys[1]); err != nil {
		t.Errorf("the booth that replaces it: %v", err)
	}
	lines, _, err := c.AuditTrail(t.Context(), 0, 0)
	if err != nil || len(lines) != 6 || lines[0].Deed != "booth_enrolled" || lines[1].Deed != "enrolment_created" {
		t.Errorf("audit: %+v, %v", lines, err)
	}
}

func TestEnrolmentCannotBeGuessed(t *testing.T) {
	c := hubtest.New(t)
	line, err := c.CreateEnrolment(t.Context(), "07", "Songhua", c.URL)
	if err != nil {
		t.Fatal(err)
	}
	right, err := wire.ParseInvitation(line)
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	for range 5 {
		v := right
		v.Code = wire.NewCode()
		if _, err := agent.Enrol(t.Context(), v.String(), key, agent.Opts{}); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Fatalf("a guess: %v", err)
		}
	}
	_, err = agent.Enrol(t.Context(), line, key, agent.Opts{})
	if kiosk.CodeOf(err) != kiosk.CodeDenied || !strings.Contains(err.Error(), "tried too often") {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	for range 12 { // other booths from the same address
		v := right
		v.Booth = "99"
		_, err = agent.Enrol(t.Context(), v.String(), key, agent.Opts{})
	}
	if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("guessing on and on: %v", err)
	}
	c.Clock.Add(3 * time.Minute)
	if _, err = agent.Enrol(t.Context(), line, key, agent.Opts{}); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("after a pause: %v", err)
	}
}

func TestEnrolmentErrorsAreOneLine(t *testing.T) {
	_, key, _ := ed25519.GenerateKey(nil)
	gone := wire.Invitation{Hub: "http://127.0.0.1:1", Booth: "07", Code: "ABCDE12345"}.String()
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	for line, code := range map[string]kiosk.Code{
		"redstation:enrol:1?hub=": kiosk.CodeInvalid,
		gone:                      kiosk.CodeOffline,
		wire.Invitation{Hub: page.URL, Booth: "07", Code: "ABCDE12345"}.String(): kiosk.CodeDenied,
	} {
		_, err := agent.Enrol(t.Context(), line, key, agent.Opts{})
		if kiosk.CodeOf(err) != code || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", line, err, code)
		}
	}
	c := hubtest.New(t)
	for _, tt := range []struct{ booth, name, hub string }{
		{"new", "x", c.URL}, {"-1", "x", c.URL}, {"07", "", c.URL}, {"07", "a\nb", c.URL}, {"07", "x", "ftp://hub"}, {"07", strings.Repeat("长", 65), c.URL},
	} {
		if _, err := c.CreateEnrolment(t.Context(), tt.booth, tt.name, tt.hub); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if s, err := c.Stations(t.Context()); err != nil || len(s) != 0 {
		t.Errorf("something half-done: %+v, %v", s, errors.Join(err))
	}
}
