// Package e2e puts the built program before a real Chromium: what a resident sees
// and touches, what an administrator reads, and what becomes of it when the hub,
// the booth or the line goes away in between.
//
// It is a module of its own, so that the product's go.mod knows nothing of
// browsers, and it knows the product only by its command line and its pages. From
// this folder:
//
//	go test ./...                        everything, about five minutes on two cores
//	go test -run TestScreensFit          the pages on four panels
//	E2E_ALL=1 go test -timeout 20m …     all pages in both languages and sizes
//	E2E_SEED=20261123 go test ./...      the pages that were drawn on that day
//	E2E_BINARY=/path/to/redstation …     a program that is built already
//	go test -run TestShots -shots DIR    the pictures of the README, into DIR
//
// It needs chromium and zbarimg (Debian: chromium, zbar-tools, fonts-noto-cjk).
// Where they are missing the tests are skipped with a message, but fail with
// CI=true or REQUIRE_BROWSER=1: what nobody looks at must not pass for seen.
//
// # What is measured
//
// Pixels are not millimetres: a panel has so many pixels on so many inches, and all
// figures are millimetres of glass. A target is what can be touched: a link, a
// button, an entry, the label of a choice.
//
//   - A target is at least 20 mm high and wide, a key (class "key": digits,
//     phrases) 15 mm, and on a panel lower than 105 mm a button of the bar that
//     stands for header and footer 15 mm high.
//   - Between two targets are at least 3 mm.
//   - Text is at least 5 mm. There is no small print.
//   - Nothing overflows, is cut off, covered, or outside the panel; a resident's own
//     long words may end in dots where their question shows them whole (see mayEnd).
//   - axe-core finds nothing against WCAG 2.2 A, AA and AAA, nor its best practice.
//
// The demo's device page and the hub's console are for desks: axe and overflow are
// judged there, millimetres are not.
//
// Failures leave a picture in a folder whose path they print.
package e2e
