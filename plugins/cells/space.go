package cells

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Kinds of decisions.
const (
	kindOperation   = "operation"
	kindInput       = "input"
	kindCombination = "combination"
)

// The decisions of a block, in the order in which they are made. The
// combination is only asked where there is a choice.
const (
	leftOperation = iota
	rightOperation
	leftInput
	rightInput
	combination
	perBlock
)

// inputs is how many hidden states a cell begins with: the outputs of the
// cell before it and of the one before that.
const inputs = 2

var (
	cellNames     = [...]string{"normal", "reduction"}
	decisionNames = [perBlock]string{"left/operation", "right/operation", "left/input", "right/input", "combination"}
)

// space is the module's space under given params.
type space struct {
	blocks, repeats, reductions, filters int
	operations                           []*operation
	combinations                         []string
	wholeCells                           bool // all blocks make a cell's output

	cells int // predicted: normal, reduction
	asked int // decisions of a block
	info  spec.SpaceInfo
}

func open(p guest.Params) (guest.Space, error) {
	s := &space{blocks: p.Int("blocks"), repeats: p.Int("repeats"), reductions: p.Int("reductions"), filters: p.Int("filters"),
		combinations: p.Strings("combinations"), wholeCells: p.String("output") == outputAll, cells: len(cellNames), asked: perBlock}
	for _, name := range p.Strings("operations") {
		s.operations = append(s.operations, byName(name))
	}
	if s.reductions == 0 {
		s.cells = 1
	}
	s.info.Kinds = []spec.Kind{{ID: kindOperation, Type: spec.Choice, Options: p.Strings("operations")}, {ID: kindInput, Type: spec.Pointer}}
	problems := problemsOf("operations", p.Strings("operations")) + problemsOf("combinations", s.combinations)
	if len(s.combinations) > 1 {
		s.info.Kinds = append(s.info.Kinds, spec.Kind{ID: kindCombination, Type: spec.Choice, Options: s.combinations})
	} else {
		s.asked = combination
	}
	s.info.MaxSteps = s.cells * s.blocks * s.asked
	if most := s.mostNodes(); most > spec.MaxNodes {
		problems += "a network could have " + strconv.Itoa(most) + " nodes, and at most " + strconv.Itoa(spec.MaxNodes) +
			" are allowed: use fewer blocks, repeats or reductions; "
	}
	if problems != "" {
		return nil, guest.BadParams(problems[:len(problems)-len("; ")])
	}
	return s, nil
}

// problemsOf says what is wrong with a list of options.
func problemsOf(param string, options []string) (problems string) {
	for i, option := range options {
		for _, earlier := range options[:i] {
			if option == earlier {
				problems += param + " names " + option + " twice; "
			}
		}
	}
	if len(options) == 0 {
		problems += param + " is empty, name at least one; "
	}
	return problems
}

// mostNodes bounds the nodes of a network: what the builder adds for a cell's
// inputs and output, for its blocks, and once.
func (s *space) mostNodes() int {
	const cell, block, once = 9, 2*mostNodes + 4, 6
	return (s.repeats*(s.reductions+1)+s.reductions)*(s.blocks*block+cell) + once
}

func (s *space) Info() spec.SpaceInfo { return s.info }

// decision returns the i-th decision of an episode: what is asked depends on
// the position alone.
//
// The operations of a cell's first block announce the cell's inputs as anchor
// points, and the last decision of every block but the last announces the
// block.
func (s *space) decision(i int) spec.Decision {
	cell, block, which := i/(s.blocks*s.asked), i/s.asked%s.blocks, i%s.asked
	q := spec.Decision{Kind: kindOperation, Name: cellNames[cell] + "/block" + strconv.Itoa(block+1) + "/" + decisionNames[which]}
	switch which {
	case combination:
		q.Kind = kindCombination
	case leftInput, rightInput:
		q.Kind = kindInput
		for state := range block + inputs {
			q.Candidates = append(q.Candidates, s.firstAnchor(cell)+state)
		}
	default:
		q.Anchor = block == 0
	}
	if which == s.asked-1 {
		q.Anchor = block < s.blocks-1
	}
	return q
}

// firstAnchor is the anchor point of a cell's first input.
func (s *space) firstAnchor(cell int) int { return cell * (inputs + s.blocks - 1) }

func (s *space) Next(prefix spec.Answers) (spec.Step, error) {
	if err := guest.CheckPrefix(s.info, prefix, s.decision); err != nil {
		return spec.Step{}, err
	}
	if len(prefix) == s.info.MaxSteps {
		return spec.Step{Done: true}, nil
	}
	q := s.decision(len(prefix))
	return spec.Step{Decision: &q, State: strconv.Itoa(len(prefix)), Any: true}, nil
}
