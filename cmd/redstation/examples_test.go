package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// examples runs the blocks of a document that are marked as sh, as one script that
// ends at the first command that fails: what a document shows must work. The
// variables HUB and DATA are the story's.
func examples(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(filepath.Join(ts.Getenv("REPOSITORY"), args[0]))
	ts.Check(err)
	script := []string{"set -eu"}
	for i, part := range strings.Split(string(text), "```") {
		if block, ok := strings.CutPrefix(part, "sh\n"); ok && i%2 == 1 {
			script = append(script, block)
		}
	}
	if len(script) == 1 {
		ts.Fatalf("%s has no example", args[0])
	}
	ts.Check(ts.Exec("sh", "-c", strings.Join(script, "\n")))
}
