package e2e_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, see testdata/axe/LICENSE.
//
//go:embed testdata/axe/axe.min.js
var axeJS string

// axeRun asks for everything up to AAA. Its rules that are off unless named are
// named: contrast of 7:1, one purpose for one name of a link, target size.
const axeRun = `axe.run(document, {
	runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
	rules: { 'color-contrast-enhanced': { enabled: true }, 'identical-links-same-purpose': { enabled: true }, 'target-size': { enabled: true } },
	resultTypes: ['violations'], preload: false,
}).then((r) => r.violations.map((v) => ({ id: v.id, help: v.help,
	nodes: v.nodes.map((n) => n.target.join(' ') + ': ' + n.failureSummary.split('\n').slice(1).join(';').trim()) })))`

// axe returns what axe-core finds wrong with the page, one line a rule.
func (b *tab) axe() []string {
	b.t.Helper()
	b.do("load axe-core", chromedp.Evaluate[chromedp.Void](axeJS))
	var found []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal(eval[[]byte](b, axeRun), &found); err != nil {
		b.t.Fatalf("axe-core: %v", err)
	}
	var wrong []string
	for _, v := range found {
		wrong = append(wrong, fmt.Sprintf("axe %s: %s\n\t\t%s", v.ID, v.Help, strings.Join(v.Nodes, "\n\t\t")))
	}
	return wrong
}
