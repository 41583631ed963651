package board_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"redstation/hardware/board"
	"redstation/kiosk"
)

func TestACommandIsSplitWithoutAShell(t *testing.T) {
	for line, want := range map[string]board.Command{
		"":                                  nil,
		"   ":                               nil,
		"wlopm --off HDMI-A-1":              {"wlopm", "--off", "HDMI-A-1"},
		"  a\t b ":                          {"a", "b"},
		`sh -c 'echo 1 > "/sys/x y"'`:       {"sh", "-c", `echo 1 > "/sys/x y"`},
		`a "" b`:                            {"a", "", "b"},
		`--name="two words"and'three four'`: {"--name=two wordsandthree four"},
		"a $HOME; *":                        {"a", "$HOME;", "*"},
	} {
		got, err := board.ParseCommand(line)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q and %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`a 'b`, `a "b'`} {
		if _, err := board.ParseCommand(line); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%q: got %v, want code invalid", line, err)
		}
	}
}

func TestACommandRunsOrSaysWhyNot(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "a mark")
	if err := (board.Command{"touch", mark}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Error(err)
	}
	if err := (board.Command(nil)).Run(t.Context()); err != nil {
		t.Errorf("no command: %v", err)
	}
	for want, c := range map[string]board.Command{
		"not found":                      {"/no/such/program"},
		"exit status 3: no such display": {"sh", "-c", "echo trying; echo no such display >&2; exit 3"},
	} {
		if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "no such file") {
			t.Errorf("%q: got %v, want %s", c, err, want)
		}
	}
}
