package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// finding is one thing that doctor looked at.
type finding struct {
	Check   string `json:"check"`
	OK      bool   `json:"ok"`
	Finding string `json:"finding"`
	Fix     string `json:"fix,omitempty"` // what to do, where it is not OK
}

// diagnosis is what `espalier doctor --json` prints.
type diagnosis struct {
	Schema   string    `json:"schema"` // "espalier.doctor/1"
	OK       bool      `json:"ok"`
	Findings []finding `json:"findings"`
}

func (a *app) doctorCommand() *cobra.Command {
	var runs, dataDir string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check what this machine offers to a search",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.doctor(cmd.Context(), runs, a.dataDir(dataDir))
		},
	}
	runsFlag(cmd, &runs)
	dataDirFlag(cmd, &dataDir)
	return cmd
}

func (a *app) doctor(ctx context.Context, runs, dataDir string) error {
	d := diagnosis{Schema: "espalier.doctor/1", OK: true}
	for _, check := range []func() finding{
		checkProcessor, checkSpeed, checkMemory,
		func() finding { return checkRuns(runs) },
		func() finding { return checkPlugins(ctx) },
		func() finding { return checkData(dataDir) },
	} {
		f := check()
		d.OK = d.OK && f.OK
		d.Findings = append(d.Findings, f)
		if !a.json {
			a.printFinding(f)
		}
	}
	if a.json {
		if err := a.printJSON(d); err != nil {
			return err
		}
	}
	if !d.OK {
		return &exitError{code: exitDoctor, err: errors.New("doctor found a problem"), next: "follow the fixes above, then run espalier doctor again"}
	}
	return nil
}

func (a *app) printFinding(f finding) {
	mark := "ok "
	if !f.OK {
		mark = "BAD"
	}
	fmt.Fprintf(a.term.Out, "%s  %-10s %s\n", mark, f.Check, f.Finding)
	if f.Fix != "" {
		fmt.Fprintf(a.term.Out, "     %-10s fix: %s\n", "", f.Fix)
	}
}

func checkProcessor() finding {
	levels := kernels.Levels()
	text := fmt.Sprintf("%s/%s, %s, kernels %s of", runtime.GOOS, runtime.GOARCH, plural(runtime.GOMAXPROCS(0), "core"), kernels.Active())
	for _, level := range levels {
		text += " " + string(level)
	}
	return finding{Check: "processor", OK: true, Finding: text}
}

// checkSpeed multiplies square matrices for half a second on one core.
func checkSpeed() finding {
	const n = 256
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	kernels.Fill(a, 1)
	kernels.Fill(b, 1)
	scratch := kernels.NewScratch()
	best := time.Duration(1 << 62)
	for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
		t := time.Now()
		kernels.Gemm(scratch, false, false, n, n, n, 1, a, n, b, n, 0, c, n)
		best = min(best, time.Since(t))
	}
	f := finding{Check: "speed", OK: true}
	f.Finding = fmt.Sprintf("%.1f GFLOP/s a core (product of matrices of order %d)", 2*n*n*n/best.Seconds()/1e9, n)
	if c[0] != n {
		f.OK, f.Fix = false, "the product is wrong on this machine: set ESPALIER_KERNELS=generic and report it with the output of espalier version"
	}
	return f
}

func checkMemory() finding {
	available, ok := availableMemory()
	if !ok {
		return finding{Check: "memory", OK: true, Finding: "not known on this system"}
	}
	const enough = 512 << 20
	children := (effort{}).onThisMachine(1).memory
	f := finding{Check: "memory", OK: available >= enough}
	f.Finding = fmt.Sprintf("%s available; children may hold %s", report.Bytes(available), report.Bytes(int64(children)))
	if !f.OK {
		f.Fix = "a search needs about 512 MiB; close other programs or use --workers 1"
	}
	return f
}

// checkRuns tries to write where run directories go, or would go.
func checkRuns(runs string) finding {
	f := finding{Check: "runs"}
	dir := runs
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() {
			break
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			f.Finding, f.Fix = dir+" is not a folder", "choose another folder with --runs"
			return f
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		break
	}
	probe, err := os.CreateTemp(dir, ".espalier-doctor-*")
	if err != nil {
		f.Finding, f.Fix = fmt.Sprintf("cannot write in %s: %v", dir, err), "choose another folder with --runs"
		return f
	}
	probe.Close()
	os.Remove(probe.Name())
	f.OK, f.Finding = true, runs+" can be written"
	free, known := freeDisk(dir)
	if !known {
		return f
	}
	f.Finding += ", " + report.Bytes(free) + " free"
	const enough = 256 << 20
	if free < enough {
		f.OK, f.Fix = false, "free some space, or choose another folder with --runs"
	}
	return f
}

// checkPlugins loads every bundled plugin in the sandbox.
func checkPlugins(ctx context.Context) finding {
	f := finding{Check: "plugins"}
	names := bundled.Names()
	if len(names) == 0 {
		f.Finding, f.Fix = "this binary holds no bundled plugin", "make build"
		return f
	}
	box, err := sandbox.New(ctx, sandbox.Default())
	if err != nil {
		f.Finding = err.Error()
		return f
	}
	defer box.Close(ctx)
	start := time.Now()
	for i, name := range names {
		wasm, err := bundled.Open(name)
		if err == nil {
			_, err = box.Load(ctx, name, wasm)
		}
		if err != nil {
			f.Finding, f.Fix = err.Error(), "make build"
			return f
		}
		if i > 0 {
			f.Finding += ", "
		}
		f.Finding += name
	}
	f.OK = true
	f.Finding += " loaded in " + report.Duration(time.Since(start))
	for _, note := range box.Notes() {
		f.Finding += "; " + note
	}
	return f
}

// checkData says which data sets could be used. Real data is optional, so a
// missing one is no problem; a damaged one is.
func checkData(dir string) finding {
	f := finding{Check: "data", OK: true, Finding: "shapes and grammar (embedded)"}
	if dir == "" {
		f.Finding += "; no --data-dir, so real data was not looked for"
		return f
	}
	for _, known := range data.Known() {
		if len(known.Files) == 0 || known.Name == "text" {
			continue // it is drawn, or a person's own
		}
		err := readable(known, dir)
		switch {
		case err == nil:
			f.Finding += ", " + known.Name
		case !errors.Is(err, data.ErrMissing):
			f.OK, f.Fix = false, err.Error()
			f.Finding += ", " + known.Name + " (damaged)"
		}
	}
	f.Finding += " in " + dir
	return f
}

// readable says why a data set cannot be read, if so.
func readable(set data.Set, dir string) error {
	var err error
	switch o := dataOptions(set.Name, dir); set.Task {
	case spec.TaskText:
		_, err = data.OpenCorpus(o)
	default:
		_, err = data.Open(o)
	}
	return err
}
