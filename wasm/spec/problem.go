package spec

import (
	"strconv"
	"unicode/utf8"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Problem is one fault of a Network or Cell.
type Problem struct {
	Node string // of the network; empty: the fault is the network's, or the cell stands alone
	Cell string // node or state of the node's cell; empty: none
	What string // what is wrong and what to do
	// Large: the network keeps the rules, but is larger than this package's
	// limits allow.
	Large bool
}

func (p *Problem) Error() string {
	s := ""
	if p.Node != "" {
		s += "node " + wire.Quote(p.Node) + ": "
	}
	if p.Cell != "" {
		s += "cell node " + wire.Quote(p.Cell) + ": "
	}
	return s + p.What
}

// Invalid is the error of a Network, Cell, Task, description or Reward that
// breaks the rules, with all the faults that could be told apart.
type Invalid struct {
	Subject  string // "network", "cell", …
	Problems []*Problem
}

// Large tells whether size is all that is wrong.
func (e *Invalid) Large() bool {
	for _, p := range e.Problems {
		if !p.Large {
			return false
		}
	}
	return true
}

// maxShown is how many problems an error message spells out.
const maxShown = 8

func (e *Invalid) Error() string {
	s := e.Subject + ": "
	for i, p := range e.Problems {
		if i == maxShown {
			return s + "; and " + strconv.Itoa(len(e.Problems)-i) + " more"
		}
		if i > 0 {
			s += "; "
		}
		s += p.Error()
	}
	return s
}

// problems collects faults.
type problems []*Problem

func (p *problems) add(node, what string) {
	*p = append(*p, &Problem{Node: node, What: what})
}

// large adds that a network is too large.
func (p *problems) large(node, what string) {
	*p = append(*p, &Problem{Node: node, What: what, Large: true})
}

// err returns what was collected as an error about subject, or nil.
func (p problems) err(subject string) error {
	if len(p) == 0 {
		return nil
	}
	return &Invalid{Subject: subject, Problems: p}
}

// label says what is wrong with a name that people will read in a terminal or
// a page, or returns "".
func label(s string) string {
	if s == "" {
		return "is empty"
	}
	if len(s) > MaxName {
		return "is longer than " + strconv.Itoa(MaxName) + " bytes"
	}
	for _, r := range s {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return "has a control character or is not UTF-8"
		}
	}
	return ""
}

// within says that the value v of an attribute is outside low..high, or
// returns "".
func within(attribute string, v, low, high int) string {
	if v >= low && v <= high {
		return ""
	}
	return attribute + " is " + strconv.Itoa(v) + "; it must be in " + strconv.Itoa(low) + ".." + strconv.Itoa(high)
}
