package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Options say what to check. The zero value checks everything, but for Sandbox.
type Options struct {
	// Rules are the codes of the rules to check. Default: all.
	Rules []string
	// Space and Shaper restrict the check to one of them.
	Space, Shaper string
	// Params is a JSON object to use in place of the default params and their
	// extremes.
	Params spec.Raw
	// Walks is how many random walks are made through each space under default
	// params, and how many random metrics a shaper sees; a fiftieth of it, and
	// 8 at least, under each other setting. Default 1000.
	Walks int
	// Only are the numbers of the walks to make; empty: all. The extreme ones
	// come first, from 0.
	Only []int
	// Seed of all that is random. Default DefaultSeed.
	Seed uint64
	// Sandbox holds the limits that a plugin has to keep.
	Sandbox sandbox.Options
	// Report receives the first finding of each rule and subject when it is
	// made. Nil: nobody.
	Report func(Finding)
	// Progress receives how much of the work is done. Nil: nobody.
	Progress func(done, total int, what string)
}

// Defaults of Options.
const (
	DefaultWalks = 1000
	DefaultSeed  = 1
)

func (o *Options) fill() error {
	if o.Walks == 0 {
		o.Walks = DefaultWalks
	}
	if o.Seed == 0 {
		o.Seed = DefaultSeed
	}
	if o.Walks < 1 || o.Walks > 1_000_000 {
		return fmt.Errorf("walks is %d; it must be in [1, 1000000]", o.Walks)
	}
	var codes []string
	for _, r := range rules {
		codes = append(codes, r.Code)
	}
	for _, code := range o.Rules {
		if !slices.Contains(codes, code) {
			return fmt.Errorf("unknown rule %q%s", code, spec.Suggest(code, codes))
		}
	}
	return nil
}

// Errors of Check, whose options then make no sense for the plugin.
var (
	// ErrUnknown: they name a space or shaper that the plugin does not offer.
	ErrUnknown = errors.New("the plugin does not offer it")
	// ErrParams: the plugin refuses their params.
	ErrParams = errors.New("the plugin refuses the params")
	// ErrWalk: they ask for walks by numbers that no walk has.
	ErrWalk = errors.New("there are no such walks")
)

// checker is one check under way.
type checker struct {
	o      Options
	file   string
	wasm   []byte
	module *sandbox.Module
	tape   tape
	now    target        // what calls are about
	worst  map[int]worst // by operation
	stops  int           // calls that ran out of fuel or time
	mute   bool          // what calls use is not held against the budgets
	fatal  error         // why the check cannot go on
	// lastWalk is the highest number of a walk, or of metrics.
	lastWalk int
	verdict  *Verdict
	results  map[string]*Result

	done, total int
}

// Check holds a plugin against the rules. The error is ctx's, or says that the
// options make no sense; a plugin that breaks rules is no error.
func Check(ctx context.Context, file string, wasm []byte, o Options) (*Verdict, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	c := &checker{o: o, file: file, wasm: wasm, worst: map[int]worst{}, results: map[string]*Result{}}
	c.verdict = &Verdict{Plugin: file, Bytes: len(wasm), Seed: o.Seed, Played: []Played{}, Results: []Result{}, Worst: []Highest{}}
	box, err := sandbox.New(ctx, o.Sandbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close(context.WithoutCancel(ctx)) }()
	if c.load(ctx, box) {
		c.offers(ctx)
	}
	if c.fatal != nil {
		return nil, c.fatal
	}
	c.verdict.sum(c.results)
	return c.verdict, nil
}

// offers checks what the loaded module offers.
func (c *checker) offers(ctx context.Context) {
	m := c.module.Manifest()
	spaces, shapers := chosen(m.Spaces, c.o.Space, c.o.Shaper), chosen(m.Shapers, c.o.Shaper, c.o.Space)
	if c.o.Space+c.o.Shaper != "" && len(spaces)+len(shapers) == 0 {
		var names []string
		for _, offer := range slices.Concat(m.Spaces, m.Shapers) {
			names = append(names, offer.Name)
		}
		c.fatal = fmt.Errorf("%s: %w; it has %s", c.o.Space+c.o.Shaper, ErrUnknown, strings.Join(names, ", "))
		return
	}
	c.plan(spaces, shapers)
	for _, offer := range spaces {
		if !c.hopeless() {
			c.space(ctx, offer)
		}
	}
	for _, offer := range shapers {
		if !c.hopeless() {
			c.shaper(ctx, offer)
		}
	}
	c.now = target{}
	if c.fatal == nil && c.missed() {
		c.fatal = fmt.Errorf("%v: %w; they are numbered from 0 to %d", c.o.Only, ErrWalk, c.lastWalk)
		return
	}
	if !c.hopeless() {
		c.garbage(ctx)
		c.replays(ctx)
	}
	c.budgets()
}

// missed tells whether walks were asked for by number, and none was made though
// nothing stood in the way.
func (c *checker) missed() bool {
	made := slices.ContainsFunc(c.verdict.Played, func(p Played) bool { return p.Walks > 0 })
	return len(c.o.Only) > 0 && !made && c.lastWalk > 0 && !c.verdict.Cut
}

// chosen picks the offers of a name; all if neither this nor the other sort's
// name is given.
func chosen(offers []spec.Offer, name, other string) []spec.Offer {
	if name == "" && other == "" {
		return offers
	}
	var list []spec.Offer
	for _, o := range offers {
		if o.Name == name {
			list = append(list, o)
		}
	}
	return list
}

// plan estimates the work, in walks.
func (c *checker) plan(spaces, shapers []spec.Offer) {
	for _, offer := range slices.Concat(spaces, shapers) {
		c.total += c.o.Walks + (len(c.settings(offer))-1)*c.few()
	}
	c.total += replayUnits
}

// few is how many random walks are made under other params than the default.
func (c *checker) few() int { return min(c.o.Walks, max(8, c.o.Walks/50)) }

// playRules are the rules that take walks, or metrics, to check.
var playRules = []string{"S04", "S05", "S06", "S07", "S08", "S09", "S10", "S11", "S12", "S13", "S14",
	"B01", "B02", "B04", "B05", "R04", "R05", "R06", "X05", "X06", "X07", "X08", "X09", "P01", "P02", "P03", "P05"}

// skips tells whether a setting has nothing to do with the rules to check.
func (c *checker) skips(t target) bool {
	return !t.full && !c.wants(playRules...) && !c.wants("S01", "S02", "R01", "R02")
}

// random is how many random walks are made, or metrics judged, under a setting.
// Some are made for any rule, since their calls are repeated later.
func (c *checker) random(t target) int {
	if !t.full || !c.wants(playRules...) {
		return c.few()
	}
	return c.o.Walks
}

// progress says that one walk, or as many units, are done.
func (c *checker) progress(units int, what string) {
	c.done = min(c.done+units, c.total)
	if c.o.Progress != nil {
		c.o.Progress(c.done, c.total, what)
	}
}

// wants tells whether any of the rules is to be checked.
func (c *checker) wants(codes ...string) bool {
	return len(c.o.Rules) == 0 || slices.ContainsFunc(codes, func(code string) bool { return slices.Contains(c.o.Rules, code) })
}

// plays tells whether a walk is to be made.
func (c *checker) plays(n int) bool { return len(c.o.Only) == 0 || slices.Contains(c.o.Only, n) }

// samples tells whether a walk is one of every so many that a costly check
// looks at. Walks that were asked for by number all are.
func (c *checker) samples(n, every int) bool { return len(c.o.Only) > 0 || n%every == 0 }

// over tells whether the check cannot go on.
func (c *checker) over(ctx context.Context) bool {
	if c.fatal == nil {
		c.fatal = context.Cause(ctx)
	}
	return c.fatal != nil
}

// maxStops is how many calls may run out of fuel or time, each of which takes
// seconds, before the rest is left out.
const maxStops = 10

// hopeless tells whether nearly all calls run out of fuel or time.
func (c *checker) hopeless() bool {
	c.verdict.Cut = c.verdict.Cut || c.stops >= maxStops
	return c.verdict.Cut
}

// stop ends the check because of an error that is not the plugin's.
func (c *checker) stop(ctx context.Context, err error) {
	if !c.over(ctx) {
		c.fatal = err
	}
}
