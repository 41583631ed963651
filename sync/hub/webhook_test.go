package hub_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// receiver is the city's end of a webhook. Its answer is what answer says; what it
// received and answered with 2xx is what counts.
type receiver struct {
	*httptest.Server
	t      *testing.T
	secret string

	mu       sync.Mutex
	answer   func(w http.ResponseWriter, r *http.Request) // nil = 204
	ids      []string                                     // of all requests
	received []wire.Row                                   // of requests that were answered with 204
	bodies   [][]byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() { r.CloseClientConnections(); r.Close() })
	return r
}

func (r *receiver) set(answer func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// serve checks the signature by the recipe of Standard Webhooks.
func (r *receiver) serve(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id, at := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.secret, "whsec_"))
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + at + "." + string(body)))
	if got, want := q.Header.Get("webhook-signature"), "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)); got != want || err != nil {
		r.t.Errorf("signature %q, want %q", got, want)
	}
	if sec, err := strconv.ParseInt(at, 10, 64); err != nil || time.Since(time.Unix(sec, 0)).Abs() > time.Hour {
		r.t.Errorf("timestamp %q", at)
	}
	r.ids = append(r.ids, id)
	if r.answer != nil {
		r.answer(w, q)
		return
	}
	var in struct{ Data struct{ Records []wire.Row } }
	if err := json.Unmarshal(body, &in); err != nil {
		r.t.Error(err)
	}
	r.received = append(r.received, in.Data.Records...)
	r.bodies = append(r.bodies, body)
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) positions() (out []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range r.received {
		out = append(out, row.Pos)
	}
	return out
}

func (r *receiver) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func hook(t *testing.T, c *hubtest.City, r *receiver, o hub.WebhookOpts) hub.Webhook {
	t.Helper()
	w, secret, err := c.AddWebhook(t.Context(), r.URL+"/in?key=s3cret", o)
	if err != nil {
		t.Fatal(err)
	}
	r.secret = secret
	return w
}

func deliver(t *testing.T, c *hubtest.City) {
	t.Helper()
	if err := c.DeliverNow(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func theHook(t *testing.T, c *hubtest.City) hub.Webhook {
	t.Helper()
	hooks, err := c.Webhooks(t.Context())
	if err != nil || len(hooks) != 1 {
		t.Fatalf("webhooks %+v, %v", hooks, err)
	}
	return hooks[0]
}

func upTo(n int64) (out []int64) {
	for i := int64(1); i <= n; i++ {
		out = append(out, i)
	}
	return out
}

func TestWebhookGetsEverythingInOrderAndSigned(t *testing.T) {
	c, booths := filled(t)
	booths[0].Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"n":1}`), Sealed: []byte("what a resident typed")})
	push(t, c, booths[0], 21, 21)
	r := newReceiver(t)
	hook(t, c, r, hub.WebhookOpts{})
	deliver(t, c)
	if got := r.positions(); !slices.Equal(got, upTo(67)) {
		t.Errorf("received %v", got)
	}
	doc := described(t, c)
	for _, body := range r.bodies {
		if strings.Contains(string(body), base64.StdEncoding.EncodeToString([]byte("what a resident typed"))) || strings.Contains(string(body), `"sealed`) {
			t.Error("a message holds sealed bytes, or their salt")
		}
		if err := fits(doc, "Message", body); err != nil {
			t.Errorf("the message is not as it is described: %v", err)
		}
	}
	deliver(t, c)
	if n := len(r.requests()); n != 1 {
		t.Errorf("%d requests for 67 records, want 1", n)
	}
	booths[1].Book.Write(t, kiosk.LaneLog, 230)
	push(t, c, booths[1], 21, 250)
	deliver(t, c)
	if got := r.positions(); !slices.Equal(got, upTo(297)) || len(r.requests()) != 4 {
		t.Errorf("%d records in %d requests, want 297 in 4", len(got), len(r.requests()))
	}
	if w := theHook(t, c); w.Behind != 0 || w.Cursor != 297 || w.Tries != 0 {
		t.Errorf("it stands at %+v", w)
	}
	if status, _, err := c.TestWebhook(t.Context(), theHook(t, c).ID); status != http.StatusNoContent || err != nil {
		t.Errorf("a test message: %d, %v", status, err)
	}
	if err := fits(doc, "Message", r.bodies[len(r.bodies)-1]); err != nil {
		t.Errorf("the test message is not as it is described: %v", err)
	}
}

func TestWebhookGetsWhatItAskedFor(t *testing.T) {
	c, booths := filled(t)
	urgent := kiosk.LaneUrgent
	for name, tt := range map[string]struct {
		o    hub.WebhookOpts
		want func(wire.Row) bool
	}{
		"one kind":         {hub.WebhookOpts{Kinds: []kiosk.Kind{kiosk.KindDoorOpened}}, func(r wire.Row) bool { return r.Kind == kiosk.KindDoorOpened }},
		"the urgent lane":  {hub.WebhookOpts{Lane: &urgent}, func(r wire.Row) bool { return r.Lane == "urgent" }},
		"from a cursor":    {hub.WebhookOpts{After: 60}, func(r wire.Row) bool { return r.Pos > 60 }},
		"only what is new": {hub.WebhookOpts{After: -1}, func(r wire.Row) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			w := hook(t, c, r, tt.o)
			deliver(t, c)
			var want []int64
			for _, row := range pullAll(t, c, newToken(t, c, name, hub.Grant{}), wire.PullOpts{}) {
				if tt.want(row) {
					want = append(want, row.Pos)
				}
			}
			if got := r.positions(); !slices.Equal(got, want) {
				t.Errorf("received %v, want %v", got, want)
			}
			if err := c.RemoveWebhook(t.Context(), w.ID); err != nil {
				t.Fatal(err)
			}
		})
	}
	booths[0].Book.Write(t, kiosk.LaneLog, 1)
	push(t, c, booths[0], 21, 21)
	deliver(t, c)
	if hooks, err := c.Webhooks(t.Context()); err != nil || len(hooks) != 0 {
		t.Errorf("removed webhooks are there: %v, %v", hooks, err)
	}
}

func TestWebhookThatFailsIsTriedAgainAndGivenUpAfterADay(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"answers 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"breaks off":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"never answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			c, booths := filled(t)
			c.SetPatience(200 * time.Millisecond)
			r := newReceiver(t)
			w := hook(t, c, r, hub.WebhookOpts{})
			r.set(answer)
			deliver(t, c)
			deliver(t, c) // not due yet
			if n := len(r.requests()); n != 1 {
				t.Fatalf("%d requests before the next one is due", n)
			}
			end := c.Clock.Read().Wall.Add(24 * time.Hour)
			for c.Clock.Read().Wall.Before(end) {
				if at := theHook(t, c); at.Tries == 0 || at.LastError == "" || at.Next.After(end) || at.Next.Sub(c.Clock.Read().Wall) > time.Hour || strings.Contains(at.LastError, "s3cret") {
					t.Fatalf("while it fails: %+v", at)
				}
				c.Clock.Add(time.Hour)
				deliver(t, c)
			}
			requests := r.requests()
			if slices.Compact(slices.Clone(requests))[0] != requests[len(requests)-1] || len(requests) < 20 {
				t.Errorf("%d attempts, under the ids %v", len(requests), slices.Compact(requests))
			}
			dead, err := c.DeadDeliveries(t.Context(), w.ID)
			if err != nil || len(dead) != 1 || dead[0].N != 66 || dead[0].Tries != len(requests) {
				t.Fatalf("given up: %+v, %v", dead, err)
			}
			attempts, err := c.DeliveryAttempts(t.Context(), w.ID, 1000)
			if err != nil || len(attempts) != len(requests) || attempts[0].Error == "" {
				t.Errorf("%d attempts are noted, %v", len(attempts), err)
			}

			// What comes after it goes on; the dead one comes when it is asked for.
			r.set(nil)
			booths[0].Book.Write(t, kiosk.LaneLog, 1)
			push(t, c, booths[0], 21, 21)
			deliver(t, c)
			if got := r.positions(); !slices.Equal(got, []int64{67}) {
				t.Errorf("after the dead one it receives %v", got)
			}
			if n, err := c.RetryDeliveries(t.Context(), w.ID); n != 1 || err != nil {
				t.Fatalf("retried %d, %v", n, err)
			}
			r.set(answer)
			deliver(t, c)
			if dead, err := c.DeadDeliveries(t.Context(), w.ID); err != nil || len(dead) != 1 {
				t.Errorf("retried in vain: %+v, %v", dead, err)
			}
			r.set(nil)
			if _, err := c.RetryDeliveries(t.Context(), w.ID, dead[0].ID); err != nil {
				t.Fatal(err)
			}
			deliver(t, c)
			if got := r.positions(); !slices.Equal(got, append([]int64{67}, upTo(66)...)) {
				t.Errorf("after the retry it has %v", got)
			}
		})
	}
}

func TestWebhookSurvivesAKillAtAnyPoint(t *testing.T) {
	c, _ := filled(t)
	r := newReceiver(t)
	hook(t, c, r, hub.WebhookOpts{})
	// The receiver has it and the hub dies before it hears so.
	ctx, kill := context.WithCancel(t.Context())
	r.set(func(http.ResponseWriter, *http.Request) { kill() })
	if err := c.DeliverNow(ctx); err != nil {
		t.Fatal(err)
	}
	c.Stop()
	c.Restore(c.Backup()) // closes the store and opens it again
	c.Start()
	r.set(nil)
	deliver(t, c)
	ids := r.requests()
	if got := r.positions(); !slices.Equal(got, upTo(66)) || len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("after the restart it has %v, in messages %v", got, ids)
	}
}

func TestWebhooksAreSentByThemselves(t *testing.T) {
	c, booths := filled(t)
	r, hanging := newReceiver(t), newReceiver(t)
	hook(t, c, hanging, hub.WebhookOpts{})
	hanging.set(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	hook(t, c, r, hub.WebhookOpts{})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := c.SendWebhooks(ctx); err != nil {
			t.Error(err)
		}
	})
	defer wg.Wait()
	defer stop()
	booths[0].Book.Write(t, kiosk.LaneUrgent, 1)
	pushBatch(t, c, booths[0], batchOf(t, booths[0], kiosk.LaneUrgent, 3, 3))
	for end := time.Now().Add(30 * time.Second); len(r.positions()) < 67; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it has %v", r.positions())
		}
	}
	if got := r.positions(); !slices.Equal(got, upTo(67)) {
		t.Errorf("it has %v", got)
	}
}

// TestTwoWhoSendAtOnceMakeNoMessageOfTheirOwn lets two send as it may come when the
// lead passes from one hub to another: what comes twice comes under one id.
func TestTwoWhoSendAtOnceMakeNoMessageOfTheirOwn(t *testing.T) {
	c, booths := filled(t)
	r := newReceiver(t)
	hook(t, c, r, hub.WebhookOpts{})
	booths[0].Book.Write(t, kiosk.LaneLog, 900)
	push(t, c, booths[0], 21, 920)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := c.DeliverNow(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	deliver(t, c)
	seen := map[string]bool{}
	var got []int64
	for i, id := range r.requests() {
		if !seen[id] {
			var in struct{ Data struct{ Records []wire.Row } }
			if err := json.Unmarshal(r.bodies[i], &in); err != nil {
				t.Fatal(err)
			}
			for _, row := range in.Data.Records {
				got = append(got, row.Pos)
			}
		}
		seen[id] = true
	}
	if slices.Sort(got); !slices.Equal(got, upTo(966)) {
		t.Errorf("by id it has %d records in %d messages", len(got), len(seen))
	}
}

func TestWebhookNotesHowFarItLookedInVain(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	w := hook(t, c, newReceiver(t), hub.WebhookOpts{Kinds: []kiosk.Kind{kiosk.KindDoorOpened}})
	b.Book.Write(t, kiosk.LaneLog, 10_000)
	push(t, c, b, 1, 5000)
	deliver(t, c)
	if at := theHook(t, c); at.Cursor != w.Cursor {
		t.Errorf("after 5000 it notes %d", at.Cursor)
	}
	push(t, c, b, 5001, 10_000)
	deliver(t, c)
	if at := theHook(t, c); at.Cursor != 10_000 || at.Behind != 0 {
		t.Errorf("after 10000 it notes %d, behind by %d", at.Cursor, at.Behind)
	}
}
