package hub

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// census reads figures from the store when somebody asks for them. Booths are
// counted by state; single ones have figures of their own only in a city where
// that many lines are bearable.
type census struct {
	hub  *Hub
	desc map[string]*prometheus.Desc
}

const (
	censusTime   = 10 * time.Second
	singleBooths = 1000            // at most so many have figures of their own
	offlineAfter = 5 * time.Minute // without a word from a booth that says hello twice a minute
)

// The states that booths are counted by; the first that fits.
const (
	boothRevoked = "revoked"
	boothInvited = "invited" // it has not enrolled yet
	boothOffline = "offline"
	boothBehind  = "behind"
	boothCurrent = "current"
)

// figures are the names, helps and labels of what a census tells.
var figures = [...]struct{ name, help, label string }{
	{"store_up", "Whether the store could be read: 1, or 0 and nothing below is told.", ""},
	{"store_bytes", "How large the database is.", ""},
	{"log_position", "The position of the last record.", ""},
	{"quarantined_records", "Records that are stored and could not be made sense of.", ""},
	{"forked_records", "Records that were set aside because two books write one stream.", ""},
	{"booths", "Booths by state.", "state"},
	{"booths_in_trouble", "Booths whose last contact failed.", ""},
	{"behind_records", "Records that booths have and the hub has not, by their own word.", ""},
	{"oldest_unsent_age_seconds", "The age of the oldest of them, by its booth's clock; 0 where there is none.", ""},
	{"booth_behind_records", "Records that the booth has and the hub has not; not told in a city of more than 1,000 booths.", "booth"},
	{"booth_contact_age_seconds", "How long the booth has been silent; not told in a city of more than 1,000 booths.", "booth"},
	{"waiting_pullers", "Pulls and webhooks that wait for news.", ""},
	{"webhook_behind_records", "Records that the webhook has not been looked through for.", "webhook"},
	{"webhook_dead_deliveries", "Deliveries to the webhook that were given up.", "webhook"},
	{"webhook_failures", "Attempts in vain at the delivery that is next.", "webhook"},
}

func newCensus(h *Hub) *census {
	c := &census{hub: h, desc: map[string]*prometheus.Desc{}}
	for _, f := range figures {
		var labels []string
		if f.label != "" {
			labels = []string{f.label}
		}
		c.desc[f.name] = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", f.name), f.help, labels, nil)
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *census) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.desc {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *census) Collect(to chan<- prometheus.Metric) {
	tell := func(name string, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(c.desc[name], prometheus.GaugeValue, value, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), censusTime)
	defer cancel()
	s, err := c.hub.survey(ctx)
	if err != nil {
		c.hub.log.ErrorContext(ctx, "figures not read", "error", err)
		tell("store_up", 0)
		return
	}
	tell("store_up", 1)
	tell("store_bytes", float64(s.size))
	tell("log_position", float64(s.last))
	tell("quarantined_records", float64(s.quarantined))
	tell("forked_records", float64(s.forked))
	tell("waiting_pullers", float64(c.hub.news.count()))
	countBooths(s.booths, c.hub.now(), tell)
	for _, w := range s.hooks {
		tell("webhook_behind_records", float64(w.Behind), w.ID)
		tell("webhook_dead_deliveries", float64(w.Dead), w.ID)
		tell("webhook_failures", float64(w.Tries), w.ID)
	}
}

func countBooths(booths []kiosk.Station, now time.Time, tell func(name string, value float64, labels ...string)) {
	states := map[string]int{boothRevoked: 0, boothInvited: 0, boothOffline: 0, boothBehind: 0, boothCurrent: 0}
	var behind int64
	var trouble int
	var oldest time.Duration
	for _, b := range booths {
		states[boothState(b, now)]++
		if b.Revoked {
			continue
		}
		behind += b.Behind
		if b.LastError != "" {
			trouble++
		}
		if !b.Oldest.IsZero() {
			oldest = max(oldest, now.Sub(b.Oldest))
		}
		if len(booths) <= singleBooths && !b.EnrolledAt.IsZero() {
			tell("booth_behind_records", float64(b.Behind), b.ID)
			tell("booth_contact_age_seconds", now.Sub(b.LastContact).Seconds(), b.ID)
		}
	}
	for state, n := range states {
		tell("booths", float64(n), state)
	}
	tell("booths_in_trouble", float64(trouble))
	tell("behind_records", float64(behind))
	tell("oldest_unsent_age_seconds", oldest.Seconds())
}

func boothState(b kiosk.Station, now time.Time) string {
	switch {
	case b.Revoked:
		return boothRevoked
	case b.EnrolledAt.IsZero():
		return boothInvited
	case now.Sub(b.LastContact) > offlineAfter:
		return boothOffline
	case b.Behind > 0:
		return boothBehind
	}
	return boothCurrent
}

// survey is what a census reads.
type survey struct {
	size, last, quarantined int64
	forked                  int
	booths                  []kiosk.Station
	hooks                   []Webhook
}

func (h *Hub) survey(ctx context.Context) (s survey, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		for _, read := range [...]func() error{
			func() (err error) { s.size, err = tx.Size(ctx); return err },
			func() (err error) { s.last, err = tx.LastPos(ctx); return err },
			func() (err error) { s.quarantined, err = tx.CountQuarantined(ctx); return err },
			func() (err error) { s.forked, err = tx.Forks(ctx); return err },
			func() (err error) { s.booths, err = tx.Stations(ctx); return err },
			func() (err error) { s.hooks, err = hookStates(ctx, tx); return err },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		return nil
	})
	return s, err
}
