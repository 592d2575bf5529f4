package conformance

import (
	"context"
	"errors"
	"reflect"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// tasks are those that networks are built for, by the type of a space's task.
// The first is one that every space has to serve; the others it may refuse.
func tasks(t spec.TaskType) []spec.Task {
	if t == spec.TaskText {
		return []spec.Task{text35, {Type: t, Input: []int{8}, Classes: 50}, {Type: t, Input: []int{70}, Classes: 200}}
	}
	return []spec.Task{image32, {Type: t, Input: []int{28, 28, 1}, Classes: 10}, {Type: t, Input: []int{16, 24, 3}, Classes: 2}, {Type: t, Input: []int{96, 96, 3}, Classes: 100}}
}

var (
	image32 = spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10} // as CIFAR-10's
	text35  = spec.Task{Type: spec.TaskText, Input: []int{35}, Classes: 10_000}     // as the Penn Treebank's
)

// network is the value of an answer to build.
type network struct{ spec.Network }

func (n *network) Decode(d *wire.Decoder) {
	for d.Object(); d.Next(); {
		if d.Key() == "network" {
			n.Network.Decode(d)
		}
	}
}

// build checks B01 and B02: the network of a whole episode, for the first task
// on every other walk, and for the others in turn. Under extreme params it may
// be too large, which a search takes for a failed trial.
func (p *player) build(ctx context.Context, w *walk) {
	if !p.wants("B01", "B02", "B05", "P02", "P05") {
		return
	}
	turn := 0
	if p.target.standard && w.n%2 == 1 {
		turn = w.n / 2 % len(p.tasks)
	}
	task := p.tasks[turn]
	var n network
	r := p.ask(ctx, spec.OpCodeBuild, p.target.payload("prefix", &w.answers, "task", &task), &n)
	p.tested("B01")
	if !r.ok() {
		// What goes beyond the spec's bounds under extreme params, or does not
		// fit a task, may be refused; nothing else.
		optional := !p.target.standard || turn > 0
		if optional && r.fault != nil && r.fault.Code == spec.CodeUnsupported {
			return
		}
		code := "B01"
		var e *sandbox.Error
		if errors.As(r.failure, &e) && errors.Is(e, sandbox.ErrLimit) && e.Code == "answer" {
			code = "B02"
		}
		p.findIn(code, p.target, []int{w.n}, r, "an episode of %d answers has no network: %s", len(w.answers), r.outcome())
		return
	}
	p.tested("B02")
	err := n.Validate()
	if err == nil && !reflect.DeepEqual(n.Task, task) {
		err = errors.New("it is for the task " + encoded(&n.Task) + ", but was asked for " + encoded(&task))
	}
	var invalid *spec.Invalid
	if !p.target.standard && errors.As(err, &invalid) && invalid.Large() {
		p.large = invalid
		return
	}
	p.fitting++
	if err != nil {
		p.findIn("B02", p.target, []int{w.n}, r, "%s", sandbox.Printable([]byte(err.Error()), shownBytes))
	}
}

// fits checks B05 after all walks under extreme params, some of whose networks
// may be too large, but not all.
func (p *player) fits() {
	if p.target.standard || len(p.o.Only) > 0 {
		return
	}
	p.tested("B05")
	if p.large != nil && p.fitting == 0 {
		p.find("B05", p.target, reply{}, "every network is too large: %s", sandbox.Printable([]byte(p.large.Error()), shownBytes))
	}
}

// unfinished checks B04: a part of an episode has no network.
func (p *player) unfinished(ctx context.Context, w *walk) {
	if len(w.answers) == 0 || !p.wants("B04") {
		return
	}
	rng := p.rng(p.target, w.n, "unfinished")
	for _, at := range []int{0, rng.IntN(len(w.answers)), len(w.answers) - 1} {
		p.tested("B04")
		r := p.ask(ctx, spec.OpCodeBuild, p.target.payload("prefix", ref(w.answers[:at]), "task", &p.tasks[0]), nothing{})
		switch {
		case r.crashed():
			p.findIn("B04", p.target, []int{w.n}, r, "the first %d of %d answers: %s", at, len(w.answers), r.outcome())
		case r.ok():
			p.findIn("B04", p.target, []int{w.n}, r, "the first %d of %d answers are built, though the episode is not over", at, len(w.answers))
		}
	}
}

// wrongTasks checks B03 with one episode.
func (p *player) wrongTasks(ctx context.Context) {
	if !p.wants("B03") {
		return
	}
	w := p.walk(ctx, allFirst, p.extremeWalks())
	if !w.whole {
		return
	}
	other := text35
	if p.info.Task == spec.TaskText {
		other = image32
	}
	right := p.tasks[0]
	flat, deep, none, few := right, right, right, right
	flat.Input = flat.Input[:len(flat.Input)-1]
	deep.Input = append(append([]int(nil), deep.Input...), 3)
	none.Input = make([]int, len(none.Input))
	few.Classes = 0
	unknown := spec.Raw(`{"type":"sound","input":[8],"classes":2}`)
	for _, c := range []struct {
		why   string
		task  any
		spare bool // an answer may be given: the task's sizes are not the plugin's to judge
	}{
		{"a task of type " + string(other.Type), &other, false},
		{"an unknown type of task", &unknown, false},
		{"a task whose input has a dimension too few", &flat, false},
		{"a task whose input has a dimension too many", &deep, false},
		{"a task whose input is empty", &none, true},
		{"a task without classes", &few, true},
		{"no task at all", &spec.Raw{}, false},
	} {
		p.tested("B03")
		r := p.ask(ctx, spec.OpCodeBuild, p.target.payload("prefix", &w.answers, "task", c.task), nothing{})
		switch {
		case r.crashed():
			p.find("B03", p.target, r, "%s: %s", c.why, r.outcome())
		case r.ok() && !c.spare:
			p.find("B03", p.target, r, "%s is served", c.why)
		}
	}
}
