package main

import (
	"database/sql"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"redstation/kiosk"
)

// The stories in testdata are told with real processes of this program. Besides
// testscript's own commands they have:
//
//	freeport NAME...            sets each variable to the address of a free port
//	await URL                   waits until the address answers with 200
//	get URL FILE                stores a page
//	post URL FILE name=value... posts a form as a browser does and stores the page that follows
//	eventually REGEXP COMMAND   runs the command until its standard output matches, at most 15 s
//	shows URL REGEXP            asks for a page until it matches, at most 15 s
//	numbered REGEXP FILE NAME   sets the variable to the first group of the match in the file
//	addconfig FILE KEY VALUE    adds a line to a config file
//	examples FILE               runs the shell examples of a document of this repository, one after the other
//	newer FILE                  makes a database look as if a newer program had migrated it

func TestMain(m *testing.M) {
	testscript.Main(sideBySide{m}, map[string]func(){"redstation": main})
}

// sideBySide tells more stories at once than there are processors: they wait for
// processes, clocks and lines more than they work.
type sideBySide struct{ *testing.M }

func (m sideBySide) Run() int {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		flag.Set("test.parallel", strconv.Itoa(4*runtime.NumCPU())) //nolint:errcheck // it is a number
	}
	return m.M.Run()
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			root, err := filepath.Abs("../..")
			e.Setenv("REPOSITORY", root)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"freeport":   freeport,
			"await":      await,
			"get":        get,
			"post":       post,
			"eventually": eventually,
			"shows":      shows,
			"numbered":   numbered,
			"addconfig":  addconfig,
			"newer":      newer,
			"examples":   examples,
		},
	})
}

// patience bounds every wait in the stories.
const patience = 15 * time.Second

func freeport(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		ts.Setenv(name, freeAddr(ts.Fatalf))
	}
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(patience)
	for {
		r, err := http.Get(args[0])
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
			err = fmt.Errorf("it answers %s", r.Status)
		}
		if time.Now().After(deadline) {
			ts.Fatalf("await %s: %v", args[0], err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	r, err := http.Get(args[0])
	keep(ts, neg, r, err, args[1])
}

// post sends the form with a fresh submission key, as the page would hold it,
// where the story does not give one.
func post(ts *testscript.TestScript, neg bool, args []string) {
	form := url.Values{"key": {kiosk.RandomID().String()}}
	for _, a := range args[2:] {
		name, value, _ := strings.Cut(a, "=")
		form.Set(name, value)
	}
	r, err := http.PostForm(args[0], form)
	keep(ts, neg, r, err, args[1])
}

// keep stores the answer, which must be good unless the command is negated.
func keep(ts *testscript.TestScript, neg bool, r *http.Response, err error, name string) {
	ts.Check(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name), body, 0o600))
	if good := r.StatusCode == http.StatusOK; good == neg {
		ts.Fatalf("%s answers %s", r.Request.URL.Path, r.Status)
	}
}

func eventually(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	deadline := time.Now().Add(patience)
	for {
		err := ts.Exec(args[1], args[2:]...)
		out := ts.ReadFile("stdout")
		if err == nil && want.MatchString(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("standard output never matched %s: %v\n%s%s", args[0], err, out, ts.ReadFile("stderr"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func shows(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[1])
	deadline := time.Now().Add(patience)
	for {
		r, err := http.Get(args[0])
		var page []byte
		if err == nil {
			page, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if err == nil && want.Match(page) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never showed %s: %v", args[0], want, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func numbered(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[0]).FindStringSubmatch(ts.ReadFile(args[1]))
	if m == nil {
		ts.Fatalf("%s does not match %s", filepath.Base(args[1]), args[0])
	}
	ts.Setenv(args[2], m[1])
}

func addconfig(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0]) + args[1] + ": " + args[2] + "\n"
	ts.Check(os.WriteFile(name, []byte(text), 0o600))
}

func newer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0])) // the driver comes with the book
	ts.Check(err)
	_, err = db.Exec(`INSERT INTO migration (number, name) SELECT MAX(number) + 1, 'from_the_future.sql' FROM migration`)
	ts.Check(err)
	ts.Check(db.Close())
}
