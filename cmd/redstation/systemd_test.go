package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

const systemdDir = "../../systemd"

func systemdFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(systemdDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parse reads a command line as the program does, and runs nothing.
func parse(t *testing.T, args ...string) cli {
	t.Helper()
	var c cli
	app, err := kong.New(&c, kong.DefaultEnvars("REDSTATION"), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Parse(args); err != nil {
		t.Errorf("%s: %v", strings.Join(args, " "), err)
	}
	return c
}

// commandOf returns what a unit starts, with the configuration of this checkout.
func commandOf(t *testing.T, service string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/redstation (.*)$`).FindStringSubmatch(systemdFile(t, "redstation-"+service+".service"))
	if m == nil {
		t.Fatalf("redstation-%s.service starts no redstation", service)
	}
	return strings.Fields(strings.ReplaceAll(m[1], "/etc/redstation/", systemdDir+"/"))
}

func TestUnitsStartCommandsThatAreThere(t *testing.T) {
	if got := parse(t, commandOf(t, "booth")...).Booth.Data; got != "/var/lib/redstation" {
		t.Errorf("booth: got data folder %q, want the state folder of its unit", got)
	}
	if got := parse(t, commandOf(t, "hub")...).Hub.Data; got != "/var/lib/redstation-hub" {
		t.Errorf("hub: got data folder %q, want the state folder of its unit", got)
	}
	if got := parse(t, commandOf(t, "kiosk")...).Browser.Cage; got != "/usr/bin/cage" {
		t.Errorf("kiosk: got compositor %q, want the packaged one", got)
	}
}

// What stands in a default configuration as an example must work when somebody
// removes the "#" before it.
func TestExamplesInTheConfigurationsAreAccepted(t *testing.T) {
	example := regexp.MustCompile(`(?m)^#([a-z-]+: )`)
	for _, service := range []string{"booth", "hub", "kiosk"} {
		text := systemdFile(t, service+".yaml")
		lines := map[string]string{}
		for _, line := range strings.Split(example.ReplaceAllString(text, "$1"), "\n") {
			if key, _, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
				lines[key] = line // an example replaces the value above it
			}
		}
		if len(lines) < 4 {
			t.Errorf("%s.yaml: got %d keys, want the usual ones", service, len(lines))
		}
		var all []string
		for _, line := range lines {
			all = append(all, line)
		}
		args := commandOf(t, service)
		args[slices.Index(args, "--config")+1] = file(t, service+".yaml", strings.Join(all, "\n"))
		parse(t, args...)
	}
}

func TestTheBrowserIsKeptOnTheBoothsPages(t *testing.T) {
	var policy struct{ URLBlocklist, URLAllowlist []string }
	if err := json.Unmarshal([]byte(systemdFile(t, "chromium-policy.json")), &policy); err != nil {
		t.Fatal(err)
	}
	shown := parse(t, commandOf(t, "kiosk")...).Browser.URL
	served := "http://" + parse(t, commandOf(t, "booth")...).Booth.Addr
	if shown != served || !slices.Equal(policy.URLAllowlist, []string{served}) || !slices.Equal(policy.URLBlocklist, []string{"*"}) {
		t.Errorf("the booth serves %s, the screen shows %s, the policy allows %v but %v", served, shown, policy.URLAllowlist, policy.URLBlocklist)
	}
}
