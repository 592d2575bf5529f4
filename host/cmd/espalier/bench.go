package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/kernels"
)

func (a *app) benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what a claim about this program rests on",
	}
	cmd.AddCommand(a.benchSearchCommand())
	requireKnownSubcommand(cmd)
	return cmd
}

func (a *app) benchSearchCommand() *cobra.Command {
	var run runFlags
	var seeds int
	cmd := &cobra.Command{
		Use:   "search",
		Short: "REINFORCE against random search at equal budget over several seeds",
		Long: `Run the study with several seeds, by reinforcement and by random search at the
same budget, and compare the best networks that each found. Takes the flags of
espalier search. Every study is kept and can be shown.`,
		Example: `  espalier bench search
  espalier bench search --data grammar --trials 300 --epochs 2 --set data.train_count=20000 --set data.test_count=4000`,
		Args: noArgs,
	}
	study := addStudyFlags(cmd)
	a.lockFlag(cmd)
	run.add(cmd)
	cmd.Flags().IntVar(&seeds, "seeds", 8, "how many seeds, from the study's own on")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := study.document(a)
		if err != nil {
			return err
		}
		c, err := d.decode()
		if err != nil {
			return err
		}
		if seeds < 2 {
			return usagef("--seeds %d: want at least 2, since one says nothing about another", seeds)
		}
		if err := run.effort.check(); err != nil {
			return err
		}
		if run.print {
			return a.printJSON(c)
		}
		return inDocument(study.space, a.benchSearch(cmd.Context(), c, seeds, run))
	}
	return cmd
}

// searchBench is what `espalier bench search --json` prints.
type searchBench struct {
	Schema     string            `json:"schema"` // "espalier.bench.search/1"
	Dir        string            `json:"dir"`
	CPU        string            `json:"cpu"`
	Kernels    string            `json:"kernels"`
	Metric     report.Metric     `json:"metric"`
	Spread     spread            `json:"spread"`
	Comparison report.Comparison `json:"comparison"`
	Trend      report.Trend      `json:"trend"`
}

func (a *app) benchSearch(ctx context.Context, c search.Config, seeds int, run runFlags) error {
	dir, err := freeDir(run.runs, "bench-search")
	if err != nil {
		return err
	}
	var sides [2][]report.Run // of distinct networks
	var learned []report.Run  // every trial of the strategy
	options := report.DefaultCompare()
	for i := range seeds {
		c.Seed = c.Seed + min(uint64(i), 1)
		for side, strategy := range []search.StrategyConfig{c.Strategy, {Name: "random"}} {
			one := c
			one.Strategy = strategy
			state, err := a.benchStudy(ctx, one, filepath.Join(dir, fmt.Sprintf("%s-s%d", strategy.Name, c.Seed)), run.effort)
			if err != nil {
				return err
			}
			options.Metric = report.StudyMetric(state)
			sides[side] = append(sides[side], report.DistinctRun(state))
			if side == 0 {
				learned = append(learned, report.RunOf(state))
			}
		}
	}
	b := searchBench{
		Schema: "espalier.bench.search/1", Dir: dir, CPU: processorName(), Kernels: string(kernels.Active()),
		Metric: options.Metric, Spread: spreadOf(sides[1], options.Metric),
		Comparison: report.Compare(sides[0], sides[1], options),
		Trend:      report.MeasureTrend(learned, 0.95),
	}
	if a.json {
		return a.printJSON(b)
	}
	w := a.term.Out
	fmt.Fprintf(w, "%s and random search, %s of %s each, %s on %s\n", c.Strategy.Name, plural(seeds, "seed"), plural(c.Trials, "trial"), offer(c.Space), c.Data.Name)
	fmt.Fprintf(w, "%s, %s, kernels %s\n\n", b.CPU, plural(runtime.GOMAXPROCS(0), "core"), b.Kernels)
	fmt.Fprintf(w, "%s of random networks: %s\n\n", b.Metric.Name(), b.Spread.text(b.Metric))
	fmt.Fprintf(w, "%s\n%s\n%s", b.Comparison.Chart(a.screen()), b.Comparison.Text(a.screen()), report.Paragraph(b.Trend.Sentence, a.screen()))
	fmt.Fprintf(a.info(), "\nthe studies are in %s\n", dir)
	return nil
}

// benchStudy runs one of the studies.
func (a *app) benchStudy(ctx context.Context, c search.Config, dir string, e effort) (*event.State, error) {
	s, err := a.open(ctx, c, pluginFiles{})
	if err != nil {
		return nil, err
	}
	defer s.close(ctx)
	return a.runStudy(ctx, s, dir, filepath.Base(dir), e.onThisMachine(c.Trials), extension{})
}

// spread says how much random architectures differ.
type spread struct {
	Worst  float64 `json:"worst"`
	Low    float64 `json:"low"` // first decile
	Median float64 `json:"median"`
	High   float64 `json:"high"` // last decile
	Best   float64 `json:"best"`
}

func spreadOf(runs []report.Run, metric report.Metric) spread {
	var all []float64
	for _, r := range runs {
		for _, v := range r.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		return spread{}
	}
	slices.Sort(all)
	if metric.Lower() {
		slices.Reverse(all) // the worst comes first
	}
	at := func(q float64) float64 { return all[int(q*float64(len(all)-1))] }
	return spread{at(0), at(0.1), at(0.5), at(0.9), at(1)}
}

func (s spread) text(metric report.Metric) string {
	return fmt.Sprintf("worst %s, first decile %s, median %s, last decile %s, best %s",
		metric.Text(s.Worst), metric.Text(s.Low), metric.Text(s.Median), metric.Text(s.High), metric.Text(s.Best))
}
