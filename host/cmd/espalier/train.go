package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trainFlags say what is trained anew, and how often.
type trainFlags struct {
	config  *studyFlags // what children are trained on, and how
	net     string
	beside  []string
	size    string
	grid    string
	seeds   int
	seed    uint64
	runs    string
	out     string
	weights bool
	effort  effort
}

func (a *app) trainCommand() *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "train --net NET",
		Short: "Train a network anew, with fresh seeds, to the end of a recipe",
		Long: `Train a network anew, from several seeds, to the end of a recipe; perhaps at all
points of a grid. The data and the recipe are those of the network's study,
where nothing else is said. The test part of the data is not read.

NET is a run (a directory, a name in --runs, or "latest") for its best network,
RUN:TRIAL for another one, or the JSON file of a network.

Every training that has ended is a row of trainings.jsonl, in the run directory
or --out, with its curve and its recipe; weights and networks lie in trained/.
The same command given again goes on with what is missing.

A language model fits any text: the widths of its embedding table and of its
logits follow the vocabulary, the width of its layers stays, or follows from
--size. --beside trains the same network with a named cell in the place of its
own, as wide as makes its parameters as many, within 2 %; a grid of rates is
fair to cells that want different ones. NET may also be a named cell: then it
is in two layers of 200 units, without dropout.

NET, and what --beside names, may be the network of a plugin's space, too, whose
params leave nothing to choose: PLUGIN:SPACE?PARAM=VALUE&PARAM=VALUE. The bundled
plugin baselines has published networks: see espalier plugin info baselines.
--beside also takes another RUN, RUN:TRIAL or file. All are trained on the same
data, by the same recipe and from the same seeds.

A grid varies members of the recipe: lr, momentum, weight_decay, clip, epsilon
(of batch normalisation), init (the bound of the first weights), milestones,
decay and decay_epoch (of schedules that have them), or any other by its path,
such as optimizer.name; and dropout, which is the network's. A language model
gets dropout where it has none, after its embedding and its layers: with a mask
for each step, or for a whole window if the dropout that it has is variational.
Lists are in brackets: milestones=[0.5],[0.5,0.75]. Settings are ranked by what
they reach on the validation part, so the best one's value there is a little too
good.`,
		Example: `  espalier train --net latest --seeds 5 --epochs 20
  espalier train --net my-run:12 --grid 'lr=0.1,0.05;weight_decay=1e-4,1e-3'
  espalier train --net my-run --data ptb-char --data-dir data --beside lstm
  espalier train --net lstm --data ptb --data-dir data
  espalier train --net latest --beside 'baselines:images?network=resnet-20' --seeds 3
  espalier train --net 'baselines:text?network=lstm-650' --data ptb --data-dir data`,
		Args: noArgs,
	}
	f.config = addTrainingFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.net, "net", "", "network: RUN, RUN:TRIAL, a file, a named cell, or PLUGIN:SPACE?PARAM=VALUE")
	flags.StringSliceVar(&f.beside, "beside", nil, "networks to train as well, or cells in the place of the network's own: "+strings.Join(cell.Names(), ", "))
	flags.StringVar(&f.size, "size", "", "parameters that a language model is to have, e.g. 20M: its width comes as near as it can")
	flags.StringVar(&f.grid, "grid", "", "try all combinations, e.g. 'lr=0.1,0.05;weight_decay=1e-4,1e-3'")
	flags.IntVar(&f.seeds, "seeds", 1, "how many seeds to train from")
	flags.Uint64Var(&f.seed, "seed", 1, "the first of the seeds; the others follow it")
	flags.StringVar(&f.out, "out", "", "directory for the results (default: the run directory, or for a file train-NAME in --runs)")
	flags.BoolVar(&f.weights, "weights", false, "keep the weights of every point of a grid (without a grid they are always kept)")
	runsFlag(cmd, &f.runs)
	a.lockFlag(cmd)
	limitsFlag(cmd)
	f.effort.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.train(cmd.Context(), f)
	}
	return cmd
}

// largestTraining bounds how many trainings one command asks for.
const largestTraining = 10_000

// check refuses what is wrong with the flags alone.
func (f *trainFlags) check() ([]axis, error) {
	if f.net == "" {
		return nil, usagef("which network? name it with --net, as RUN, RUN:TRIAL, a file, a named cell, or PLUGIN:SPACE?PARAM=VALUE")
	}
	if f.seeds < 1 || f.seeds > largestTraining {
		return nil, usagef("--seeds %d: want 1 to %d", f.seeds, largestTraining)
	}
	if f.seed > 1<<52 {
		return nil, usagef("--seed %d: want at most %d", f.seed, uint64(1)<<52)
	}
	axes, err := parseGrid(f.grid)
	if err != nil {
		return nil, err
	}
	if n := gridSize(axes, largestTraining+1) * f.seeds * (1 + len(f.beside)); n > largestTraining {
		return nil, usagef("these are more than %d trainings; choose fewer values, seeds or networks", largestTraining)
	}
	return axes, f.effort.check()
}

func (a *app) train(ctx context.Context, f *trainFlags) error {
	axes, err := f.check()
	if err != nil {
		return err
	}
	goOnUnheard()
	// A plugin builds its network for the data, so that these come first.
	var s *subject
	if !isFixed(f.net) {
		if s, err = findSubject(f.runs, f.net); err != nil {
			return err
		}
	}
	c, err := f.configure(a, s)
	if err != nil {
		return err
	}
	set, err := openData(c)
	if err != nil {
		return err
	}
	t := &training{app: a, config: c, data: set, axes: axes, seeds: f.seeds, weights: f.weights || len(axes) == 0}
	if s == nil {
		if s, err = a.fixedSubject(ctx, f.net, set.task); err != nil {
			return err
		}
	}
	if t.subjects, err = f.subjects(ctx, a, s, set.task); err != nil {
		return err
	}
	if err := t.plan(f.seed); err != nil {
		return err
	}
	if t.dir = f.out; t.dir == "" {
		if t.dir = s.source; s.study == nil {
			t.dir = filepath.Join(f.runs, "train-"+s.name)
		}
	}
	t.effort = f.effort.onThisMachine(len(t.lessons))
	return t.finish(ctx)
}

// configure is the configuration of the training: the study's, if there is one
// and where the data is the same, with the flags over it. Only its data and its
// recipe count.
func (f *trainFlags) configure(a *app, s *subject) (search.Config, error) {
	base := document{}
	if s == nil {
		s = &subject{network: new(spec.Network)}
	}
	if own, _ := s.study["data"].(map[string]any); own != nil && (f.config.data == "" || f.config.data == own["name"] && own["name"] != "text") {
		base["data"], base["recipe"] = own, s.study["recipe"]
	}
	if s.study == nil && f.config.data == "" && s.network.Task.Type == spec.TaskText {
		return search.Config{}, usagef("which data? %s does not say; choose some with --data", s.source)
	}
	d, err := f.config.over(a, base)
	if err != nil {
		return search.Config{}, err
	}
	for member := range d {
		if member != "data" && member != "recipe" && f.sets(member) {
			return search.Config{}, usagef("--set %s: a training has the members of data and recipe only", member)
		}
	}
	return document{"data": d["data"], "recipe": d["recipe"]}.decode()
}

// sets reports whether --set names the member, or one of its members.
func (f *trainFlags) sets(member string) bool {
	for _, assignment := range f.config.set {
		path, _, _ := strings.Cut(assignment, "=")
		if path == member || strings.HasPrefix(path, member+".") {
			return true
		}
	}
	return false
}

// subjects are the network, made to fit the task and the size, and those beside
// it.
func (f *trainFlags) subjects(ctx context.Context, a *app, s *subject, task spec.Task) ([]*subject, error) {
	var err error
	refuse := func(err error) error { return usagef("--net %s: %v", f.net, err) }
	if s.network, err = fitTask(s.network, task); err != nil {
		return nil, refuse(err)
	}
	if f.size != "" {
		size, err := parseCount(f.size)
		if err != nil {
			return nil, usagef("--size %q: %v", f.size, err)
		}
		if s.network, err = sized(s.network, size); err != nil {
			return nil, usagef("--size %s: %s: %v", f.size, s.name, err)
		}
	}
	all := []*subject{s}
	for _, name := range f.beside {
		other, err := f.besideSubject(ctx, a, s, name, task)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(s *subject) bool { return s.name == other.name }) {
			return nil, usagef("--beside %s: there is a network of that name already; leave it out", name)
		}
		all = append(all, other)
	}
	return all, nil
}

// besideSubject is what is trained beside s, made to fit the task: s with another
// cell, or a network of its own.
func (f *trainFlags) besideSubject(ctx context.Context, a *app, s *subject, arg string, task spec.Task) (*subject, error) {
	refuse := func(err error) (*subject, error) { return nil, usagef("--beside %s: %v", arg, err) }
	if isFixed(arg) {
		return a.fixedSubject(ctx, arg, task)
	}
	if named, err := cell.Named(arg); err == nil {
		network, err := sized(withCell(s.network, named), countParams(s.network))
		if err != nil {
			return refuse(err)
		}
		return &subject{name: arg, source: s.source, network: network}, nil
	}
	if !exists(arg) && !exists(filepath.Join(f.runs, arg)) && !strings.ContainsAny(arg, ":/.") {
		return nil, usagef("--beside %q is neither a cell nor a network; the cells are %s; a network is RUN, RUN:TRIAL, a file or PLUGIN:SPACE?PARAM=VALUE", arg, strings.Join(cell.Names(), ", "))
	}
	other, err := findSubject(f.runs, arg)
	if err != nil {
		return nil, err
	}
	if other.study != nil {
		other.name = arg // the name of a trial alone says too little
	}
	if other.network, err = fitTask(other.network, task); err != nil {
		return refuse(err)
	}
	return other, nil
}

// parseCount reads a number such as 20M or 650k.
func parseCount(text string) (int64, error) {
	digits := strings.TrimRight(text, "kKmMgG")
	unit, known := map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[strings.ToLower(text[len(digits):])]
	v, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || !known || !(v*unit >= 1):
		return 0, errors.New("want a number such as 650k or 20M")
	case v*unit > spec.MaxParams:
		return 0, fmt.Errorf("want at most %s", report.Grouped(spec.MaxParams))
	}
	return int64(v * unit), nil
}

// lesson is one training: a network, a recipe and a seed.
type lesson struct {
	subject *subject
	point   point
	recipe  child.Recipe
	network *spec.Network
	params  int64
	macs    int64
	seed    uint64
	key     string
}

// label is what a person calls the lesson, whatever the seed.
func (l *lesson) label() string { return strings.TrimSpace(l.subject.name + " " + l.point.setting) }

// plan lists the lessons: of each seed all points of the grid for all subjects,
// so that what an interruption leaves can be compared.
func (t *training) plan(seed uint64) error {
	for i := range t.seeds {
		for _, p := range points(t.axes) {
			for _, s := range t.subjects {
				l := &lesson{subject: s, point: p, seed: seed + uint64(i)}
				var err error
				if l.recipe, l.network, err = p.apply(t.config.Recipe, s.network); err != nil {
					return err
				}
				refuse := func(err error) error { return usagef("%s: %v", l.label(), err) }
				if err := t.data.suits(l.recipe); err != nil {
					return refuse(err)
				}
				if l.network, err = fitTask(l.network, t.data.taskBy(l.recipe)); err != nil {
					return refuse(err)
				}
				plan, err := l.network.Infer()
				if err != nil {
					return refuse(err)
				}
				l.params, l.macs = plan.Params, plan.MACs
				l.key = t.key(l)
				t.lessons = append(t.lessons, l)
			}
		}
	}
	return nil
}

// key stands for all that the result of a lesson depends on but the level of the
// kernels.
func (t *training) key(l *lesson) string {
	b, err := json.Marshal([]any{l.network.ID(), t.data.about.Hash, t.data.about.Train, t.data.about.Valid, t.config.Data.SplitSeed, recipeJSON(l.recipe), l.seed})
	if err != nil {
		panic("espalier: hashes and numbers became no JSON")
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// row is what is known of a lesson before it begins.
func (t *training) row(l *lesson) journal.Training {
	s := l.subject
	return journal.Training{
		Key: l.key, Name: s.name, Source: s.source, Trial: s.trial, NetworkID: l.network.ID(),
		Data: t.data.about.Name, DataHash: t.data.about.Hash, Train: t.data.about.Train, Valid: t.data.about.Valid,
		Metric: string(t.metric()), Seed: l.seed, Setting: l.point.setting, Grid: l.point.values, Recipe: recipeJSON(l.recipe),
		Params: l.params, MACs: l.macs,
	}
}
