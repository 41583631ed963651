package hub

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

func TestATokenThatAsksTooOftenIsHeldBack(t *testing.T) {
	p := newPulls()
	var err error
	for i := 0; err == nil && i < 100*tokenBurst; i++ {
		err = p.admit("eager")
	}
	if err == nil {
		t.Fatal("it was never held back")
	}
	if err := p.admit("calm"); err != nil {
		t.Errorf("another token is held back, too: %v", err)
	}
	w := httptest.NewRecorder()
	(&Hub{}).refuseAPI(w, httptest.NewRequest(http.MethodGet, "/", nil), err)
	if n, _ := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != http.StatusTooManyRequests || n < 1 {
		t.Errorf("got %d with Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}
