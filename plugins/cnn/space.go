package cnn

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// The choices of a layer, in the order in which they are made.
const (
	filterHeight = iota
	filterWidth
	strideHeight
	strideWidth
	filters
	choices
)

// kinds and sets name the kind of each choice, and the param that lists its
// options.
var (
	kinds = [choices]string{"filter_height", "filter_width", "stride_height", "stride_width", "filters"}
	sets  = [choices]string{"filter_heights", "filter_widths", "stride_heights", "stride_widths", "filters"}
)

// skip is the kind of the decision which earlier layers a layer reads.
const skip = "skip"

// space is one of the module's spaces under given params.
type space struct {
	layers       int            // predicted
	options      [choices][]int // nil: the choice is not offered
	extraFilters int
	skips        bool // predicted
	expansion    int  // layers of the network for each predicted one
	wholeBlocks  bool // later layers read all of a block
	pools        []int
	poolSize     int

	info spec.SpaceInfo
}

// open makes any of the module's spaces: they differ in the params they have.
func open(p guest.Params) (guest.Space, error) {
	s := &space{layers: p.Int("layers"), extraFilters: p.Int("extra_filters"), skips: p.Bool("skips"), expansion: 1, poolSize: p.Int("pool_size")}
	if p.Has("expansion") {
		s.expansion = p.Int("expansion")
		s.wholeBlocks = p.String("block_output") == allOfBlock
	}
	problems := ""
	for choice, set := range sets {
		if p.Has(set) {
			s.options[choice] = p.Ints(set)
			problems += s.offerChoice(choice)
		}
	}
	if s.skips {
		s.info.Kinds = append(s.info.Kinds, spec.Kind{ID: skip, Type: spec.AnchorSet})
	}
	s.info.MaxSteps = s.layers * len(s.info.Kinds)
	if s.depth() > maxDepth {
		problems += "layers times expansion must be at most " + strconv.Itoa(maxDepth) + "; "
	}
	problems += s.place(p.Ints("pools"))
	if problems != "" {
		return nil, guest.BadParams(problems[:len(problems)-len("; ")])
	}
	return s, nil
}

// offerChoice adds the kind of a choice, and says what is wrong with its options.
func (s *space) offerChoice(choice int) (problems string) {
	k := spec.Kind{ID: kinds[choice], Type: spec.Choice}
	for i, v := range s.options[choice] {
		for _, earlier := range s.options[choice][:i] {
			if v == earlier {
				problems += sets[choice] + " names " + strconv.Itoa(v) + " twice; "
			}
		}
		k.Options = append(k.Options, strconv.Itoa(v))
	}
	if len(k.Options) == 0 {
		problems += sets[choice] + " is empty, name at least one; "
	}
	s.info.Kinds = append(s.info.Kinds, k)
	return problems
}

// place keeps the pools that lie within the network, and says what is wrong
// with them.
func (s *space) place(pools []int) string {
	last := 0
	for _, after := range pools {
		if after <= last || len(pools) > maxPools {
			return "pools must ascend and be at most " + strconv.Itoa(maxPools) + "; "
		}
		last = after
		if after < s.depth() {
			s.pools = append(s.pools, after)
		}
	}
	return ""
}

// depth is the number of convolutions of the network.
func (s *space) depth() int { return s.layers * s.expansion }

func (s *space) Info() spec.SpaceInfo { return s.info }

// decision returns the i-th decision of an episode: what is asked depends on
// the position alone.
func (s *space) decision(i int) spec.Decision {
	layer, kind := i/len(s.info.Kinds), s.info.Kinds[i%len(s.info.Kinds)].ID
	q := spec.Decision{Kind: kind, Name: "layer" + strconv.Itoa(layer+1) + "/" + kind}
	if kind == skip {
		q.Anchor = true
		for earlier := range layer {
			q.Candidates = append(q.Candidates, earlier)
		}
	}
	return q
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
