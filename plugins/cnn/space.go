package cnn

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// space is one of the module's spaces under given params.
type space struct {
	layers                      int // predicted
	heights, widths             []int
	strides                     bool // predicted
	strideHeights, strideWidths []int
	filters                     []int
	extraFilters                int
	skips                       bool // predicted
	expansion                   int  // layers of the network for each predicted one
	wholeBlocks                 bool // later layers read all of a block
	pools                       []int
	poolSize                    int

	info spec.SpaceInfo
}

// IDs of the kinds.
const (
	filterHeight = "filter_height"
	filterWidth  = "filter_width"
	strideHeight = "stride_height"
	strideWidth  = "stride_width"
	filters      = "filters"
	skip         = "skip"
)

// newSpace completes s by the params that all spaces have.
func newSpace(p guest.Params, s space) (guest.Space, error) {
	s.layers = p.Int("layers")
	s.heights, s.widths = p.Ints("filter_heights"), p.Ints("filter_widths")
	s.filters, s.extraFilters = p.Ints("filters"), p.Int("extra_filters")
	s.skips = p.Bool("skips")
	s.poolSize = p.Int("pool_size")
	pools := p.Ints("pools")
	if msg := s.problem(pools); msg != "" {
		return nil, guest.BadParams(msg)
	}
	for _, after := range pools {
		if after < s.depth() {
			s.pools = append(s.pools, after)
		}
	}
	s.info = s.describe()
	return &s, nil
}

// problem says what is wrong with the params taken together, or returns "".
func (s *space) problem(pools []int) string {
	msg := ""
	add := func(what string) {
		if msg != "" {
			msg += "; "
		}
		msg += what
	}
	for _, set := range []struct {
		name    string
		options []int
		used    bool
	}{
		{"filter_heights", s.heights, true}, {"filter_widths", s.widths, true}, {"filters", s.filters, true},
		{"stride_heights", s.strideHeights, s.strides}, {"stride_widths", s.strideWidths, s.strides},
	} {
		if set.used && len(set.options) == 0 {
			add(set.name + " is empty; name at least one")
		}
		for i, v := range set.options {
			for _, earlier := range set.options[:i] {
				if v == earlier {
					add(set.name + " names " + strconv.Itoa(v) + " twice")
				}
			}
		}
	}
	if s.depth() > maxDepth {
		add("layers times expansion is " + strconv.Itoa(s.depth()) + "; at most " + strconv.Itoa(maxDepth) + " are allowed")
	}
	if len(pools) > maxPools {
		add("pools names " + strconv.Itoa(len(pools)) + " layers; at most " + strconv.Itoa(maxPools) + " are allowed")
	}
	for i := 1; i < len(pools); i++ {
		if pools[i] <= pools[i-1] {
			add("pools must ascend")
			break
		}
	}
	return msg
}

// depth is the number of convolutions of the network.
func (s *space) depth() int { return s.layers * s.expansion }

// describe lists the kinds in the order in which a layer asks them.
func (s *space) describe() spec.SpaceInfo {
	var info spec.SpaceInfo
	choice := func(id string, options []int) {
		k := spec.Kind{ID: id, Type: spec.Choice}
		for _, v := range options {
			k.Options = append(k.Options, strconv.Itoa(v))
		}
		info.Kinds = append(info.Kinds, k)
	}
	choice(filterHeight, s.heights)
	choice(filterWidth, s.widths)
	if s.strides {
		choice(strideHeight, s.strideHeights)
		choice(strideWidth, s.strideWidths)
	}
	choice(filters, s.filters)
	if s.skips {
		info.Kinds = append(info.Kinds, spec.Kind{ID: skip, Type: spec.AnchorSet})
	}
	info.MaxSteps = s.layers * len(info.Kinds)
	return info
}

func (s *space) Info() spec.SpaceInfo { return s.info }

// decision returns the i-th decision of an episode: what is asked depends on
// the position alone.
func (s *space) decision(i int) spec.Decision {
	layer, kind := i/len(s.info.Kinds), s.info.Kinds[i%len(s.info.Kinds)]
	q := spec.Decision{Kind: kind.ID, Name: "layer" + strconv.Itoa(layer+1) + "/" + kind.ID}
	if kind.ID == skip {
		q.Anchor = true
		for earlier := range layer {
			q.Candidates = append(q.Candidates, earlier)
		}
	}
	return q
}

func (s *space) Next(prefix spec.Answers) (spec.Step, error) {
	if err := guest.CheckPrefix(s.info, prefix, s.info.MaxSteps, s.decision); err != nil {
		return spec.Step{}, err
	}
	if len(prefix) == s.info.MaxSteps {
		return spec.Step{Done: true}, nil
	}
	q := s.decision(len(prefix))
	return spec.Step{Decision: &q, State: strconv.Itoa(len(prefix)), Any: true}, nil
}
