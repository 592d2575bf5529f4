package controller

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Controller is a policy, its baseline and its optimiser. Sample, Explain,
// ExplainUpdate, Gradient, Snapshot and Hash change nothing and may run
// concurrently with each other; Update and Restore must run alone.
type Controller struct {
	config Config
	layout *layout
	info   spec.SpaceInfo // the kinds, for checking steps
	tapes  *sync.Pool     // of *tape

	weights  []float32
	moments1 []float32 // Adam's first and second moments
	moments2 []float32
	updates  int
	baseline float64
	seen     bool // a reward has been seen, so baseline is defined
	gradient []float32
}

// maxWeights keeps a controller, with its gradient and moments, within 1 GiB, so
// that a configuration of large numbers is an error and not the end of the program.
const maxWeights = 1 << 26

// initStream keys the random numbers of the initial weights.
const initStream = 0x696e6974

// New returns a controller with random weights for the kinds of decisions that
// its spaces ask. Equal arguments give equal controllers.
func New(config Config, kinds []spec.Kind, seed uint64) (*Controller, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	// Only the kinds of this description matter.
	info := spec.SpaceInfo{Name: "controller", Task: spec.TaskImage, MaxSteps: spec.MaxSteps, Kinds: slices.Clone(kinds)}
	if err := info.Validate(); err != nil {
		return nil, fmt.Errorf("controller: %w", err)
	}
	l, err := newLayout(config, info.Kinds)
	if err != nil {
		return nil, err
	}
	if l.size > maxWeights {
		return nil, fmt.Errorf("controller: %d layers of %d units make %d weights, and %d are the most; take fewer or smaller layers", config.Layers, config.Units, l.size, maxWeights)
	}
	c := &Controller{
		config:   config,
		layout:   l,
		info:     info,
		weights:  make([]float32, l.size),
		moments1: make([]float32, l.size),
		moments2: make([]float32, l.size),
		gradient: make([]float32, l.size),
	}
	c.tapes = &sync.Pool{New: func() any { return newTape(c) }}
	uniform(c.weights, config.InitRange, rand.New(rand.NewPCG(seed, initStream)))
	return c, nil
}

// Config returns the configuration the controller was made with.
func (c *Controller) Config() Config { return c.config }

// Size is the number of weights.
func (c *Controller) Size() int { return c.layout.size }

// Version is the number of updates so far.
func (c *Controller) Version() int { return c.updates }

// Baseline is the moving average of the rewards so far, and false before the
// first update.
func (c *Controller) Baseline() (float64, bool) { return c.baseline, c.seen }

// Hash is the SHA-256 of the weights, in hex.
func (c *Controller) Hash() string {
	sum := sha256.New()
	var buf [4096]byte
	for part := range slices.Chunk(c.weights, len(buf)/4) {
		for i, w := range part {
			binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(w))
		}
		sum.Write(buf[:4*len(part)])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Sample walks space, drawing every answer from the policy. The episode depends
// on the weights, the space and rng alone; its ID is 0 for the caller to set.
// Errors of the walk are *StepError.
func (c *Controller) Sample(ctx context.Context, space Space, rng *rand.Rand) (Episode, error) {
	if err := c.serves(space.Info()); err != nil {
		return Episode{}, err
	}
	t := c.tapes.Get().(*tape)
	defer c.tapes.Put(t)
	t.reset(1)
	e, err := Walk(ctx, space, func(_ int, d *spec.Decision) (Reply, error) {
		r := t.advance(1)
		t.ask(r, d)
		candidates := t.rows[r].candidates
		a := t.dist.sample(rng, candidates)
		t.answer(r, d, a)
		return Reply{Answer: a, LogProb: t.dist.logProb(a, candidates), Entropy: t.dist.entropy}, nil
	})
	e.Version = c.updates
	return e, err
}

// serves reports how a space's kinds differ from the controller's.
func (c *Controller) serves(info spec.SpaceInfo) error {
	if len(info.Kinds) != len(c.info.Kinds) {
		return fmt.Errorf("space %s: it has %d kinds of decisions, the controller was made for %d", info.Name, len(info.Kinds), len(c.info.Kinds))
	}
	for i, k := range info.Kinds {
		mine := &c.info.Kinds[i]
		if k.ID != mine.ID || k.Type != mine.Type || !slices.Equal(k.Options, mine.Options) {
			return fmt.Errorf("space %s: its kind %d is %s, the controller was made for %s", info.Name, i, describe(k), describe(*mine))
		}
	}
	return nil
}

func describe(k spec.Kind) string {
	if k.Type == spec.Choice {
		return fmt.Sprintf("%q (choice of %d: %q)", k.ID, len(k.Options), k.Options)
	}
	return fmt.Sprintf("%q (%s)", k.ID, k.Type)
}
