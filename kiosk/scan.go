package kiosk

import (
	"context"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxScan is the length of the longest code that counts as a scan, in bytes of
// UTF-8. A QR code holds more; none of ours does.
const MaxScan = 512

// Scan is what the scanner read off a code. It may be somebody's badge or a family's
// tag, so it lives in memory only: it is stored nowhere, and never logged. The text
// of a Scan has to be asked for by name; printing or logging one does not show it.
type Scan struct {
	Text string // printable, not empty, at most MaxScan bytes
}

// NewScan returns the scan of a text, without the space around it. The error has
// CodeInvalid, and does not hold the text, where it is no code: empty, too long, not
// UTF-8, or with characters in it that cannot be printed.
func NewScan(text string) (Scan, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > MaxScan || !utf8.ValidString(text) ||
		strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Scan{}, Errorf(CodeInvalid, "error.invalid", "what was scanned is no code: it must be 1 to %d bytes of printable text", MaxScan)
	}
	return Scan{Text: text}, nil
}

// String returns the same for every scan.
func (s Scan) String() string { return "a scan" }

// GoString returns the same for every scan.
func (s Scan) GoString() string { return "a scan" }

// LogValue implements slog.LogValuer.
func (s Scan) LogValue() slog.Value { return slog.StringValue("a scan") }

// NoteScan hands a scan to whoever waits for one, and tells the screens that there
// was one: Status.ScanCount.
func (b *Booth) NoteScan(s Scan) {
	b.mu.Lock()
	for ch := range b.scanWaiters {
		select {
		case <-ch: // make room: only the last scan counts
		default:
		}
		ch <- s
	}
	b.mu.Unlock()
	b.change(func(st *Status) { st.ScanCount, st.ScanChars = st.ScanCount+1, utf8.RuneCountInString(s.Text) })
	b.NotePresence()
}

// Scans returns a channel that carries the scans from now on. Slow readers miss all
// but the last. It is closed when ctx ends.
func (b *Booth) Scans(ctx context.Context) <-chan Scan {
	ch := make(chan Scan, 1)
	b.mu.Lock()
	b.scanWaiters[ch] = struct{}{}
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.scanWaiters, ch)
		select {
		case <-ch: // what was not read is not kept
		default:
		}
		close(ch)
	})
	return ch
}
