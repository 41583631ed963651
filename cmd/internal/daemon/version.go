package daemon

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// Set by the linker only (see the Makefile); nothing in the program writes them.
var (
	version string // "v0.1.0", or what git describe says
	built   string // RFC 3339, the commit's own time, so that builds can be repeated
)

// floor is the latest time that this source is known to be younger than: the
// build time of a program that was built with neither a stamp nor git at hand.
var floor = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// Version says which program this is.
type Version struct {
	Name  string    // "v0.1.0", "v0.1.0-3-gabcdef0", a commit, or "devel"
	Built time.Time // the time of its commit; a clock that shows less is surely wrong
}

// String returns the line of `redstation version`.
func (v Version) String() string {
	return fmt.Sprintf("redstation %s (%s, %s/%s, source of %s)",
		v.Name, runtime.Version(), runtime.GOOS, runtime.GOARCH, v.Built.Format(time.DateOnly))
}

// BuildVersion reads the linker's stamp, and where there is none what the Go
// command noted about the checkout.
func BuildVersion() Version {
	info, _ := debug.ReadBuildInfo()
	return readVersion(version, built, info)
}

func readVersion(version, built string, info *debug.BuildInfo) Version {
	var revision, vcsTime string
	if info != nil {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value[:min(12, len(s.Value))]
			case "vcs.time":
				vcsTime = s.Value
			}
		}
	}
	v := Version{Name: cmp.Or(version, revision, "devel"), Built: floor}
	for _, s := range []string{built, vcsTime} {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			v.Built = t.UTC()
			break
		}
	}
	return v
}
