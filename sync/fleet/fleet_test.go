package fleet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/fleet"
	"redstation/sync/hub/hubtest"
)

// TestFleetLivesThroughEveryPattern runs small fleets against a hub of this
// process.
func TestFleetLivesThroughEveryPattern(t *testing.T) {
	for _, outage := range []fleet.Outage{fleet.OutageNone, fleet.OutageDaily, fleet.OutageStorm} {
		t.Run(string(outage), func(t *testing.T) {
			t.Parallel()
			c := hubtest.New(t)
			c.Clock.Set(time.Now())
			token, err := c.CreateToken(t.Context(), "fleet")
			if err != nil {
				t.Fatal(err)
			}
			const booths, days, records = 4, 3, 25
			var mu sync.Mutex
			passed := map[string]bool{}
			f := fleet.New(fleet.Config{Booths: booths, Days: days, Day: 150 * time.Millisecond, Records: records, Urgent: 0.2, Outage: outage,
				Spread: 20 * time.Millisecond, Drain: time.Minute, Conns: 2, Seed: 3,
				Name: func(i int) string { return fmt.Sprintf("%02d", i) },
				Invite: func(ctx context.Context, id string) (string, error) {
					return c.CreateEnrolment(ctx, id, "booth", c.URL)
				},
				Open: func(_ context.Context, id string, _ kiosk.Enrolment) (fleet.Book, error) {
					return fleet.NewMemory(id), nil
				},
				Progress: func(what string, _, _ int) { mu.Lock(); passed[what] = true; mu.Unlock() },
				Log:      hubtest.Quiet()})
			defer f.Close() //nolint:errcheck // books in memory
			if err := f.Enrol(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := f.Run(t.Context(), c.URL, token)
			if err != nil {
				t.Fatal(err)
			}
			if broken := r.Broken(); broken != "" {
				t.Error(broken)
			}
			const all = booths * days * records
			if r.Written != all || r.Acked != all || r.AtHub != all || r.Urgent.N == 0 || r.Wire == 0 {
				t.Errorf("got %+v, want %d records", r, all)
			}
			if !passed["enrolled"] || !passed["compared"] {
				t.Errorf("progress was told of %v", passed)
			}
		})
	}
}
