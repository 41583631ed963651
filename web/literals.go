package web

import (
	"fmt"
	"html/template"
	"text/template/parse"

	"redstation/kiosk"
)

// checkLiterals walks every template of t and checks what the functions T, icon
// and asset are given literally, so that a misspelt key is found at start and not
// by a resident.
func checkLiterals(t *template.Template, o PagesOpts, lang kiosk.Lang) error {
	for _, part := range t.Templates() {
		if part.Tree == nil {
			continue
		}
		var wrong error
		eachCall(part.Tree.Root, func(fn, arg string) {
			if err := checkLiteral(fn, arg, o, lang); err != nil && wrong == nil {
				wrong = err
			}
		})
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

func checkLiteral(fn, arg string, o PagesOpts, lang kiosk.Lang) error {
	switch fn {
	case "T":
		if !o.Words.Has(lang, arg) {
			return fmt.Errorf("no sentence %q in %s", arg, lang)
		}
	case "icon":
		if _, ok := o.Assets.Icon(arg); !ok {
			return fmt.Errorf("no icon %q", arg)
		}
	case "asset":
		_, err := o.Assets.URL(arg)
		return err
	}
	return nil
}

// Literals calls f with every literal first argument that a page of this set gives
// to the function fn. Tests use it to find sentences that nothing says.
func (p *Pages) Literals(fn string, f func(arg string)) {
	for _, pages := range p.byLang {
		for _, t := range pages {
			for _, part := range t.Templates() {
				if part.Tree == nil {
					continue
				}
				eachCall(part.Tree.Root, func(name, arg string) {
					if name == fn {
						f(arg)
					}
				})
			}
		}
	}
}

// eachCall calls f with the function's name and first argument wherever a command
// below n calls a function with a literal string.
func eachCall(n parse.Node, f func(fn, arg string)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil { // a branch without else
			return
		}
		for _, child := range n.Nodes {
			eachCall(child, f)
		}
	case *parse.ActionNode:
		eachCall(n.Pipe, f)
	case *parse.TemplateNode:
		eachCall(n.Pipe, f)
	case *parse.IfNode:
		eachCallInBranch(&n.BranchNode, f)
	case *parse.RangeNode:
		eachCallInBranch(&n.BranchNode, f)
	case *parse.WithNode:
		eachCallInBranch(&n.BranchNode, f)
	case *parse.PipeNode:
		if n == nil { // a template call without a value
			return
		}
		for _, cmd := range n.Cmds {
			eachCall(cmd, f)
		}
	case *parse.CommandNode:
		eachCallInCommand(n, f)
	}
}

func eachCallInBranch(n *parse.BranchNode, f func(fn, arg string)) {
	eachCall(n.Pipe, f)
	eachCall(n.List, f)
	eachCall(n.ElseList, f)
}

func eachCallInCommand(n *parse.CommandNode, f func(fn, arg string)) {
	if len(n.Args) > 1 {
		fn, isName := n.Args[0].(*parse.IdentifierNode)
		arg, isString := n.Args[1].(*parse.StringNode)
		if isName && isString {
			f(fn.Ident, arg.Text)
		}
	}
	for _, arg := range n.Args {
		eachCall(arg, f)
	}
}
