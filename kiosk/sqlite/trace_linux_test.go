package sqlite_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// call is one change that a program made to its data folder, or a number that it
// showed.
type call struct {
	deed     string
	name, to string // in the folder; "" is the folder itself
	at       int64
	data     []byte
	truncate bool
}

// record runs the child under strace and returns every change that it made, in order.
func record(t *testing.T, dir string, env []string) []call {
	t.Helper()
	log := filepath.Join(t.TempDir(), "trace")
	e := runChild(t, dir, env, []string{"-y", "-xx", "-s", "1000000", "-e", "signal=none", "-e", "trace=" + writing, "-o", log})
	if e.status != childDone {
		t.Fatalf("the child ended with %d: %s", e.status, e.said)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p := tracer{t: t, dir: dir, begun: map[string][]byte{}, at: map[string]int64{}}
	for line := range bytes.Lines(text) {
		p.line(bytes.TrimSpace(line))
	}
	return p.calls
}

// tracer reads what strace writes with -f -y -xx: "PID name(args) = result", where
// strings and the paths of descriptors are in hexadecimal.
type tracer struct {
	t     *testing.T
	dir   string
	begun map[string][]byte // the first half of a call by thread, while others speak
	at    map[string]int64  // where the next write(2) to a file goes
	calls []call
}

func (p *tracer) line(line []byte) {
	thread, rest, _ := bytes.Cut(line, []byte(" "))
	rest = bytes.TrimLeft(rest, " ")
	if half, ok := bytes.CutSuffix(rest, []byte(" <unfinished ...>")); ok {
		p.begun[string(thread)] = bytes.Clone(half)
		return
	}
	if after, ok := bytes.CutPrefix(rest, []byte("<... ")); ok {
		_, after, _ = bytes.Cut(after, []byte("resumed>"))
		rest = append(p.begun[string(thread)], after...)
	}
	end := bytes.LastIndex(rest, []byte(" = "))
	name, args, ok := bytes.Cut(rest, []byte("("))
	if end < 0 || !ok || bytes.HasPrefix(rest[end:], []byte(" = -1")) {
		return
	}
	p.call(string(name), p.split(args[:max(0, len(args)-(len(rest)-end))]))
}

// split splits the arguments; no string has a comma, because all are hexadecimal.
func (p *tracer) split(args []byte) []string {
	list := strings.Split(string(bytes.TrimRight(args, ") ")), ", ")
	return list
}

func (p *tracer) call(name string, args []string) {
	switch name {
	case "open", "openat":
		args = args[len(name)/5:] // open has no folder
		if path, in := p.inside(args[0]); in && strings.Contains(args[1], "O_CREAT") {
			p.at[path] = 0
			p.add(call{deed: "create", name: path, truncate: strings.Contains(args[1], "O_TRUNC")})
		}
	case "pwrite64", "write":
		p.write(name, args)
	case "ftruncate":
		if path, in := p.inside(args[0]); in {
			p.add(call{deed: "truncate", name: path, at: p.number(args[1])})
		}
	case "fsync", "fdatasync":
		if path, in := p.inside(args[0]); in {
			p.add(call{deed: "sync", name: path})
		}
	case "unlink", "unlinkat":
		if path, in := p.inside(args[min(1, len(name)-len("unlink"))]); in {
			p.add(call{deed: "remove", name: path})
		}
	case "rename", "renameat":
		from, in := p.inside(args[0+len(args)/4])
		to, _ := p.inside(args[len(args)-1])
		if in {
			p.add(call{deed: "rename", name: from, to: to})
		}
	}
}

func (p *tracer) write(name string, args []string) {
	data := p.hex(args[1][1 : len(args[1])-1])
	if number, ok := strings.CutPrefix(string(data), "shown "); ok && strings.HasPrefix(args[0], "1<") {
		p.add(call{deed: "show", data: []byte(strings.TrimSpace(number))})
		return
	}
	path, in := p.inside(args[0])
	if !in {
		return
	}
	c := call{deed: "write", name: path, data: data, at: p.at[path]}
	if name == "pwrite64" {
		c.at = p.number(args[3])
	} else {
		p.at[path] += int64(len(data))
	}
	p.add(c)
}

// add notes a call, but not one to the shared memory of the log: no disk keeps it.
func (p *tracer) add(c call) {
	if !strings.HasSuffix(c.name, "-shm") {
		p.calls = append(p.calls, c)
	}
}

// inside returns the name in the folder of a path or of a descriptor with its path.
func (p *tracer) inside(arg string) (name string, in bool) {
	if _, path, ok := strings.Cut(arg, "<"); ok {
		arg = strings.TrimSuffix(path, ">")
	}
	path := string(p.hex(strings.Trim(arg, `"`)))
	if path == p.dir {
		return "", true
	}
	return strings.CutPrefix(path, p.dir+"/")
}

func (p *tracer) hex(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		return []byte(fmt.Sprint("?", text)) // an abbreviation: no path and no data of ours
	}
	return b
}

func (p *tracer) number(arg string) int64 {
	n, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		p.t.Fatalf("strace wrote %q where a number belongs", arg)
	}
	return n
}
