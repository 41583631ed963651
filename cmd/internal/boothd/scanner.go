package boothd

import (
	"context"
	"log/slog"
	"time"

	"redstation/hardware/scanner"
	"redstation/kiosk"
)

// lazyScanner is a QR scanner that may not be there yet.
type lazyScanner struct{ lazy[*scanner.Scanner] }

func openScanner(dsn string, again time.Duration, log *slog.Logger) (lazyScanner, error) {
	l, err := openLazy("scanner", dsn, again, log, func() (*scanner.Scanner, error) { return scanner.Open(dsn, scanner.Opts{}) })
	return lazyScanner{l}, err
}

// sim returns the controls of a simulated scanner, or nil.
func (s *lazyScanner) sim() *scanner.Sim {
	if !s.ok {
		return nil
	}
	return s.first.Sim()
}

// wedge reports whether it types like a keyboard and the page must listen.
func (s *lazyScanner) wedge() bool { return s.ok && s.first.Wedge() }

// watch tells what is scanned until ctx ends.
func (s *lazyScanner) watch(ctx context.Context, say func(kiosk.Scan)) error {
	return s.run(ctx, func(bool) {}, func(ctx context.Context, d *scanner.Scanner) error { return d.Run(ctx, say) })
}
