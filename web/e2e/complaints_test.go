package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// confess makes a page say aloud what its policy forbade.
const confess = `addEventListener('securitypolicyviolation', (e) =>
	console.error('content security policy:', e.violatedDirective, e.blockedURI, e.sourceFile, e.lineNumber));`

// complaints collects what a page should not do: errors in its console,
// exceptions, violations of its policy, and requests to anybody but us.
type complaints struct {
	base string

	mu       sync.Mutex
	lines    []string
	expected []*regexp.Regexp
	requests int
}

func newComplaints(base string) *complaints { return &complaints{base: base} }

// hear is told every event of the page.
func (c *complaints) hear(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		c.mu.Lock()
		c.requests++
		c.mu.Unlock()
		if !c.ours(e.Request.URL) {
			c.add("request to a stranger: %s", e.Request.URL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			c.add("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, a := range e.Args {
				words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
			}
			c.add("console: %s", strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		if d.Exception != nil {
			c.add("exception: %s %s (%s:%d)", d.Text, d.Exception.Description, d.URL, d.LineNumber)
		} else {
			c.add("exception: %s (%s:%d)", d.Text, d.URL, d.LineNumber)
		}
	}
}

// ours tells our own addresses: the program's, and those that leave no machine.
func (c *complaints) ours(url string) bool {
	for _, prefix := range []string{c.base + "/", "data:", "blob:", "about:"} {
		if strings.HasPrefix(url, prefix) {
			return true
		}
	}
	return false
}

func (c *complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// expect names complaints that belong to the test: a browser logs every answer
// with an error's status, and every request that finds nobody.
func (c *complaints) expect(patterns ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range patterns {
		c.expected = append(c.expected, regexp.MustCompile(p))
	}
}

// told returns the complaints that nobody expected, each once.
func (c *complaints) told() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, line := range c.lines {
		if !slices.ContainsFunc(c.expected, func(r *regexp.Regexp) bool { return r.MatchString(line) }) {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
