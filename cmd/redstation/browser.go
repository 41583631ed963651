package main

import (
	"cmp"
	"context"
	"os"
	"time"

	"redstation/cmd/internal/browser"
	"redstation/cmd/internal/daemon"
)

type kioskBrowserCmd struct {
	URL        string        `name:"url" default:"http://127.0.0.1:8080" placeholder:"URL" help:"The booth whose screen to show (default: ${default})."`
	Browser    string        `default:"/usr/bin/chromium" placeholder:"PATH" help:"The browser, a Chromium (default: ${default})."`
	BrowserArg []string      `sep:"none" placeholder:"SWITCH" help:"One more switch of the browser, such as --browser-arg=--force-device-scale-factor=2; may be repeated."`
	Cage       string        `placeholder:"PATH" help:"Run the browser in this compositor (/usr/bin/cage), on the bare console, once a display is connected. Without it the browser opens on the desktop that is there."`
	Displays   string        `default:"/sys/class/drm" placeholder:"DIR" help:"With --cage: where the kernel tells which displays are connected (default: ${default})."`
	Scratch    string        `placeholder:"DIR" help:"Folder for the browser's profile, which is new at each start and removed at its end (default: systemd's runtime folder, or the one for temporary files)."`
	Frozen     time.Duration `default:"60s" placeholder:"TIME" help:"Start the browser anew when its page has been silent for so long (default: ${default}; the page speaks every 15 s)."`
}

// Help says what it waits for and how it ends.
func (kioskBrowserCmd) Help() string {
	return `Waits until the booth is ready, opens its screen in Chromium with nothing around it, and starts Chromium anew when it
ends or its page freezes. The booth may be restarted meanwhile: the page waits for it.

  redstation kiosk-browser                              on a desktop, as a trial (Ctrl-C ends it)
  redstation kiosk-browser --cage /usr/bin/cage         on a booth, as redstation-kiosk.service does

Under systemd (Type=notify) it tells what it waits for, and feeds the watchdog only while the page lives.`
}

// Run keeps the browser.
func (k *kioskBrowserCmd) Run(ctx context.Context, c *cli, out console) error {
	log := c.logger(out)
	settle := time.Second
	if k.Cage != "" {
		settle = 0 // as long as connectors need
	}
	keeper, err := browser.New(browser.Config{URL: k.URL, Program: k.Browser, Args: k.BrowserArg, Cage: k.Cage,
		Displays: k.Displays, Scratch: cmp.Or(k.Scratch, os.Getenv("RUNTIME_DIRECTORY")), Frozen: k.Frozen, Settle: settle,
		Log: log, Out: out.Err})
	if err != nil {
		return err
	}
	return keeper.Run(ctx, daemon.NewNotifier(os.Getenv, os.Getpid(), log))
}
