package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

func pullAll(t *testing.T, c *hubtest.City, token string, o wire.PullOpts) (rows []wire.Row) {
	t.Helper()
	for r, err := range wire.Pull(t.Context(), c.URL, token, o) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// filled returns a hub with 3 booths of 20 records in the log lane, which came in
// turns of 5, an hour apart, and two urgent ones each.
func filled(t *testing.T) (*hubtest.City, []*hubtest.Booth) {
	t.Helper()
	c := hubtest.New(t)
	var booths []*hubtest.Booth
	for i := range 3 {
		b := c.Enrol(fmt.Sprintf("0%d", i+1))
		for n := range 20 {
			kind := []kiosk.Kind{kiosk.KindTicketIssued, kiosk.KindDoorOpened, kiosk.KindDoorClosed}[n%3]
			b.Book.WriteDraft(t, kiosk.Draft{Kind: kind, Facts: fmt.Appendf(nil, `{"n":%d}`, n)})
		}
		b.Book.Write(t, kiosk.LaneUrgent, 2)
		booths = append(booths, b)
	}
	for turn := uint64(0); turn < 4; turn++ {
		for _, b := range booths {
			push(t, c, b, turn*5+1, turn*5+5)
		}
		c.Clock.Add(time.Hour)
	}
	for _, b := range booths {
		pushBatch(t, c, b, batchOf(t, b, kiosk.LaneUrgent, 1, 2))
	}
	return c, booths
}

func TestPull(t *testing.T) {
	c, booths := filled(t)
	token, err := c.CreateToken(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	all := pullAll(t, c, token, wire.PullOpts{Limit: 7})
	if len(all) != 66 {
		t.Fatalf("%d rows, want 66", len(all))
	}
	for i, r := range all {
		if r.Pos != int64(i+1) || r.Name != "Booth "+r.Booth || r.Received.IsZero() || len(r.Header) == 0 || !json.Valid(r.Facts) {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	first, err := booths[0].Book.Records(t.Context(), booths[0].Book.Stream(kiosk.LaneLog), 0, 1, 1<<20)
	if err != nil || !bytes.Equal(first[0].Header, all[0].Header) || !bytes.Equal(first[0].Facts, all[0].Facts) {
		t.Errorf("the first row is not the first record: %v", err)
	}
	tests := []struct {
		name string
		o    wire.PullOpts
		want func(wire.Row) bool
	}{
		{"from a cursor", wire.PullOpts{After: 30}, func(r wire.Row) bool { return r.Pos > 30 }},
		{"one booth", wire.PullOpts{Booths: []string{"02"}}, func(r wire.Row) bool { return r.Booth == "02" }},
		{"one booth from the middle of a batch", wire.PullOpts{Booths: []string{"02"}, After: 7}, func(r wire.Row) bool { return r.Booth == "02" && r.Pos > 7 }},
		{"one kind", wire.PullOpts{Kinds: []string{"door.opened"}}, func(r wire.Row) bool { return r.Kind == kiosk.KindDoorOpened }},
		{"a booth and a kind", wire.PullOpts{Booths: []string{"03"}, Kinds: []string{"door.closed"}}, func(r wire.Row) bool { return r.Booth == "03" && r.Kind == kiosk.KindDoorClosed }},
		{"since a time", wire.PullOpts{Since: all[20].Received}, func(r wire.Row) bool { return !r.Received.Before(all[20].Received) }},
		{"since tomorrow", wire.PullOpts{Since: c.Clock.Read().Wall.Add(24 * time.Hour)}, func(wire.Row) bool { return false }},
		{"an unknown kind", wire.PullOpts{Kinds: []string{"no.such"}}, func(wire.Row) bool { return false }},
		{"an unknown booth", wire.PullOpts{Booths: []string{"99"}}, func(wire.Row) bool { return false }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, limit := range []int{3, 1000} {
				tt.o.Limit = limit
				var want []int64
				for _, r := range all {
					if tt.want(r) {
						want = append(want, r.Pos)
					}
				}
				var got []int64
				for _, r := range pullAll(t, c, token, tt.o) {
					got = append(got, r.Pos)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%d rows a page: got %v, want %v", limit, got, want)
				}
			}
		})
	}
}

func TestPullFollows(t *testing.T) {
	c, booths := filled(t)
	token, err := c.CreateToken(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	booths[0].Book.Write(t, kiosk.LaneLog, 3)
	n := 0
	for r, err := range wire.Pull(t.Context(), c.URL, token, wire.PullOpts{After: 64, Follow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; r.Pos != int64(64+n) {
			t.Fatalf("row %d has position %d", n, r.Pos)
		}
		if n == 2 {
			go push(t, c, booths[0], 21, 23)
		}
		if n == 5 {
			break
		}
	}
	tokens, err := c.ListTokens(t.Context())
	if err != nil || len(tokens) != 1 || tokens[0].LastUsed.IsZero() {
		t.Errorf("tokens: %+v, %v", tokens, err)
	}
}

func TestFollowingEndsAtItsBound(t *testing.T) {
	c, _ := filled(t)
	token := newToken(t, c, "city", hub.Grant{})
	for want, o := range map[int]wire.PullOpts{30: {Before: 31}, 60: {Until: c.Clock.Read().Wall}} {
		o.Follow, o.Limit = true, 7
		n, moved := 0, int64(0)
		o.Moved = func(at int64) { moved = at }
		for _, err := range wire.Pull(t.Context(), c.URL, token, o) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("%d rows, want %d; the cursor was told as %d", n, want, moved)
		}
	}
}

func TestFollowingRidesOutARestart(t *testing.T) {
	c, booths := filled(t)
	token := newToken(t, c, "city", hub.Grant{})
	booths[0].Book.Write(t, kiosk.LaneLog, 3)
	var once sync.Once
	gone := make(chan struct{})
	o := wire.PullOpts{After: 60, Follow: true, Pause: 20 * time.Millisecond, Away: func(err error, _ time.Duration) {
		if kiosk.CodeOf(err) != kiosk.CodeOffline {
			t.Errorf("away: %v", err)
		}
		once.Do(func() { close(gone) })
	}}
	pos := int64(60)
	for r, err := range wire.Pull(t.Context(), c.URL, token, o) {
		if err != nil {
			t.Fatal(err)
		}
		if pos++; r.Pos != pos {
			t.Fatalf("position %d after %d", r.Pos, pos-1)
		}
		if pos == 66 {
			go func() {
				c.Stop()
				<-gone
				c.Start()
				push(t, c, booths[0], 21, 23)
			}()
		}
		if pos == 69 {
			break
		}
	}
}

func TestPullIsRefusedInOneLine(t *testing.T) {
	c, _ := filled(t)
	token, err := c.CreateToken(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateToken(t.Context(), "city"); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("the same name again: %v", err)
	}
	refused := func(name, token string, code kiosk.Code) {
		t.Helper()
		for _, err := range wire.Pull(t.Context(), c.URL, token, wire.PullOpts{}) {
			if kiosk.CodeOf(err) != code || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, want %s", name, err, code)
			}
		}
	}
	refused("no token", "", kiosk.CodeDenied)
	refused("a wrong token", token+"x", kiosk.CodeDenied)
	for _, query := range []string{"after=x", "after=-1", "limit=0", "limit=5001", "since=yesterday", "wait=long", "boot=07"} {
		r, err := http.NewRequest(http.MethodGet, c.URL+wire.PathRecords+"?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var e wire.APIError
		if err := json.NewDecoder(resp.Body).Decode(&e); err != nil || resp.StatusCode != http.StatusBadRequest || e.Detail == "" {
			t.Errorf("%s: %s %q, %v", query, resp.Status, e.Detail, err)
		}
		resp.Body.Close()
	}
	if err := c.RevokeToken(t.Context(), "city"); err != nil {
		t.Fatal(err)
	}
	refused("a revoked token", token, kiosk.CodeDenied)
	if err := c.RevokeToken(t.Context(), "none"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("a token that is not there: %v", err)
	}
}
