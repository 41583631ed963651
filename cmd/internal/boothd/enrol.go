package boothd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
)

// usedName is the file that holds the hash of the enrolment string that the booth
// was enrolled with. A service file may so name the string for ever: it is spent
// once, and a new string enrols the booth anew.
const usedName = "enrolled"

const enrolTimeout = 20 * time.Second

// Enrolled reports whether the booth belongs to a city.
func (b *Booth) Enrolled() bool { return b.enrolment.Load() != nil }

// Enrol spends an enrolment string. Call it before Run. A string that this booth
// was enrolled with already is passed over. Where the hub cannot be reached the
// booth serves without it, and Run goes on trying; every other error says what is
// wrong with the string.
func (b *Booth) Enrol(ctx context.Context, invitation string) error {
	invitation = strings.TrimSpace(invitation)
	b.invited = invitation != ""
	if invitation == "" || b.used(invitation) {
		return nil
	}
	err := b.enrol(ctx, invitation)
	if kiosk.CodeOf(err) == kiosk.CodeOffline {
		b.log.WarnContext(ctx, "hub not reached, enrolment goes on in the background", slog.Any("err", err))
		b.invitation = invitation
		return nil
	}
	return err
}

func (b *Booth) enrol(ctx context.Context, invitation string) error {
	ctx, cancel := context.WithTimeout(ctx, enrolTimeout)
	defer cancel()
	e, err := agent.Enrol(ctx, invitation, b.key, agent.Opts{Log: b.log, Now: b.certificateTime, Line: b.line, Version: b.version, Hardware: model()})
	if err != nil {
		return err
	}
	if err := b.book.Enrol(ctx, e); err != nil {
		return fmt.Errorf("store enrolment: %w", err)
	}
	if err := b.kiosk.Enrolled(e); err != nil {
		return err
	}
	b.belongs(e)
	return b.use(invitation)
}

// enrolOnce enrols a booth that serves already, unless it has been enrolled meanwhile.
func (b *Booth) enrolOnce(ctx context.Context, invitation string) error {
	b.enrolling.Lock()
	defer b.enrolling.Unlock()
	if b.Enrolled() {
		return nil
	}
	return b.enrol(ctx, invitation)
}

// belongs notes which city the booth belongs to, and lets the uplink begin.
func (b *Booth) belongs(e kiosk.Enrolment) {
	if b.enrolment.Swap(&e) == nil {
		close(b.joined)
	}
}

// model says what this machine is, for the hub's list of booths.
func model() string {
	text, err := os.ReadFile("/proc/device-tree/model") // ends with a NUL
	if err != nil {
		return runtime.GOOS + "/" + runtime.GOARCH
	}
	return strings.TrimRight(string(text), "\x00\n")
}

func (b *Booth) used(invitation string) bool {
	text, err := os.ReadFile(filepath.Join(b.dir, usedName))
	return err == nil && b.Enrolled() && strings.TrimSpace(string(text)) == hash(invitation)
}

func (b *Booth) use(invitation string) error {
	if err := os.WriteFile(filepath.Join(b.dir, usedName), []byte(hash(invitation)+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the spent enrolment string: %w", err)
	}
	return nil
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// runUplink carries the book to the hub until ctx ends, once the booth is enrolled:
// by Enrol, by itself where Enrol could not, or by whoever sets the booth up.
func (b *Booth) runUplink(ctx context.Context) error {
	if err := b.enrolLater(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-b.joined:
	}
	e := *b.enrolment.Load()
	if b.hub != "" {
		e.Hub = b.hub
	}
	a, err := agent.New(b.book, e, b.key, agent.Opts{
		Log:      b.log,
		Now:      b.certificateTime,
		Version:  b.version,
		Appended: b.book.Appended(),
		Printer:  func() kiosk.PrinterState { return b.kiosk.Status().Printer },
		Feeds:    b.toldFeeds,
		OnUplink: b.kiosk.NoteUplink,
		OnTime:   b.hearHub,
		Spread:   b.spread(),
		Line:     b.line,
		Ties:     b.tiesTo(e),
	})
	if err != nil {
		return fmt.Errorf("start sync: %w", err)
	}
	return a.Run(ctx)
}

// enrolLater tries the enrolment string again, ever more rarely, until the hub has
// an answer to it. A refusal is logged and leaves the booth as it is: it serves on.
func (b *Booth) enrolLater(ctx context.Context) error {
	if b.invitation == "" {
		return nil
	}
	b.kiosk.NoteUplink(kiosk.Uplink{Known: true})
	for wait := 2 * time.Second; ; wait = min(2*wait, 5*time.Minute) {
		select {
		case <-ctx.Done():
			return nil
		case <-b.joined:
			return nil
		case <-time.After(wait):
		}
		err := b.enrolOnce(ctx, b.invitation)
		switch {
		case err == nil, ctx.Err() != nil:
			return nil
		case kiosk.CodeOf(err) == kiosk.CodeOffline:
			continue
		case kiosk.CodeOf(err) == kiosk.CodeInternal:
			return err
		}
		b.log.ErrorContext(ctx, "booth not enrolled", slog.Any("err", err))
		return nil
	}
}

// freshBoot is how soon after the machine's boot a first contact counts as one
// after a power cut, when every booth of the city calls at once.
const freshBoot = 5 * time.Minute

// spread is how long the first contact may be put off. Whoever has just enrolled the
// booth on its screen waits for it.
func (b *Booth) spread() time.Duration {
	if b.clock.Read().Since > freshBoot || b.install.joinedHere() {
		return 0
	}
	return b.firstContact
}
