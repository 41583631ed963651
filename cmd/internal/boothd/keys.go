package boothd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
)

// keyLife is how old the booth's own key grows before it is changed.
const keyLife = 365 * 24 * time.Hour

// keyOpts let keys change while the booth runs.
func (b *Booth) keyOpts() agent.KeyOpts {
	return agent.KeyOpts{Dir: b.dir, Life: keyLife, Renew: b.renewKeys}
}

// tiesTo returns what the booth knows of its hub's keys, the same for all who speak
// with the hub: what one of them learns counts for the others at once.
func (b *Booth) tiesTo(e kiosk.Enrolment) *agent.Ties {
	b.tying.Do(func() { b.ties = agent.NewTies(e, b.key, b.keyOpts()) })
	return b.ties
}

// renewKeys stores what was learned of keys, and seals with them from then on. Where
// the hub is reached is the book's word, whatever --hub says.
func (b *Booth) renewKeys(ctx context.Context, old, renewed kiosk.Enrolment) error {
	hub := b.enrolment.Load().Hub
	old.Hub, renewed.Hub = hub, hub
	if err := b.book.RenewKeys(ctx, old, renewed); err != nil {
		return err
	}
	if err := b.kiosk.Enrolled(renewed); err != nil {
		return err
	}
	b.enrolment.Store(&renewed)
	if len(renewed.KeyChain) == len(old.KeyChain) {
		return nil
	}
	key, err := agent.NextKey(b.dir) // the hub has it, and it takes the old one's place now
	if err == nil {
		b.kiosk.Rekeyed(key)
	}
	return err
}

// NewKey makes the key that is to follow on the booth's own. A booth that runs
// introduces it to its hub with the next contact, one that does not when it starts.
func NewKey(data string) error {
	if _, err := os.Stat(filepath.Join(data, sqlite.FileName)); err != nil {
		return fmt.Errorf("%s holds no booth: name the folder that the booth has as --data", data)
	}
	return agent.NewKey(data)
}
