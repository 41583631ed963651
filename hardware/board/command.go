package board

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"redstation/kiosk"
)

// commandTimeout is how long a command may run.
const commandTimeout = 5 * time.Second

// Command is a program and its arguments. The zero value does nothing.
type Command []string

// ParseCommand splits a command line at its spaces. What stands in single or double
// quotes stays together; no shell reads it, so no other character means anything. The
// error has CodeInvalid.
func ParseCommand(line string) (Command, error) {
	var c Command
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			if begun {
				c = append(c, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.command", "command %q: a quote is not closed", line)
	}
	if begun {
		c = append(c, word.String())
	}
	return c, nil
}

// Run runs the command and waits for it, at most five seconds. The error ends with
// the last line that the command wrote.
func (c Command) Run(ctx context.Context) error {
	if len(c) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c[0], c[1:]...)
	cmd.WaitDelay = time.Second // a child that keeps the pipe open is not waited for
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("not done after %v", commandTimeout)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Errorf("run %s: %w: %s", c[0], err, last)
	}
	return fmt.Errorf("run %s: %w", c[0], err)
}
