package hub_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// challenge asks the hub for one.
func challenge(t testing.TB, c *hubtest.City) string {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, wire.PathChallenge, nil))
	return w.Header().Get(wire.HeaderChallenge)
}

// signed makes a request as the booth would, for the hub's handler.
func signed(t testing.TB, c *hubtest.City, b *hubtest.Booth, path, mediaType string, body []byte) *http.Request {
	t.Helper()
	r, _, err := wire.NewRequest(t.Context(), c.URL+path, mediaType, body, b.Booth, b.Key, challenge(t, c))
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}
