package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/klauspost/cpuid/v2"

	"github.com/espalier-nas/espalier/kernels"
)

// compare runs each comparison in a process of its own, and writes tables as the rows come. Of several runs, it writes
// at the end what they are together.
func compare(o options, w io.Writer) error {
	p, err := o.plan(runtime.NumCPU())
	if err != nil {
		return err
	}
	all := report{CPU: cpuName(), Cores: runtime.NumCPU(), Go: runtime.Version(), Gonum: gonumVersion(), Runs: p.runs, Rounds: p.rounds, Results: make([]result, len(p.comparisons))}
	fmt.Fprintf(w, "%s, %s; %s, gonum %s\n\n", all.CPU, count(all.Cores, "core"), all.Go, all.Gonum)
	live := w
	if o.markdown {
		live = os.Stderr
	}
	for run := range p.runs {
		if p.runs > 1 {
			fmt.Fprintf(live, "run %d of %d\n\n", run+1, p.runs)
		}
		for i, c := range p.comparisons {
			r, err := start(c, o, p, live)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			all.Results[i].join(r, run)
		}
	}
	for _, r := range all.Results {
		switch {
		case o.markdown:
			writeMarkdown(w, r, p.runs*p.rounds)
		case p.runs > 1:
			writeAll(w, r, p.runs*p.rounds)
		}
	}
	if o.json == "" {
		return nil
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(text, '\n'), 0o666)
}

// start runs the process of a comparison, and writes its table to w as it grows.
func start(c comparison, o options, p plan, w io.Writer) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	child := exec.Command(self, "-child", "-level", string(c.level), "-threads", o.threads, "-shapes", o.shapes)
	if o.short {
		child.Args = append(child.Args, "-short")
	}
	child.Env = c.environ(os.Environ(), slices.Max(p.threads))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	if err := child.Start(); err != nil {
		return result{}, err
	}
	r, err := collect(out, w, p.rounds)
	fmt.Fprintln(w)
	if failed := child.Wait(); failed != nil {
		return r, errors.New("could not be measured")
	}
	return r, err
}

// A piece is what the process of a comparison writes: the head, then rows, then the end.
type piece struct {
	Head *result  `json:",omitempty"` // without rows
	Row  *row     `json:",omitempty"`
	End  *float64 `json:",omitempty"` // cores that other processes used
}

// collect reads the pieces of a result, and writes its table to w as it grows.
func collect(in io.Reader, w io.Writer, rounds int) (result, error) {
	r := result{OtherCores: -1}
	for d := json.NewDecoder(in); ; {
		var p piece
		if err := d.Decode(&p); err == io.EOF {
			return r, nil
		} else if err != nil {
			return r, err
		}
		switch {
		case p.Head != nil:
			r, r.OtherCores = *p.Head, -1
			writeHead(w, r, rounds)
		case p.Row != nil:
			r.Rows = append(r.Rows, *p.Row)
			writeRow(w, *p.Row)
		case p.End != nil:
			r.OtherCores = *p.End
			writeTail(w, r)
		}
	}
}

// measure is the process of a comparison: it writes pieces to w.
func measure(o options, w io.Writer) error {
	p, err := o.plan(runtime.NumCPU())
	if err != nil {
		return err
	}
	c := p.comparisons[0]
	if err := kernels.InitError(); err != nil {
		return err
	}
	if kernels.Active() != c.level {
		return fmt.Errorf("kernels: level %s is in use, not %s as %s should say", kernels.Active(), c.level, kernels.EnvLevel)
	}
	all, about, err := peers(c)
	if err != nil {
		return err
	}
	all = append([]contestant{espalier(), espalierPacked()}, append(all, gonumBLAS(), fmaPeak(c.width))...)
	out := json.NewEncoder(w)
	if err := out.Encode(piece{Head: &result{Comparison: c.name, Level: string(c.level), Peers: about}}); err != nil {
		return err
	}
	before := newLoad()
	m := meter{contestants: all, rounds: p.rounds, burst: p.burst}
	for _, s := range p.shapes {
		operands := newOperands(s)
		for _, threads := range p.threads {
			r, err := m.measure(operands, threads)
			if err != nil {
				return err
			}
			if err := out.Encode(piece{Row: &r}); err != nil {
				return err
			}
		}
	}
	others := before.otherCores()
	return out.Encode(piece{End: &others})
}

// cpuName returns the CPU's name with its family and model, since virtual machines shorten the name.
func cpuName() string {
	return fmt.Sprintf("%s (family %d, model %d)", cpuid.CPU.BrandName, cpuid.CPU.Family, cpuid.CPU.Model)
}

// gonumVersion returns the version of gonum that was built in.
func gonumVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "gonum.org/v1/gonum" {
				return d.Version
			}
		}
	}
	return "of unknown version"
}
