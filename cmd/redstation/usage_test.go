package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// invoke runs the program in this process and returns its exit status and what it
// wrote. The context ends at once, so that what should have been refused does not
// serve for ever.
func invoke(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

// complaint returns the lines of standard error that are no log lines.
func complaint(stderr string) string {
	var b strings.Builder
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "{") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadInputIsToldInOneLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	notDir := file(t, "plain", "")
	data := filepath.Join(t.TempDir(), "data")
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"an unknown flag", []string{"booth", "--adr", "x"}, 2, `unknown flag --adr, did you mean "--addr"? (see redstation booth --help)`},
		{"an unknown command", []string{"both"}, 2, "unexpected argument both"},
		{"a missing flag", []string{"booth"}, 2, "missing flags: --data=DIR"},
		{"an unknown subcommand", []string{"hub", "--data", data, "enroll"}, 2, "unexpected argument enroll"},
		{"a missing token", []string{"logs", "pull", "--hub", "http://127.0.0.1:1"}, 2, "a token is missing"},
		{"an unreadable time", []string{"logs", "pull", "--hub", "http://127.0.0.1:1", "--token", "t", "--since", "noon"}, 2, `--since "noon" is no time`},
		{"two sources of one secret", []string{"logs", "pull", "--hub", "http://127.0.0.1:1", "--token", "t", "--token-file", "f"}, 2, "can't be used together"},
		{"a token file that is not there", []string{"logs", "pull", "--hub", "http://127.0.0.1:1", "--token-file", "/nowhere"}, 1, "secret file /nowhere cannot be read"},
		{"a zone that nobody knows", []string{"booth", "--data", data, "--zone", "Mars/Olympus"}, 2, `--zone "Mars/Olympus" is not known`},
		{"too many booths", []string{"demo", "--dir", data, "--booths", "24"}, 2, "--booths 24: give 1 to 23"},
		{"a fleet of nobody", []string{"fleet", "--booths", "0"}, 2, "--booths 0: give 1 to 100000"},
		{"a fleet that writes nothing", []string{"fleet", "--records", "0"}, 2, "give at least 1 of each"},
		{"a fleet with more alarms than records", []string{"fleet", "--urgent", "3"}, 2, "--urgent 3: give a share between 0 and 1"},
		{"a fleet with weather", []string{"fleet", "--outage", "rain"}, 2, `--outage must be one of "none","daily","storm" but got "rain"`},
		{"a fleet in no time", []string{"fleet", "--day", "1ms"}, 2, "--day 1ms: give at least 10ms"},
		{"a fleet that calls after it gave up", []string{"fleet", "--spread", "5m"}, 2, "--drain 3m0s: give more than --spread, which is 5m0s"},
		{"a fleet at a hub without its folder", []string{"fleet", "--hub", "http://127.0.0.1:1"}, 2, "--hub and --hub-data go together"},
		{"a config file that is not there", []string{"--config", "/nowhere", "booth", "--data", data}, 2, "config file /nowhere cannot be read"},
		{"a config file with an unknown key", []string{"--config", file(t, "c.yaml", "data: x\nadress: y\n"), "booth"}, 2, `c.yaml:2: unknown key "adress"`},
		{"a config file with the key of another command", []string{"--config", file(t, "c.yaml", "printer: \"sim:\"\n"), "hub", "--data", data}, 2, `c.yaml:1: unknown key "printer"`},
		{"a config file that is no YAML", []string{"--config", file(t, "c.yaml", "printer: sim:\n"), "booth"}, 2, "a value with a colon wants quotes"},
		{"a config file that is no mapping", []string{"--config", file(t, "c.yaml", "- data\n"), "booth"}, 2, "c.yaml:1: want lines of the form"},
		{"a config file with a list", []string{"--config", file(t, "c.yaml", "data: [a, b]\n"), "booth"}, 2, `c.yaml:1: "data" takes a single value`},
		{"a config file with a bad value", []string{"--config", file(t, "c.yaml", "data: x\ndiagonal: wide\n"), "booth"}, 2, "--diagonal"},
		{"a busy port", []string{"booth", "--data", data, "--addr", busy.Addr().String()}, 1, "is in use: stop the program that has it"},
		{"an address that is none", []string{"booth", "--data", data, "--addr", "8080"}, 1, "give HOST:PORT"},
		{"a folder that cannot be made", []string{"booth", "--data", notDir + "/data", "--addr", "127.0.0.1:0"}, 1, "cannot be made (not a directory)"},
		{"a printer that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--printer", "laser"}, 1, "laser"},
		{"a scanner that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--scanner", "usb"}, 1, `scanner "usb": no kind of scanner is named; use serial:/dev/ttyACM0?baud=115200`},
		{"a door that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--door", "gate:9"}, 1, "gate:9"},
		{"a set-up at some time", []string{"booth", "--data", data, "--setup", "later"}, 2, `--setup must be one of "auto","never" but got "later"`},
		{"a night that is none", []string{"booth", "--data", data, "--night", "22-6"}, 2, "--night: night \"22-6\": use two times of the day"},
		{"a climate sensor that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--climate", "dht22:4"}, 1, "dht22:4"},
		{"a light that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--light", "lamp:1"}, 1, `light "lamp:1": unknown kind of device; use gpio:NAME`},
		{"a buzzer with a wrong option", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--buzzer", "gpio:GPIO23?active=on"}, 1, "unknown option active=on"},
		{"a supply that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--power", "serial:/dev/ttyS0"}, 1, `power "serial:/dev/ttyS0"`},
		{"a command with an open quote", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--power-cmd", "sh -c 'poweroff"}, 1, "a quote is not closed"},
		{"a screen that only goes dark", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--screen-off-cmd", "wlopm --off"}, 1, "give both or none"},
		{"a pack that is no folder", []string{"booth", "--data", data, "--pack", notDir}, 1, "name the one that holds pack.yaml"},
		{"an enrolment string that is none", []string{"booth", "--data", filepath.Join(t.TempDir(), "b"), "--addr", "127.0.0.1:0", "--enrol", "hello"}, 1, "enrolment string"},
		{"a screen that is no address", []string{"kiosk-browser", "--url", "localhost:8080"}, 1, "write one like http://127.0.0.1:8080"},
		{"a browser that is not there", []string{"kiosk-browser", "--browser", "/nowhere/chromium"}, 1, "browser /nowhere/chromium is not there: apt install chromium"},
		{"a browser that is no program", []string{"kiosk-browser", "--browser", notDir}, 1, "may not be run by this user"},
		{"a compositor that is not there", []string{"kiosk-browser", "--browser", "/bin/sh", "--cage", "cagé"}, 1, "compositor cagé is not there: apt install cage xwayland"},
		{"a token that ends at some time", []string{"hub", "--data", data, "token", "--name", "n", "--expires", "soon"}, 2, `--expires "soon" is no time: write 90d, 12h or 2027-12-31`},
		{"a token for something else", []string{"hub", "--data", data, "token", "--name", "n", "--scope", "hub"}, 2, `--scope must be one of "pull","metrics","cases" but got "hub"`},
		{"a token without a name", []string{"hub", "--data", data, "token", "--booth", "07"}, 2, "missing flags: --name=NAME"},
		{"a lane that is none", []string{"logs", "pull", "--hub", "http://127.0.0.1:1", "--token", "t", "--lane", "fast"}, 2, `--lane must be one of`},
		{"a webhook without an address", []string{"hub", "--data", data, "webhook", "add"}, 2, "missing flags: --to=URL"},
		{"an import of a folder without batches", []string{"hub", "--data", data, "import", t.TempDir()}, 1, "holds no *.batch files: name the one that redstation booth export wrote to"},
		{"an export to a stick that is not there", []string{"booth", "--data", data, "export", "--to", "/nowhere"}, 1, "folder /nowhere is not there: put the stick in, or make the folder"},
		{"an export that is not there", []string{"verify", "/nowhere"}, 1, "file /nowhere cannot be read (no such file or directory): name one that this user may read"},
		{"an export that is a folder", []string{"verify", "/"}, 1, "file / cannot be read (it is a folder)"},
		{"a fingerprint that is none", []string{"verify", notDir, "--hub-key", "abc"}, 2, `--hub-key "abc" is no fingerprint: want 64 hex digits`},
		{"a missing token for checkpoints", []string{"logs", "checkpoints", "--hub", "http://127.0.0.1:1"}, 2, "a token is missing"},
		{"a database that is none", []string{"hub", "--data", filepath.Join(t.TempDir(), "h"), "--addr", "127.0.0.1:0", "--db", "mysql://u:hunter7@h/d"}, 1, "want a path, sqlite:PATH or postgres://"},
		{"a database with a password that cuts its address", []string{"hub", "--data", filepath.Join(t.TempDir(), "h"), "--addr", "127.0.0.1:0", "--db", "postgres://u:hun/ter7@h/d"}, 1, "with %XX for signs"},
		{"a database that does not answer", []string{"hub", "--data", filepath.Join(t.TempDir(), "h"), "--addr", "127.0.0.1:0", "--db", "postgres://u:hunter7@127.0.0.1:1/d"}, 1, "open database d at 127.0.0.1:1: the server does not answer (connection refused)"},
		{"half a certificate of a booth", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--client-cert", notDir}, 1, "--client-cert and --client-key go together"},
		{"an authority that is none", []string{"booth", "--data", data, "--addr", "127.0.0.1:0", "--hub-ca", notDir}, 1, "holds no certificate: name a PEM file"},
		{"half a certificate of a hub", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "--tls-key", notDir}, 1, "--tls-cert and --tls-key go together"},
		{"a certificate that is none", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "--tls-cert", notDir, "--tls-key", notDir}, 1, "cannot be used"},
		{"certificates of booths without one of the hub", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "--client-ca", notDir}, 1, "give --tls-cert and --tls-key, too"},
		{"a proxy that is none", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "--trusted-proxy", "proxy"}, 1, "write an address such as 10.0.0.5"},
		{"a new key of a booth that is not there", []string{"rekey", "--data", data}, 1, "holds no booth"},
		{"a backup of keys that is not there", []string{"hub", "--data", data, "keys", "restore", "--from", "/nowhere"}, 1, "/nowhere"},
		{"a backup of a hub that was never started", []string{"hub", "--data", data, "backup", "--to", filepath.Join(t.TempDir(), "b.db")}, 1, "hub.db is not there: start the hub once"},
		{"a backup of a hub on PostgreSQL", []string{"hub", "--data", data, "--db", "postgres://h/d", "backup", "--to", "b.db"}, 1, "back it up and restore it with pg_dump"},
		{"a restore of nothing", []string{"hub", "--data", data, "restore", "--from", "/nowhere"}, 1, "backup /nowhere is not there: name the file"},
		{"a restore of something else", []string{"hub", "--data", data, "restore", "--from", notDir}, 1, "is no backup of a hub"},
		{"a restore of a text", []string{"hub", "--data", data, "restore", "--from", file(t, "t.db", "hello, hello")}, 1, "is damaged or no database: take an older one"},
		{"backups all the time", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "run", "--backup-every", "1s"}, 2, "--backup-every 1s: give a minute or more"},
		{"backups that are not kept", []string{"hub", "--data", data, "--addr", "127.0.0.1:0", "run", "--backup-keep", "0"}, 2, "--backup-keep 0: give 1 or more"},
		{"a hub that was never started", []string{"hub", "--data", data, "token", "--name", "n"}, 1, "start the hub once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := invoke(t, tt.args...)
			told := complaint(stderr)
			if status != tt.status || !strings.Contains(told, tt.want) || !strings.HasPrefix(told, "redstation: ") {
				t.Errorf("got status %d and %q, want %d and %q", status, told, tt.status, tt.want)
			}
			if strings.Count(told, "\n") != 1 && !strings.Contains(told, "\ngo on with --after") {
				t.Errorf("got %q, want one line", told)
			}
			if strings.Contains(stderr, "ter7") {
				t.Errorf("a password is told: %q", stderr)
			}
			if stdout != "" {
				t.Errorf("standard output has %q, want nothing", stdout)
			}
		})
	}
	if _, err := os.Stat(data); err == nil {
		t.Errorf("something was made in %s although every command was refused", data)
	}
}

func TestFlagsWinOverEnvironmentOverConfigFile(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	config := file(t, "c.yaml", "data: "+t.TempDir()+"\naddr: 127.0.0.1:file\nlog-level: error\n")
	told := func(args ...string) string {
		_, _, stderr := invoke(t, append([]string{"booth"}, args...)...)
		return stderr
	}
	t.Setenv("REDSTATION_CONFIG", config)
	if got := told(); !strings.Contains(got, "address 127.0.0.1:file ") {
		t.Errorf("config file alone: got %q", got)
	}
	t.Setenv("REDSTATION_ADDR", "127.0.0.1:environment")
	if got := told(); !strings.Contains(got, "address 127.0.0.1:environment ") {
		t.Errorf("environment over file: got %q", got)
	}
	if got := told("--addr", "127.0.0.1:flag"); !strings.Contains(got, "address 127.0.0.1:flag ") {
		t.Errorf("flag over environment: got %q", got)
	}
}

func TestFleetLargerThanTheMachineIsRefused(t *testing.T) {
	if _, err := connections(1<<40, 1); err == nil || !strings.Contains(err.Error(), "raise the limit (ulimit -n 1099511628076) or give fewer --booths") {
		t.Errorf("got %v", err)
	}
	if n, err := connections(1, 1); n != 2 || err != nil {
		t.Errorf("one booth: %d connections, %v", n, err)
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"24h":                       now.Add(-24 * time.Hour),
		"2026-12-01":                time.Date(2026, 12, 1, 0, 0, 0, 0, time.Local),
		"2026-12-01T08:00:00+08:00": time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
	} {
		got, err := parseTime("--since", text, now)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}
