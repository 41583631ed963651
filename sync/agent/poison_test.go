package agent_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// poison is a record that no program of the city has use for, each in its own way.
func poison(rng *rand.Rand) kiosk.Draft {
	deep := strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)
	large := `"` + strings.Repeat("x", 32<<10-2) + `"`
	return [...]kiosk.Draft{
		{Kind: "robot.danced", Facts: []byte(`{"a":1}`)},
		{Kind: "Robot; DROP TABLE record", Facts: []byte(`{}`)},
		{Kind: kiosk.KindDoorOpened, Facts: []byte(`{"a":`)},
		{Kind: kiosk.KindDoorOpened, Facts: []byte("{\"a\":\"\x00\"}")},
		{Kind: kiosk.KindDoorOpened, Facts: []byte(deep)},
		{Kind: "large.as_64_kib", Facts: []byte(large), Sealed: []byte(large)},
	}[rng.IntN(6)]
}

// A tenth of a backlog is poison. All of it is stored in its place, the poison with a
// reason in quarantine, and nothing waits for it.
func TestT11PoisonHoldsNothingUp(t *testing.T) {
	p := kiosktest.Prove(t, "T11", "a tenth of the backlog is poison", kiosktest.Runs{Short: 1, Release: 20})
	backlog := p.Part(10_000)
	p.Count("lost", 0)
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 1))
		c := hubtest.New(t)
		b := c.Enrol("07")
		var bad int
		for i := range backlog {
			if d := (kiosk.Draft{Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `{"service":"3.1","number":%d}`, i)}); rng.IntN(10) > 0 {
				b.Book.WriteDraft(t, d)
				continue
			}
			b.Book.WriteDraft(t, poison(rng))
			bad++
		}
		stop := run(t, b, agent.Opts{})
		eventually(t, "the backlog is there", drained(b))
		b.Book.Write(t, kiosk.LaneUrgent, 1)
		eventually(t, "an alarm behind it, too", drained(b))
		stop()
		var odd int
		for after := int64(0); ; {
			page, err := c.Suspects(t.Context(), after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page {
				after = s.Quarantined.Pos
				if odd++; s.Reason == "" || s.Kind == kiosk.KindTicketIssued {
					t.Errorf("in quarantine: %+v", s)
				}
			}
			if len(page) == 0 {
				break
			}
		}
		if n := whole(t, c); n != backlog+1 || odd != bad {
			t.Errorf("%d stored, %d of them in quarantine; want %d and %d", n, odd, backlog+1, bad)
		}
		log, _ := kept(t, c)
		records, err := b.Book.Records(t.Context(), b.Book.Stream(kiosk.LaneLog), 0, backlog, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range records {
			if !bytes.Equal(log[b.Book.Stream(kiosk.LaneLog)][i], r.Header) {
				t.Fatalf("record %d is another at the hub", i+1)
			}
		}
		p.Count("in quarantine", odd)
		p.Count("records", backlog+1)
	}
}
