package hub_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

// A message is made of the records as they are when it is sent: what was erased while
// it waited, or after it was given up, is not in it.
func TestAnErasureReachesMessagesThatWaitAndThoseGivenUp(t *testing.T) {
	for name, days := range map[string]int{"it waits": 0, "it was given up": 1} {
		t.Run(name, func(t *testing.T) {
			c := hubtest.New(t)
			b := c.Enrol("07")
			b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"place":"beishan"}`), Sealed: []byte("sealed")})
			b.Book.Write(t, kiosk.LaneLog, 1)
			push(t, c, b, 1, 2)
			r := newReceiver(t)
			w := hook(t, c, r, hub.WebhookOpts{After: 0})
			r.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
			deliver(t, c)
			c.Clock.Add(time.Hour + time.Duration(days)*24*time.Hour)
			deliver(t, c)
			dead, err := c.DeadDeliveries(t.Context(), w.ID)
			if err != nil || len(dead) != days {
				t.Fatalf("given up: %+v, %v", dead, err)
			}
			if _, err := c.Erase(t.Context(), "1", "asked for at the desk"); err != nil {
				t.Fatal(err)
			}
			r.set(nil)
			if days > 0 {
				if _, err := c.RetryDeliveries(t.Context(), w.ID); err != nil {
					t.Fatal(err)
				}
			}
			c.Clock.Add(2 * time.Hour)
			deliver(t, c)
			sent := bytes.Join(r.bodies, nil)
			if got := r.positions(); !slices.Equal(got, upTo(2)) || bytes.Contains(sent, []byte("beishan")) {
				t.Errorf("received %v: %s", got, sent)
			}
		})
	}
}
