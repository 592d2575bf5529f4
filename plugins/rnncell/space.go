package rnncell

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Kinds of decisions, in the order of SpaceInfo.Kinds.
const (
	combination = iota
	activation
	index
)

// The decisions of an episode are a combination and an activation for every
// node and the inject, and then these.
const (
	memoryIndex  = iota // the node whose combination becomes the memory
	receiveIndex        // the node that the memory is injected into
	indices
)

// space is the module's space under given params.
type space struct {
	base  int
	model model
	info  spec.SpaceInfo
}

func open(p guest.Params) (guest.Space, error) {
	s := &space{base: p.Int("base"), model: readModel(p)}
	problems := ""
	if s.base&(s.base-1) != 0 {
		problems += "base is " + strconv.Itoa(s.base) + ", which is not a power of two; "
	}
	s.info.Kinds = []spec.Kind{
		combination: {ID: "combination", Type: spec.Choice, Options: p.Strings("combinations")},
		activation:  {ID: "activation", Type: spec.Choice, Options: p.Strings("activations")},
		index:       {ID: "index", Type: spec.Choice},
	}
	for _, k := range s.info.Kinds[:index] {
		problems += problemsOf(k)
	}
	candidates := s.nodes()
	if !p.Bool("root_index") {
		candidates--
	}
	for node := range candidates {
		s.info.Kinds[index].Options = append(s.info.Kinds[index].Options, s.nodeName(node))
	}
	s.info.MaxSteps = 2*(s.nodes()+1) + indices
	problems += s.model.problems()
	if s.model.units > 0 && s.weights(s.model.units, 2) > spec.MaxParams {
		problems += "networks of " + strconv.Itoa(s.model.units) + " units have more than 1e9 weights; "
	}
	if problems != "" {
		return nil, guest.BadParams(problems[:len(problems)-len("; ")])
	}
	return s, nil
}

// problemsOf says what is wrong with a kind's options.
func problemsOf(k spec.Kind) (problems string) {
	for i, option := range k.Options {
		for _, earlier := range k.Options[:i] {
			if option == earlier {
				problems += k.ID + "s name " + option + " twice; "
			}
		}
	}
	if len(k.Options) == 0 {
		problems += k.ID + "s is empty, name at least one; "
	}
	return problems
}

// nodes is the number of nodes of the tree.
func (s *space) nodes() int { return 2*s.base - 1 }

// nodeName returns what the k-th node of the tree is called; the inject counts
// as the one after the root.
func (s *space) nodeName(k int) string {
	switch {
	case k < s.base:
		return "leaf" + strconv.Itoa(k)
	case k < s.nodes():
		return "node" + strconv.Itoa(k)
	}
	return "inject"
}

func (s *space) Info() spec.SpaceInfo { return s.info }

// decision returns the i-th decision of an episode: what is asked depends on the
// position alone.
func (s *space) decision(i int) spec.Decision {
	kind, owner := i%2, s.nodeName(i/2)
	if at := i - 2*(s.nodes()+1); at >= 0 {
		kind = index
		if at == memoryIndex {
			owner = "memory"
		}
	}
	id := s.info.Kinds[kind].ID
	return spec.Decision{Kind: id, Name: owner + "/" + id}
}

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
