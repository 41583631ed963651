package daemon

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Ring keeps the last lines of the log in memory, for the people who tend the
// machine and have no terminal at hand. It is safe for concurrent use.
type Ring struct {
	most int
	skip string

	mu    sync.Mutex
	text  bytes.Buffer // of the attributes of the line that is being written
	lines []Line       // the oldest at next, once there are most
	next  int
}

// Line is one line of the log.
type Line struct {
	At    time.Time
	Level slog.Level
	Text  string // the message, and the attributes as key=value
}

// longestLine bounds what one line may take, in bytes.
const longestLine = 400

// NewRing returns a ring of so many lines. Lines with the message skip are left out:
// one for each page that is served would push out all else.
func NewRing(most int, skip string) *Ring { return &Ring{most: most, skip: skip} }

// Lines returns what is kept, newest first.
func (r *Ring) Lines() []Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := append(slices.Clone(r.lines[r.next:]), r.lines[:r.next]...)
	slices.Reverse(out)
	return out
}

// Handler returns a handler that keeps what is said at level info or above and
// hands everything on to next.
func (r *Ring) Handler(next slog.Handler) slog.Handler {
	attrs := slog.NewTextHandler(&r.text, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		return a
	}})
	return ringHandler{ring: r, attrs: attrs, next: next}
}

// ringHandler is one logger's way into the ring.
type ringHandler struct {
	ring  *Ring
	attrs slog.Handler // writes a record's attributes into the ring's text
	next  slog.Handler
}

// Enabled implements slog.Handler.
func (h ringHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || h.next.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h ringHandler) Handle(ctx context.Context, rec slog.Record) error {
	if rec.Level >= slog.LevelInfo && rec.Message != h.ring.skip {
		if err := h.keep(ctx, rec); err != nil {
			return err
		}
	}
	if !h.next.Enabled(ctx, rec.Level) {
		return nil
	}
	return h.next.Handle(ctx, rec)
}

func (h ringHandler) keep(ctx context.Context, rec slog.Record) error {
	r := h.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Reset()
	if err := h.attrs.Handle(ctx, rec); err != nil {
		return err
	}
	text := strings.TrimSpace(rec.Message + " " + r.text.String())
	if len(text) > longestLine {
		text = strings.ToValidUTF8(text[:longestLine], "") + " …"
	}
	line := Line{At: rec.Time, Level: rec.Level, Text: text}
	if len(r.lines) < r.most {
		r.lines = append(r.lines, line)
		return nil
	}
	r.lines[r.next] = line
	r.next = (r.next + 1) % r.most
	return nil
}

// WithAttrs implements slog.Handler.
func (h ringHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ringHandler{h.ring, h.attrs.WithAttrs(attrs), h.next.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h ringHandler) WithGroup(name string) slog.Handler {
	return ringHandler{h.ring, h.attrs.WithGroup(name), h.next.WithGroup(name)}
}
