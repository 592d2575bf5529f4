package controller

import (
	"context"
	"math/rand/v2"
	"testing"
)

// BenchmarkRollout is one update: sampling m = 8 episodes of 60 decisions and
// learning from them. It reports trials per second on one core.
func BenchmarkRollout(b *testing.B) {
	space := convolutional(10)
	c := newController(b, Default(), space, 1)
	rewards := []float64{0.1, 0.9, 0.3, 0.4, 0.5, 0.2, 0.7, 0.8}
	episodes := make([]Episode, len(rewards))
	id := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		for i := range episodes {
			id++
			e, err := c.Sample(context.Background(), space, rand.New(rand.NewPCG(1, id)))
			if err != nil {
				b.Fatal(err)
			}
			episodes[i] = e
		}
		if _, err := c.Update(episodes, rewards); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(episodes))/b.Elapsed().Seconds(), "trials/s")
}

// BenchmarkSample is one episode of 60 decisions.
func BenchmarkSample(b *testing.B) {
	space := convolutional(10)
	c := newController(b, Default(), space, 1)
	id := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		id++
		if _, err := c.Sample(context.Background(), space, rand.New(rand.NewPCG(1, id))); err != nil {
			b.Fatal(err)
		}
	}
}
