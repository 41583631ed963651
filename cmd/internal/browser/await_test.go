package browser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"redstation/cmd/internal/daemon"
)

// connector writes a connector as the kernel shows it.
func connector(t *testing.T, dir, name, status, modes string) {
	t.Helper()
	c := filepath.Join(dir, name)
	if err := os.MkdirAll(c, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"status": status, "modes": modes} {
		if err := os.WriteFile(filepath.Join(c, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADisplayIsConnectedWhenItHasModes(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		connector, status, mode string
		want                    bool
	}{
		{"a panel", "card1-DSI-1", "connected\n", "800x480\n", true},
		{"a screen", "card0-HDMI-A-1", "connected\n", "1920x1080\n1280x800\n", true},
		{"an empty socket", "card0-HDMI-A-2", "disconnected\n", "", false},
		{"a driver that does not know", "card0-Composite-1", "unknown\n", "720x576i\n", false},
		{"modes not read yet", "card0-HDMI-A-1", "connected\n", "", false},
		{"a card, not a connector", "card0", "connected\n", "800x480\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			connector(t, dir, "card0-Writeback-1", "unknown\n", "")
			connector(t, dir, tt.connector, tt.status, tt.mode)
			if got := connected(dir); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if connected("/nowhere") {
		t.Error("a machine without a graphics driver has a display")
	}
}

func TestTheCompositorWaitsForADisplay(t *testing.T) {
	k, dir := keeper(t, newBooth(t), waiting)
	drm := filepath.Join(dir, "drm")
	connector(t, drm, "card0-HDMI-A-1", "disconnected\n", "")
	k.c.Cage, k.c.Displays = k.c.Program, drm // which tells its arguments as well
	run(t, k, daemon.NoNotifier())
	before := k.sign.at()
	eventually(t, "a wait for the display", func() bool { return k.sign.at().After(before) })
	if started(dir, 1)() {
		t.Fatal("the compositor was started without a display")
	}
	connector(t, drm, "card0-HDMI-A-1", "connected\n", "800x480\n")
	eventually(t, "a compositor", started(dir, 1))
	if got := starts(dir)[0]; !strings.HasPrefix(got, "-d -m last -- "+k.c.Program+" --kiosk ") || !strings.Contains(got, " --ozone-platform=wayland ") {
		t.Errorf("got %q, want the browser inside the compositor", got)
	}
}

func TestTheBrowserCannotFeedTheWatchdog(t *testing.T) {
	got := environment([]string{"PATH=/bin", "NOTIFY_SOCKET=/run/n", "WATCHDOG_USEC=1", "WATCHDOG_PID=2", "REDSTATION_CONFIG=c", "XDG_RUNTIME_DIR=/run/user/1"})
	if want := []string{"PATH=/bin", "XDG_RUNTIME_DIR=/run/user/1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
