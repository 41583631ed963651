package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"redstation/sync/fleet"
)

// print writes the table.
func (f *fleetCmd) print(w io.Writer, r *lived, city *fleetHub, conns int) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(what, format string, args ...any) { fmt.Fprintf(t, what+"\t"+format+"\n", args...) }
	row("fleet", "%d booths, %d days of %d records, %g%% urgent, seed %d", f.Booths, f.Days, f.Records, 100*f.Urgent, f.Seed)
	row("lines", "%s", f.lines(conns))
	row("books", "%s", map[string]string{"memory": "in memory", "disk": "SQLite on disk, fsynced"}[f.Book])
	row("hub", "%s", f.store(city))
	row("written", "%s", thousands(r.Written))
	row("acknowledged", "%s", thousands(r.Acked))
	row("at the hub", "%s", thousands(r.AtHub))
	row("lost", "%d", r.Lost+r.Missing)
	row("doubled", "%d", r.Doubled)
	row("other bytes, out of order", "%d, %d", r.Changed, r.Gaps)
	row("skipped by the puller", "%d", r.Skipped)
	row("not acknowledged in time", "%d", r.Behind)
	row("duration", "%s, %s records a second", short(r.Took), thousands(int(float64(r.Acked)/r.Took.Seconds())))
	row("urgent p50, p99, longest", "%s", f.times(r.Urgent, "records"))
	row("of that at the hub p50, p99", "%s", f.atHub(r.atHub))
	if f.Outage == string(fleet.OutageStorm) {
		row("a booth has sent all, likewise", "%s", f.times(r.Drained, "booths"))
	}
	row("on the wire", "%d bytes a record, with HTTP and hellos", r.Wire/int64(max(r.Acked, 1)))
	if city.own {
		row("hub's processor time", "%.1f s", city.cpu().Seconds())
		row("hub's memory at most", "%d MB", city.memory()>>20)
	}
	row("booths' processor time", "%.1f s, on the same machine", r.own.Seconds())
	t.Flush() //nolint:errcheck // to standard output
}

func (f *fleetCmd) lines(conns int) string {
	text := map[string]string{
		"none":  fmt.Sprintf("always up, a day in %s", f.Day),
		"daily": fmt.Sprintf("down once a day for 5 to 50 %% of it, a day in %s", f.Day),
		"storm": "down for all days, then all at once",
	}[f.Outage]
	if f.Spread > 0 {
		text += fmt.Sprintf(", first contact within %s", f.Spread)
	}
	return fmt.Sprintf("%s; %d connections a booth at most", text, conns)
}

func (f *fleetCmd) store(city *fleetHub) string {
	if !city.own {
		return city.url
	}
	text := "SQLite"
	if onPostgres(f.DB) {
		text = "PostgreSQL"
	}
	if f.Hubs == 1 {
		text += ", a process of its own on this machine"
	} else {
		text += fmt.Sprintf(", %d processes behind a balancer on this machine", f.Hubs)
	}
	if f.Kill > 0 {
		text += fmt.Sprintf("; killed %d times and started again", city.kills.n)
	}
	return text
}

// atHub says how long alarms took at the hubs that run at the end.
func (f *fleetCmd) atHub(h histogram) string {
	p50, _ := h.quantile(0.5)
	p99, n := h.quantile(0.99)
	if n == 0 {
		return "none"
	}
	text := fmt.Sprintf("%s, %s of %s requests, from the first byte to the answer", short(p50), short(p99), thousands(n))
	if f.Kill > 0 {
		text += " (without what killed hubs had counted)"
	}
	return text
}

func (f *fleetCmd) times(t fleet.Times, what string) string {
	if t.N == 0 {
		return "none"
	}
	return fmt.Sprintf("%s, %s, %s of %s %s", short(t.P50), short(t.P99), short(t.Longest), thousands(t.N), what)
}

// short rounds a time to what is worth reading.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// thousands puts commas in.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bar shows how far the run is, where somebody looks: on a terminal.
type bar struct {
	w    io.Writer // nil where nobody looks
	mu   sync.Mutex
	last time.Time
}

func newBar(w io.Writer) *bar {
	f, ok := w.(*os.File)
	if !ok {
		return &bar{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{w: w}
}

// barWidth is how many characters it has.
const barWidth = 30

func (b *bar) show(what string, done, of int) {
	if b.w == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.last) < 100*time.Millisecond {
		return
	}
	b.last = time.Now()
	full := barWidth * done / max(of, 1)
	fmt.Fprintf(b.w, "\r\x1b[K[%s%s] %s of %s %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), thousands(done), thousands(of), what)
}

func (b *bar) clear() {
	if b.w != nil {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

// connections returns how many connections a booth may have: two, one for each lane,
// where this process, which is the balancer of several hubs too, and the hub's may have
// so many files open.
func connections(booths, hubs int) (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("ask how many files may be open: %w", err)
	}
	others := 300 // stores, books' readers, the terminal
	if hubs > 1 {
		others += 2 * frontRoom
	}
	room := uint64(booths + others)
	switch {
	case room+uint64(booths) <= limit.Max:
		return 2, nil
	case room <= limit.Max:
		return 1, nil
	}
	return 0, fmt.Errorf("%d booths need %d open files and this user may have %d: raise the limit (ulimit -n %d) or give fewer --booths",
		booths, room, limit.Max, room)
}

// maxMemory returns the most memory that a process had, in bytes.
func maxMemory(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10 // kB, getrusage(2)
}
