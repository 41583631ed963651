package hub

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"io"
	"net/http"
)

// openAPI describes the API in OpenAPI 3.1. It is written by hand; a test holds it
// against what is served.
//
//go:embed openapi.json
var openAPI string

// serveOpenAPI answers GET /api/v1/openapi.json. There is nothing secret in it.
func (h *Hub) serveOpenAPI(w http.ResponseWriter, r *http.Request) error {
	sum := sha256.Sum256([]byte(openAPI))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "public, max-age=300")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, openAPI) //nolint:errcheck // the reader is told, or gone
	return nil
}
