package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// An episode asks for each layer a width and which earlier layers it reads, and
// at the end which layer is the last.
func (p params) info() spec.SpaceInfo {
	i := spec.SpaceInfo{Name: "s", Version: "1.0.0", Task: spec.TaskImage, MaxSteps: 2*p.depth + 1, Params: p.raw(), Kinds: []spec.Kind{
		{ID: "width", Type: spec.Choice, Options: []string{"4", "8", "16"}},
		{ID: "inputs", Type: spec.AnchorSet},
		{ID: "last", Type: spec.Pointer},
	}}
	switch fault {
	case "S01":
		i.Task = spec.TaskText
	case "S14":
		i.Kinds = append(i.Kinds, spec.Kind{ID: "forgotten", Type: spec.Choice, Options: []string{"x"}})
	}
	return i
}

// step is what is asked after n answers, which are given for faults.
func (p params) step(n int, prefix spec.Answers) spec.Step {
	if n == 2*p.depth+1 && fault != "S08" {
		return spec.Step{Done: true}
	}
	layer := n / 2
	name := "layer" + strconv.Itoa(layer)
	s := spec.Step{State: strconv.Itoa(n), Any: true}
	switch {
	case n >= 2*p.depth:
		s.Decision = &spec.Decision{Kind: "last", Name: "last" + strconv.Itoa(n-2*p.depth), Candidates: below(p.depth)}
	case n%2 == 0:
		s.Decision = &spec.Decision{Kind: "width", Name: name + "/width"}
		if layer == 1 {
			s.Decision.Mask = []bool{false, true, true}
		}
	default:
		s.Decision = &spec.Decision{Kind: "inputs", Name: name + "/inputs", Anchor: true, Candidates: below(layer)}
	}
	p.spoil(&s, n, prefix)
	return s
}

// spoil breaks the rule that the fault names.
func (p params) spoil(s *spec.Step, n int, prefix spec.Answers) {
	q := s.Decision
	switch fault {
	case "S05":
		if n == 2 {
			q.Kind = "undeclared"
		}
	case "S06":
		q.Name = "the same"
	case "S07":
		if n == 3 {
			q.Candidates = below(2)
		}
	case "S09":
		if n == 2 {
			q.Mask = q.Mask[1:]
		}
	case "S12": // what the first answer was shows late, without its state
		s.Any = false
		if n == 4 && prefix[0].Index == 1 {
			q.Name = "late"
		}
	case "S13":
		if n == 1 && prefix[0].Index == 1 {
			q.Name = "at once"
		}
	case "X06":
		q.Name += "#" + strconv.Itoa(calls)
	}
}

func below(n int) []int {
	var list []int
	for i := range n {
		list = append(list, i)
	}
	return list
}

// wrong returns the first answer of a prefix that is none, or -1.
func (p params) wrong(prefix spec.Answers) (int, string) {
	info := p.info()
	for i := range prefix {
		s := p.step(i, prefix)
		if s.Done {
			return i, "the episode is over"
		}
		if fault == "S09 late" && i == 4 && prefix[i].Index == 2 {
			return i, "there are two options here"
		}
		if fault == "S05" || fault == "S07" || fault == "S09" {
			continue // its own questions make no sense
		}
		if err := info.CheckAnswer(*s.Decision, prefix[i]); err != nil {
			return i, err.Error()
		}
	}
	return -1, ""
}

func (p params) next(prefix spec.Answers) []byte {
	at, why := p.wrong(prefix)
	switch {
	case at >= 0 && fault == "S10 taken":
		return accept(&spec.Step{Done: true})
	case at >= 0 && fault == "S10":
		panic(why)
	case at >= 0:
		return refuse(spec.CodeBadPrefix, why, at)
	case fault == "S04" && len(prefix) == 3:
		return refuse(spec.CodeInternal, "out of ideas", -1)
	case fault == "S04 trap" && len(prefix) == 3:
		panic("out of ideas")
	}
	s := p.step(len(prefix), prefix)
	return accept(&s)
}

func (p params) build(prefix spec.Answers, task spec.Task) []byte {
	at, why := p.wrong(prefix)
	switch {
	case at >= 0 && fault != "B04":
		return refuse(spec.CodeBadPrefix, why, at)
	case !p.step(len(prefix), prefix).Done && fault != "B04":
		return refuse(spec.CodeBadPrefix, "the episode is not over", len(prefix))
	case (task.Type != spec.TaskImage || len(task.Input) != 3) && fault != "B03":
		return refuse(spec.CodeUnsupported, "images only", -1)
	case fault == "B01" && prefix[0].Index == 2:
		return refuse(spec.CodeInternal, "too wide", -1)
	}
	n := spec.Network{Task: task, Output: "logits"}
	from := spec.InputName
	for layer := range p.depth {
		name := "conv" + strconv.Itoa(layer)
		width := 4
		if 2*layer < len(prefix) {
			width = 4 << max(0, prefix[2*layer].Index)
		}
		if strings.Contains(mode, "broken") && p.depth == 4 {
			width = 60000
		}
		n.Nodes = append(n.Nodes, spec.Node{Name: name, Op: spec.OpConv2D, Inputs: []string{from}, Filters: width, Kernel: [2]int{3, 3}})
		from = name
	}
	n.Nodes = append(n.Nodes, spec.Node{Name: "mean", Op: spec.OpGlobalAvgPool, Inputs: []string{from}},
		spec.Node{Name: "logits", Op: spec.OpDense, Inputs: []string{"mean"}, Units: task.Classes, Bias: true})
	switch fault {
	case "B02":
		n.Nodes[0].Inputs[0] = "nowhere"
	case "B02 task":
		n.Task.Classes++
		n.Nodes[len(n.Nodes)-1].Units++
	}
	return accept(network{&n})
}

// reward is the best accuracy.
func reward(m spec.Metrics) []byte {
	best := 0.0
	for _, e := range m.Epochs {
		if e.ValidAccuracy > best {
			best = e.ValidAccuracy
		}
	}
	r := spec.Reward{Reward: best, Parts: []spec.Part{{Name: "accuracy", Value: best}}}
	switch {
	case fault == "R04" && len(m.Epochs) == 0:
		r.Reward = math.NaN()
	case fault == "R04 trap":
		r.Reward = m.Epochs[len(m.Epochs)-1].ValidAccuracy
	case fault == "R05":
		r.Parts[0].Value = math.NaN()
	case fault == "R06":
		r.Reward = 1
	}
	return accept(&r)
}
