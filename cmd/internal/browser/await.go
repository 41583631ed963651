package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
)

// await waits until the booth is ready and a display is connected, and tells what
// it waits for. It returns false when ctx ended.
func (k *Keeper) await(ctx context.Context, n *daemon.Notifier) bool {
	told := ""
	for {
		lacks := k.lacks(ctx)
		if ctx.Err() != nil {
			return false
		}
		if lacks == "" {
			return true
		}
		k.sign.note(time.Now()) // what is lacking is no browser's fault
		if lacks != told {
			k.c.Log.InfoContext(ctx, "browser waits", "for", lacks)
			n.Status("waiting for " + lacks)
			told = lacks
		}
		if !rest(ctx, min(k.look, time.Second)) {
			return false
		}
	}
}

// lacks names what is not there yet, or nothing.
func (k *Keeper) lacks(ctx context.Context) string {
	if _, err := daemon.Probe(ctx, k.c.URL+"/readyz"); err != nil {
		return "the booth at " + k.c.URL
	}
	if k.c.Cage != "" && !connected(k.c.Displays) {
		return "a connected display in " + k.c.Displays
	}
	return ""
}

// connected reports whether a display is connected that can show a picture: one of
// the kernel's connectors (card1-HDMI-A-1) says "connected" and has at least one
// mode. Some drivers say "connected" a moment before the modes are read, and a
// compositor that starts then finds no screen and never looks again.
func connected(dir string) bool {
	connectors, err := filepath.Glob(filepath.Join(dir, "card*-*"))
	if err != nil {
		return false
	}
	for _, c := range connectors {
		status, err := os.ReadFile(filepath.Join(c, "status"))
		if err != nil || strings.TrimSpace(string(status)) != "connected" {
			continue
		}
		modes, err := os.ReadFile(filepath.Join(c, "modes"))
		if err == nil && len(strings.TrimSpace(string(modes))) > 0 {
			return true
		}
	}
	return false
}
