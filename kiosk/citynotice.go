package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// A notice of the city stands on the screens until its time is over, and no longer: a
// warning of last week is worse than none. Its end stands in the notice itself, so
// that a booth without a line takes it down, too. A booth's clock alone cannot be
// trusted with that, so what counts is the time that it surely is by now: see
// Lease.Surely.

// NoticeLevel says how loudly a notice speaks.
type NoticeLevel string

// The levels.
const (
	LevelNotice    NoticeLevel = "notice"
	LevelEmergency NoticeLevel = "emergency" // over the whole screen, until it was read
)

// The limits of a notice: what fits on one screen in large type.
const (
	maxNoticeTitle = 60 // characters
	maxNoticeLine  = 120
	maxNoticeLines = 6
	maxNoticeLife  = 366 * 24 * time.Hour
)

// CityNotice is what the city says on the screens of its booths.
type CityNotice struct {
	ID     string      `json:"id"`
	Level  NoticeLevel `json:"level"`
	Title  Text        `json:"title"`
	Lines  []Text      `json:"lines"` // what to do, a sentence each
	From   time.Time   `json:"from"`
	Until  time.Time   `json:"until"`            // it is shown no longer
	Booths []string    `json:"booths,omitempty"` // that show it; empty = all
}

var noticeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Check says what is wrong with a notice. The error has CodeInvalid.
func (n *CityNotice) Check() error {
	switch {
	case !noticeID.MatchString(n.ID):
		return noticeFault("id %.70q: want small letters, digits and dashes, at most 64", n.ID)
	case n.Level != LevelNotice && n.Level != LevelEmergency:
		return noticeFault("level %.20q: want notice or emergency", n.Level)
	case len(n.Lines) > maxNoticeLines:
		return noticeFault("%d lines, at most %d", len(n.Lines), maxNoticeLines)
	case n.Level == LevelEmergency && len(n.Lines) == 0:
		return noticeFault("lines: an emergency says what to do")
	case n.From.IsZero() || !n.Until.After(n.From):
		return noticeFault("until: must be later than from")
	case n.Until.Sub(n.From) > maxNoticeLife:
		return noticeFault("until: at most a year after from")
	case slices.Contains(n.Booths, ""):
		return noticeFault("booths: one has no id")
	}
	if err := checkNoticeText("title", n.Title, maxNoticeTitle); err != nil {
		return err
	}
	for i, l := range n.Lines {
		if err := checkNoticeText("lines["+strconv.Itoa(i)+"]", l, maxNoticeLine); err != nil {
			return err
		}
	}
	return nil
}

func checkNoticeText(field string, t Text, limit int) error {
	if strings.TrimSpace(t[Chinese]) == "" {
		return noticeFault("%s: the Chinese is missing", field)
	}
	for lang, s := range t {
		switch {
		case !slices.Contains(Langs(), lang):
			return noticeFault("%s: language %.10q is none of the screens'", field, lang)
		case utf8.RuneCountInString(s) > limit:
			return noticeFault("%s.%s: %d characters, at most %d", field, lang, utf8.RuneCountInString(s), limit)
		case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.C, r) }):
			return noticeFault("%s.%s: holds a character that cannot be shown", field, lang)
		}
	}
	return nil
}

func noticeFault(format string, args ...any) error {
	return Errorf(CodeInvalid, "error.notice", format, args...)
}

// Item returns the notice as it travels in FeedCity. The error is that of Check.
func (n *CityNotice) Item() (Item, error) {
	if err := n.Check(); err != nil {
		return Item{}, err
	}
	body, err := json.Marshal(n)
	if err != nil {
		return Item{}, Errorf(CodeInternal, "error.internal", "encode notice %s: %w", n.ID, err)
	}
	return Item{Feed: FeedCity, Type: ItemNotice, ID: n.ID, Op: ItemPut, MinVersion: FeedFormat, Body: body}, nil
}

// ParseNotice reads an item that Item made. The error has CodeInvalid.
func ParseNotice(i Item) (CityNotice, error) {
	var n CityNotice
	if err := json.Unmarshal(i.Body, &n); err != nil {
		return n, Errorf(CodeInvalid, "error.notice", "read notice %.64q: %w", i.ID, err)
	}
	if n.ID != i.ID {
		return n, noticeFault("item %.64q holds notice %.64q", i.ID, n.ID)
	}
	return n, n.Check()
}

// Runs reports whether the notice is to be shown at that time.
func (n *CityNotice) Runs(at time.Time) bool { return !at.Before(n.From) && at.Before(n.Until) }

// Surely returns a time that has surely come: the latest of what the lease has counted
// since the hub told the time, and of what anything trusted ever said. A clock that
// was set back, or that nobody vouches for, does not move it.
func (l Lease) Surely(boot ID, r Reading) time.Time {
	l.Count(boot, r)
	if by := l.Contact.Add(l.Used); !l.Contact.IsZero() && by.After(l.Floor) {
		return by
	}
	return l.Floor
}

// noticeboard is what the booth holds in memory of the city's notices. Their home is
// the file of the feeds.
type noticeboard struct {
	mu    sync.Mutex
	all   []CityNotice    // newest first
	lease func() Lease    // as it was counted last
	ended map[string]bool // by id and end: once over, a notice stays over until the booth restarts
	wake  chan struct{}
}

// TellNotices gives the booth the notices of its city, the newest last, and where
// to read the lease that counts their time.
func (b *Booth) TellNotices(all []CityNotice, lease func() Lease) {
	here := slices.DeleteFunc(slices.Clone(all), func(n CityNotice) bool {
		return len(n.Booths) > 0 && !slices.Contains(n.Booths, b.book.Booth())
	})
	slices.Reverse(here)
	b.board.mu.Lock()
	b.board.all, b.board.lease = here, lease
	b.board.mu.Unlock()
	b.turnNotices()
	select {
	case b.board.wake <- struct{}{}:
	default: // it wakes already
	}
}

// Notices returns the notices that are to be shown now, the newest first.
func (b *Booth) Notices() []CityNotice {
	live, _ := b.liveNotices()
	return live
}

// liveNotices also tells whether one has ended since the last look.
func (b *Booth) liveNotices() (live []CityNotice, ended bool) {
	b.board.mu.Lock()
	defer b.board.mu.Unlock()
	if len(b.board.all) == 0 {
		return nil, false
	}
	at := b.board.lease().Surely(b.book.Boot().ID, b.clock.Read())
	for _, n := range b.board.all {
		name := n.ID + "\x00" + n.Until.UTC().Format(time.RFC3339Nano)
		switch {
		case b.board.ended[name]:
		case !at.Before(n.Until):
			b.board.ended[name], ended = true, true
		case n.Runs(at):
			live = append(live, n)
		}
	}
	return live, ended
}

// turnNotices lets the screens know of what has come and what has ended.
func (b *Booth) turnNotices() (ended bool) {
	live, ended := b.liveNotices()
	all, urgent := sha256.New(), ""
	for _, n := range live {
		j, _ := json.Marshal(n) // strings and times that Check has seen
		all.Write(j)
		if n.Level == LevelEmergency {
			urgent += n.ID + " "
		}
	}
	ver := ""
	if len(live) > 0 {
		ver = hex.EncodeToString(all.Sum(nil)[:8])
	}
	b.change(func(s *Status) { s.Notices, s.Urgent = ver, strings.TrimSpace(urgent) })
	return ended
}

// noticeTick is how late a notice may come and go.
const noticeTick = 10 * time.Second

// RunNotices takes notices up and down as their time comes, until ctx ends. After the
// end of one it calls count, which must keep the time for good: after a restart with a
// clock that lost its battery the notice must not come back.
func (b *Booth) RunNotices(ctx context.Context, count func(context.Context)) error {
	for {
		if b.turnNotices() {
			count(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.board.wake:
		case <-time.After(noticeTick):
		}
	}
}

// ReadNotice notes that somebody at the screen has read an emergency notice; not who.
// The error has CodeNotFound where it is not shown any more.
func (b *Booth) ReadNotice(ctx context.Context, id string) error {
	if !slices.ContainsFunc(b.Notices(), func(n CityNotice) bool { return n.ID == id && n.Level == LevelEmergency }) {
		return Errorf(CodeNotFound, "error.not_found", "no such notice")
	}
	return b.note(ctx, KindNoticeRead, struct {
		Notice string `json:"notice"`
	}{id})
}
