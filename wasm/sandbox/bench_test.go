package sandbox

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// tenLayers is a space of 40 decisions in a guest written in Go.
func tenLayers(b *testing.B) *Space {
	b.Helper()
	m := load(b, open(b, compiled()), sandboxtest.Build(b, "plugins/cnn/guest"))
	s, err := m.Space(background, "v1", json.RawMessage(`{"layers":10}`))
	if err != nil {
		b.Fatal(report(err))
	}
	return s
}

// BenchmarkWalk plays an episode of 40 decisions whose transitions are known.
func BenchmarkWalk(b *testing.B) {
	s := tenLayers(b)
	if _, _, err := stroll(s, rand.New(rand.NewPCG(1, 1))); err != nil {
		b.Fatal(report(err))
	}
	n := uint64(0)
	for b.Loop() {
		n++
		if _, _, err := stroll(s, rand.New(rand.NewPCG(2, n))); err != nil {
			b.Fatal(report(err))
		}
	}
}

// BenchmarkNext asks the guest for a decision that nothing is known about.
func BenchmarkNext(b *testing.B) {
	s := tenLayers(b)
	_, answers, err := stroll(s, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		b.Fatal(report(err))
	}
	for b.Loop() {
		if _, err := s.consult(background, answers[:20]); err != nil {
			b.Fatal(report(err))
		}
	}
}

// BenchmarkBuild builds the network of an episode.
func BenchmarkBuild(b *testing.B) {
	s := tenLayers(b)
	_, answers, err := stroll(s, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		b.Fatal(report(err))
	}
	task := spec.Task{Type: spec.TaskImage, Input: []int{32, 32, 3}, Classes: 10}
	for b.Loop() {
		if _, err := s.Build(background, answers, task); err != nil {
			b.Fatal(report(err))
		}
	}
}

// BenchmarkLoad loads a plugin written in Go whose compiled code is on disk.
func BenchmarkLoad(b *testing.B) {
	wasm := sandboxtest.Build(b, "plugins/cnn/guest")
	load(b, open(b, compiled()), wasm)
	for b.Loop() {
		s, err := New(background, compiled())
		if err != nil {
			b.Fatal(err)
		}
		load(b, s, wasm)
		if err := s.Close(background); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMeter asks for the same decision as BenchmarkNext without meter, with
// it, and with the engine's own deadline in its place. Guests in other languages
// are measured by espalier plugin bench.
func BenchmarkMeter(b *testing.B) {
	for _, c := range []struct {
		name                string
		unmetered, deadline bool
	}{{"plain", true, false}, {"metered", false, false}, {"deadline", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			o := compiled()
			o.Unmetered = c.unmetered
			box := open(b, o)
			box.engine.deadline = c.deadline
			m := load(b, box, sandboxtest.Build(b, "plugins/cnn/guest"))
			s, err := m.Space(background, "v1", json.RawMessage(`{"layers":10}`))
			if err != nil {
				b.Fatal(report(err))
			}
			_, answers, err := stroll(s, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				b.Fatal(report(err))
			}
			for b.Loop() {
				if _, err := s.consult(background, answers[:20]); err != nil {
					b.Fatal(report(err))
				}
			}
		})
	}
}
