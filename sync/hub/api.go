package hub

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// apiRoute is one address of the API for the city's systems, which is read with GET,
// or written to with POST. All of them are described in the file that PathOpenAPI serves.
type apiRoute struct {
	path       string
	parameters []string
	serve      func(w http.ResponseWriter, r *http.Request) error
	posted     bool // with POST
}

// apiRoutes lists what is served under wire.PathAPI.
func (h *Hub) apiRoutes() []apiRoute {
	return []apiRoute{
		{wire.PathRecords, pullParameters(), h.servePull, false},
		{wire.PathNotes, []string{"booth"}, h.serveNotes, false},
		{wire.PathCases, caseParameters(), h.serveCases, false},
		{wire.PathCaseDo, nil, h.serveCaseDo, true},
		{wire.PathMetrics, nil, h.serveMetrics, false},
		{wire.PathOpenAPI, nil, h.serveOpenAPI, false},
	}
}

// api serves the routes. What an address, a method or a parameter of it is wrong
// with is said as RFC 9457 wants it.
func (h *Hub) api() http.Handler {
	mux := http.NewServeMux()
	for _, route := range h.apiRoutes() {
		mux.HandleFunc(route.path, func(w http.ResponseWriter, r *http.Request) {
			if !allowed(w, r, route.posted) {
				return
			}
			if err := route.serve(w, r); err != nil {
				h.refuseAPI(w, r, err)
			}
		})
	}
	mux.HandleFunc(wire.PathAPI, func(w http.ResponseWriter, r *http.Request) {
		h.refuseAPI(w, r, kiosk.Errorf(kiosk.CodeNotFound, "error.api", "there is no such address: %s describes those that there are", wire.PathOpenAPI))
	})
	return mux
}

// allowed lets GET and HEAD through, or POST alone, answers OPTIONS, and refuses the rest.
func allowed(w http.ResponseWriter, r *http.Request, posted bool) bool {
	methods, detail := "GET, HEAD, OPTIONS", "this address is only read: use GET"
	if posted {
		methods, detail = "POST, OPTIONS", "this address is written to: use POST"
	}
	switch {
	case !posted && (r.Method == http.MethodGet || r.Method == http.MethodHead), posted && r.Method == http.MethodPost:
		return true
	}
	switch r.Method {
	case http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", methods)
		writeProblem(w, http.StatusMethodNotAllowed, kiosk.CodeInvalid, detail)
	}
	return false
}

// refusal is why a request of the API is not served.
type refusal struct {
	status int
	code   kiosk.Code
	detail string        // one line: what is wrong and what to do
	retry  time.Duration // when to come again; 0 = it would be no use
}

// Error implements error.
func (r *refusal) Error() string { return r.detail }

// refuseAPI says in one line why a request was not served. It names no cause of
// trouble in the hub itself: that is for the hub's log.
func (h *Hub) refuseAPI(w http.ResponseWriter, r *http.Request, err error) {
	no, ok := errors.AsType[*refusal](err)
	if !ok {
		no = &refusal{http.StatusBadRequest, kiosk.CodeOf(err), err.Error(), 0}
		if no.code == kiosk.CodeNotFound {
			no.status = http.StatusNotFound
		} else if no.code != kiosk.CodeInvalid {
			if r.Context().Err() == nil {
				h.log.ErrorContext(r.Context(), "request of the api not served", "error", err)
			}
			no = &refusal{http.StatusServiceUnavailable, kiosk.CodeUnavailable, "the hub cannot answer just now: try again", time.Second}
		}
	}
	if no.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((no.retry+time.Second-1)/time.Second)))
	}
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="redstation"`)
	}
	writeProblem(w, no.status, no.code, no.detail)
}

// writeProblem writes an error as RFC 9457 wants it.
func writeProblem(w http.ResponseWriter, status int, code kiosk.Code, detail string) {
	w.Header().Set("Content-Type", wire.TypeProblem)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(wire.APIError{Type: "about:blank", Title: http.StatusText(status), Status: status, //nolint:errcheck // the caller is told, or gone
		Detail: strings.ReplaceAll(detail, "\n", " "), Code: code})
}
