package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type demoCmd struct {
	Dir       string  `default:"demo-data" placeholder:"DIR" help:"Keep the state here; remove it to start afresh (default: ${default})."`
	BoothAddr string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"The first booth's touch screen; the next booths take the next ports (default: ${default})."`
	HubAddr   string  `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"The hub and its console (default: ${default})."`
	Booths    int     `default:"1" placeholder:"N" help:"How many booths, at most 23 (default: ${default})."`
	Diagonal  float64 `default:"10.1" placeholder:"INCHES" help:"The panel's diagonal (default: ${default})."`
	zoneFlag
	packFlag
}

// Help says what to look at.
func (demoCmd) Help() string {
	return `Open the booth's address in a browser and serve yourself; its printer and door are at /sim there, and
a scanner that types like a keyboard may be plugged in. Sign in at the hub with the account that the first start prints. Ctrl-C ends it; the next start goes on where it ended.`
}

// streets name the demo's booths: subdistricts of Jilin City.
var streets = [...]string{"北山街道", "龙潭街道", "船营街道", "昌邑街道", "丰满街道", "江南街道", "青岛街道", "大东街道",
	"南京街道", "向阳街道", "北极街道", "德胜街道", "临江街道", "长春路街道", "文庙街道", "兴华街道", "延安街道", "站前街道",
	"莲花街道", "通江街道", "哈达湾街道", "新吉林街道", "泰山街道"}

// The first booth of the demo is number 07.
const firstBooth = 7

// Run assembles hub and booths, tells where they are, and serves until Ctrl-C.
func (d *demoCmd) Run(ctx context.Context, c *cli, out console, v daemon.Version) (err error) {
	if d.Booths < 1 || d.Booths > len(streets) {
		return usageError{fmt.Errorf("--booths %d: give 1 to %d", d.Booths, len(streets))}
	}
	zone, err := d.location()
	if err != nil {
		return err
	}
	catalogue, err := d.catalogue()
	if err != nil {
		return err
	}
	log := daemon.Logger(out.Err, c.level(slog.LevelWarn))
	var closers closers
	defer func() { err = errors.Join(err, closers.close()) }()
	hub, err := hubd.Open(ctx, hubd.Config{Data: d.hubDir(), Addr: d.HubAddr, Zone: zone, Catalogue: catalogue,
		Version: v, Log: log.With("part", "hub")})
	if err != nil {
		return err
	}
	closers = append(closers, hub.Close)
	booths, err := d.openBooths(ctx, &closers, boothd.Config{Printer: "sim:", Door: "sim:", Scanner: "wedge:", Hub: hub.URL(),
		Zone: zone, Catalogue: catalogue, OwnPack: d.Pack != "", Diagonal: d.Diagonal, Version: v, Log: log})
	if err != nil {
		return err
	}
	password, err := d.prepare(ctx, hub)
	if err != nil {
		return err
	}
	d.tell(out, hub, booths, password)
	return d.serve(ctx, hub, booths, daemon.NewNotifier(os.Getenv, os.Getpid(), log))
}

// closers are what must be closed at the end, the last first.
type closers []func() error

func (c closers) close() error {
	var errs []error
	for _, f := range slices.Backward(c) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// serve runs the hub and the booths. A new booth is enrolled while the hub serves
// already, over the same line that it will use.
func (d *demoCmd) serve(ctx context.Context, hub *hubd.Hub, booths []*boothd.Booth, n *daemon.Notifier) error {
	loops := []func(context.Context) error{func(ctx context.Context) error { return hub.Run(ctx, n) }}
	for i, b := range booths {
		loops = append(loops, func(ctx context.Context) error {
			if err := d.enrol(ctx, hub, b, i); err != nil {
				return err
			}
			return b.Run(ctx, daemon.NoNotifier())
		})
	}
	return daemon.Together(ctx, loops...)
}

// openBooths opens all booths after one pattern.
func (d *demoCmd) openBooths(ctx context.Context, closers *closers, pattern boothd.Config) ([]*boothd.Booth, error) {
	var booths []*boothd.Booth
	for i := range d.Booths {
		c, id := pattern, boothID(i)
		addr, err := nextAddr(d.BoothAddr, i)
		if err != nil {
			return nil, err
		}
		c.Addr, c.Data, c.Log = addr, filepath.Join(d.Dir, "booth-"+id), c.Log.With("part", "booth "+id)
		b, err := boothd.Open(ctx, c)
		if err != nil {
			return nil, err
		}
		*closers = append(*closers, b.Close)
		booths = append(booths, b)
	}
	return booths, nil
}

func (d *demoCmd) hubDir() string { return filepath.Join(d.Dir, "hub") }

func boothID(i int) string { return fmt.Sprintf("%02d", firstBooth+i) }

// nextAddr returns the address of the i-th booth. Port 0 stays 0: any free one.
func nextAddr(addr string, i int) (string, error) {
	host, text, err := net.SplitHostPort(addr)
	port, portErr := strconv.Atoi(text)
	if err != nil || portErr != nil {
		return "", usageError{fmt.Errorf("--booth-addr %q: give HOST:PORT", addr)}
	}
	if port != 0 {
		port += i
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// enrol makes a booth that is new a booth of this hub.
func (d *demoCmd) enrol(ctx context.Context, hub *hubd.Hub, b *boothd.Booth, i int) error {
	if b.Enrolled() {
		return nil
	}
	invitation, err := hub.CreateEnrolment(ctx, boothID(i), streets[i], hub.URL())
	if err != nil {
		return err
	}
	return b.Enrol(ctx, invitation)
}

// demoAccount is the demo's administrator, who also pulls its log.
const demoAccount = "admin"

// tokenName is the file that keeps the demo's token, so that every start can show
// the line that pulls the log.
func (d *demoCmd) tokenName() string { return filepath.Join(d.Dir, "token") }

// prepare makes the account and the token of a demo that is new, and returns the
// account's one-time password then, "" otherwise.
func (d *demoCmd) prepare(ctx context.Context, hub *hubd.Hub) (password string, err error) {
	accounts, err := hub.Accounts(ctx)
	if err != nil {
		return "", err
	}
	if len(accounts) == 0 {
		if password, err = hub.AddAccount(ctx, demoAccount); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(d.tokenName()); err == nil {
		return password, nil
	}
	token, err := hub.CreateToken(ctx, demoAccount+"-"+time.Now().UTC().Format("20060102T150405"))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(d.tokenName(), []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the demo's token: %w", err)
	}
	return password, nil
}

// tell prints where everything is.
func (d *demoCmd) tell(out console, hub *hubd.Hub, booths []*boothd.Booth, password string) {
	var b strings.Builder
	b.WriteString("\nRed Station demo (state in " + d.Dir + ", Ctrl-C ends it)\n\n")
	for i, booth := range booths {
		fmt.Fprintf(&b, "  booth %s  %s/  %s\n  devices   %s/sim\n", boothID(i), booth.URL(), streets[i], booth.URL())
	}
	fmt.Fprintf(&b, "  hub       %s/\n", hub.URL())
	if password != "" {
		fmt.Fprintf(&b, "  sign in   name %s, one-time password %s (the console asks for a new one)\n", demoAccount, password)
	} else {
		fmt.Fprintf(&b, "  sign in   name %s (forgotten? %s hub user --data %s reset %s)\n",
			demoAccount, os.Args[0], d.hubDir(), demoAccount)
	}
	fmt.Fprintf(&b, "  the log   %s logs pull --hub %s --token-file %s --follow\n\n", os.Args[0], hub.URL(), d.tokenName())
	fmt.Fprint(out.Out, b.String())
}
