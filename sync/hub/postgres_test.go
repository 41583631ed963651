package hub_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/pgtest"
)

// TestHubOnPostgres runs the tests of this package again, over PostgreSQL: the rules
// of the hub are the same on both engines.
func TestHubOnPostgres(t *testing.T) {
	if os.Getenv(hubtest.EnvEngine) != "" {
		t.Skip("this is the run that it starts")
	}
	pgtest.Need(t) // or say that it is missing, once
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-test.v", "-test.run", "^Test", "-test.skip", "^TestT[0-9]|^TestThreeHubs"} // they choose their engine themselves
	if testing.Short() {
		args = append(args, "-test.short")
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), hubtest.EnvEngine+"=postgres")
	out, err := cmd.CombinedOutput()
	passed := regexp.MustCompile(`(?m)^--- PASS: (\S+)`).FindAllStringSubmatch(string(out), -1)
	if err != nil || len(passed) == 0 {
		t.Fatalf("over PostgreSQL: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), "\n--- SKIP: "); n != 1 {
		t.Errorf("%d tests were skipped over PostgreSQL:\n%s", n-1, out)
	}
	t.Logf("%d tests of the hub, the same over PostgreSQL", len(passed))
}
