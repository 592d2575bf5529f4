package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/espalier-nas/espalier/host/controller"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// walkLength is how many decisions of a walk are measured.
const walkLength = 40

// errEnough ends a walk before its end.
var errEnough = errors.New("enough decisions")

// shortWalk answers at random, until the end or so many decisions.
func shortWalk(ctx context.Context, space *sandbox.Space, kinds map[string]spec.Kind, rng *rand.Rand, most int) (decisions int, err error) {
	_, err = controller.Walk(ctx, space, func(i int, d *spec.Decision) (controller.Reply, error) {
		if decisions = i; i == most {
			return controller.Reply{}, errEnough
		}
		decisions++
		return controller.Reply{Answer: randomAnswer(kinds[d.Kind], d, rng)}, nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return decisions, err
}

// randomAnswer is any answer that a decision allows.
func randomAnswer(k spec.Kind, d *spec.Decision, rng *rand.Rand) spec.Answer {
	switch k.Type {
	case spec.AnchorSet:
		var picked []int
		for _, j := range d.Candidates {
			if rng.IntN(2) == 0 {
				picked = append(picked, j)
			}
		}
		return spec.PickSet(picked...)
	case spec.Pointer:
		return spec.Pick(d.Candidates[rng.IntN(len(d.Candidates))])
	}
	for {
		if i := rng.IntN(len(k.Options)); len(d.Mask) == 0 || d.Mask[i] {
			return spec.Pick(i)
		}
	}
}

func kindsByID(kinds []spec.Kind) map[string]spec.Kind {
	byID := map[string]spec.Kind{}
	for _, k := range kinds {
		byID[k.ID] = k
	}
	return byID
}

// benchWalks measures walks through a space after as many others, which made
// its transitions known.
func benchWalks(ctx context.Context, space *sandbox.Space) (*walkBench, error) {
	const walks = 300
	kinds := kindsByID(space.Info().Kinds)
	var took []float64
	var lengths []int
	for n := range 2 * walks {
		start := time.Now()
		decisions, err := shortWalk(ctx, space, kinds, rand.New(rand.NewPCG(1, uint64(n))), walkLength)
		if err != nil {
			return nil, fmt.Errorf("walk %d: %w", n, err)
		}
		if n >= walks {
			took, lengths = append(took, time.Since(start).Seconds()), append(lengths, decisions)
		}
	}
	slices.Sort(took)
	slices.Sort(lengths)
	return &walkBench{Decisions: quantile(lengths, 0.5), P50Seconds: quantile(took, 0.5), P99Seconds: quantile(took, 0.99)}, nil
}

// Numbers of requests that are measured.
const (
	nextRequests  = 200
	buildRequests = 40
)

// walkRequests are requests for the decisions of whole walks, and for their
// networks. Cacheable is the share of the steps that have a state.
func walkRequests(ctx context.Context, space *sandbox.Space, params json.RawMessage) (list []calls, cacheable float64, err error) {
	info := space.Info()
	kinds := kindsByID(info.Kinds)
	task, err := exampleTask(info.Task, nil, 0)
	if err != nil {
		return nil, 0, err
	}
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	next, build := calls{op: spec.OpCodeNext, name: "next"}, calls{op: spec.OpCodeBuild, name: "build"}
	steps, stated := 0, 0
	for n := range buildRequests {
		rng := rand.New(rand.NewPCG(2, uint64(n)))
		e, err := controller.Walk(ctx, space, func(_ int, d *spec.Decision) (controller.Reply, error) {
			return controller.Reply{Answer: randomAnswer(kinds[d.Kind], d, rng)}, nil
		})
		if err != nil {
			return nil, 0, err
		}
		for i, step := range e.Steps {
			if steps++; step.State != "" {
				stated++
			}
			if len(next.payloads) < nextRequests {
				next.payloads = append(next.payloads, payload(walkPayload{info.Name, params, e.Answers[:i], nil}))
			}
		}
		build.payloads = append(build.payloads, payload(walkPayload{info.Name, params, e.Answers, &task}))
	}
	return []calls{next, build}, float64(stated) / float64(max(steps, 1)), nil
}

// walkPayload is a request for the next step, or with a task for the network.
type walkPayload struct {
	Space  string          `json:"space"`
	Params json.RawMessage `json:"params"`
	Prefix spec.Answers    `json:"prefix"`
	Task   *spec.Task      `json:"task,omitempty"`
}

// payload is a request as JSON.
func payload(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("espalier: a request is not JSON")
	}
	return b
}

// rewardPayload is a request for a reward.
type rewardPayload struct {
	Shaper  string          `json:"shaper"`
	Params  json.RawMessage `json:"params"`
	Metrics spec.Metrics    `json:"metrics"`
}

// exampleMetrics are those of trials that learned more or less.
func exampleMetrics(n int) []spec.Metrics {
	list := make([]spec.Metrics, n)
	for i := range list {
		m := &list[i]
		*m = spec.Metrics{Params: 1000 * int64(i+1), MACs: 1_000_000, LatencySeconds: 1e-3}
		for epoch := 1; epoch <= 20; epoch++ {
			accuracy := float64(epoch+i) / 100
			m.Epochs = append(m.Epochs, spec.Epoch{Epoch: epoch, TrainLoss: 2 - accuracy, TrainAccuracy: accuracy, ValidLoss: 2 - accuracy, ValidAccuracy: accuracy, Seconds: 1})
		}
	}
	return list
}

// rewardRequests are requests for rewards.
func rewardRequests(shaper string, params json.RawMessage) calls {
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	r := calls{op: spec.OpCodeReward, name: "reward"}
	for _, metrics := range exampleMetrics(buildRequests) {
		r.payloads = append(r.payloads, payload(rewardPayload{shaper, params, metrics}))
	}
	return r
}

// benchCalls makes each call of one operation several times, with and without
// metering in turn, and takes the shortest time of each. Memory is the largest
// that a guest had after one.
func benchCalls(ctx context.Context, metered, unmetered *sandbox.Module, c calls) (b callBench, memory int64, err error) {
	const rounds = 3
	n := len(c.payloads)
	with, without, fuel := make([]float64, n), make([]float64, n), make([]int64, n)
	for round := range rounds {
		for i, request := range c.payloads {
			for _, side := range []struct {
				module *sandbox.Module
				least  []float64
			}{{metered, with}, {unmetered, without}} {
				answer, u, err := side.module.Call(ctx, c.op, request)
				if err == nil {
					err = refusedBy(answer)
				}
				if err != nil {
					return b, 0, walkError(err, fmt.Sprintf("%s %d", c.name, i))
				}
				if took := u.Time.Seconds(); round == 0 || took < side.least[i] {
					side.least[i] = took
				}
				if side.module == metered {
					fuel[i], memory = u.Fuel, max(memory, u.MemoryBytes)
				}
			}
		}
	}
	sum := func(list []float64) (total float64) {
		for _, v := range list {
			total += v
		}
		return total
	}
	b = callBench{Op: c.name, Calls: n, Metering: sum(with) / sum(without)}
	slices.Sort(with)
	slices.Sort(fuel)
	b.P50Seconds, b.P99Seconds = quantile(with, 0.5), quantile(with, 0.99)
	b.Fuel, b.FuelMost = quantile(fuel, 0.5), fuel[n-1]
	return b, memory, nil
}

// refusedBy is the err of an answer, if it is one.
func refusedBy(answer []byte) error {
	var envelope struct {
		Err *spec.Fault `json:"err"`
	}
	if err := json.Unmarshal(answer, &envelope); err != nil || envelope.Err == nil {
		return err
	}
	return envelope.Err
}
