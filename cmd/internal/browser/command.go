package browser

import (
	"os"
	"os/exec"
	"slices"
	"strings"
)

// switches are Chromium's, for a screen that anybody may touch. Each was found in
// the program itself (version 156): many that are still passed around are gone.
func switches(profile string) []string {
	return []string{
		"--kiosk",
		"--user-data-dir=" + profile,
		"--incognito", // and so writes less into the profile
		"--no-first-run",
		"--no-default-browser-check",
		"--noerrdialogs",
		"--hide-crash-restore-bubble",
		"--deny-permission-prompts",
		"--password-store=basic", // no keyring, and no question about one
		"--autoplay-policy=no-user-gesture-required",

		// Gestures that would leave the page or enlarge it.
		"--disable-pinch",
		"--overscroll-history-navigation=0",
		"--pull-to-refresh=0",

		// Nothing leaves the machine, and nothing asks for an update that comes with
		// the system's packages.
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-domain-reliability",
		"--disable-sync",
		"--disable-breakpad",
		"--disable-features=Translate,MediaRouter,OptimizationHints",
		"--check-for-update-interval=31536000",

		// The page's heartbeat goes on while the display is switched off.
		"--disable-background-timer-throttling",
		"--disable-backgrounding-occluded-windows",
		"--disable-renderer-backgrounding",

		"--disk-cache-size=33554432", // bytes; the profile lies in memory
	}
}

// command is the browser with a profile of its own, inside the compositor where
// one is named. The folder is also its home: whatever a library leaves there goes
// with it.
func (k *Keeper) command(dir string) *exec.Cmd {
	args := switches(dir)
	program := k.c.Program
	if k.c.Cage != "" {
		args = append(args, "--ozone-platform=wayland")
	}
	args = append(append(args, k.c.Args...), k.c.URL+"/")
	if k.c.Cage != "" {
		// No decorations; only the display that was connected last: the others may be
		// connectors without a panel.
		args = append([]string{"-d", "-m", "last", "--", program}, args...)
		program = k.c.Cage
	}
	cmd := exec.Command(program, args...) //nolint:noctx // it is ended by a signal and a wait, not at once
	cmd.Env = append(environment(os.Environ()),
		"HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "XDG_DATA_HOME="+dir)
	cmd.Stdout, cmd.Stderr = k.c.Out, k.c.Out
	return cmd
}

// environment is what the browser may know of ours: not how to feed the watchdog.
func environment(ours []string) []string {
	return slices.DeleteFunc(slices.Clone(ours), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return name == "NOTIFY_SOCKET" || strings.HasPrefix(name, "WATCHDOG_") || strings.HasPrefix(name, "REDSTATION_")
	})
}
