// Command bench compares the matrix product of package kernels with those of OpenBLAS, oneDNN and gonum, side by side.
//
// # Method
//
// Everyone computes the same products from the same memory, checked once against float64 sums. For each product and
// number of threads there are some rounds, and in a round each contestant has a turn: a warm-up, and then about 20
// milliseconds of calls without a pause. What counts is the median over the rounds. The peak, measured in the same
// rounds, is a loop of multiply-adds on registers. gonum, which is slow, has one turn, and none at large products.
//
// OpenBLAS and oneDNN choose their kernels when they are loaded. So each comparison is a process of its own, started
// with the variables that give them their best kernels for the instructions in question. Left to itself, the OpenBLAS of
// a distribution may not know a newer CPU, and fall back to kernels of 2004. The process refuses to measure unless each
// library says that it uses what it was asked to use. oneDNN has two ways to multiply, sgemm and the matmul primitive,
// of which now the one, now the other is faster; the better one counts.
//
// How threads wait is left to each library. All spin for a while after a call, OpenBLAS's for a tenth of a second. In a
// turn, which has no pauses, that serves them best: with OMP_WAIT_POLICY=passive, oneDNN's product of 256³ on two threads
// takes half as long again, that of 64³ twenty times as long. But on two cores, a thread that still spins takes a core from the
// next contestant, and OpenMP's barriers, where threads spin for each other, become slower by orders of magnitude. So
// every turn begins with a wait until the process's CPU time stands still.
//
// The peers are called on one thread, to which OpenMP's team belongs. Go's contestants run on goroutines that are
// not bound to a thread, as in a Go program.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

// options are the flags.
type options struct {
	short    bool
	runs     int
	threads  string
	shapes   string
	level    string
	json     string
	markdown bool
	child    bool
}

func init() { runtime.LockOSThread() } // main stays on the process's first thread, and so do the peers

func main() {
	var o options
	flag.BoolVar(&o.short, "short", false, "3 short rounds instead of 7: a hint rather than a figure")
	flag.IntVar(&o.runs, "runs", 1, "how often everything is measured, each time in a process of its own; all rounds count alike")
	flag.StringVar(&o.threads, "threads", "1,2", "numbers of threads; those beyond the machine's cores are left out")
	flag.StringVar(&o.shapes, "shapes", "", "measure only products that match this regular `expression`, such as ^32768x48x432")
	flag.StringVar(&o.level, "level", "", "measure only this `level`, avx512 or avx2")
	flag.StringVar(&o.json, "json", "", "also write everything, each round included, to this `file`")
	flag.BoolVar(&o.markdown, "markdown", false, "write tables in Markdown")
	flag.BoolVar(&o.child, "child", false, "measure one level in this process, whose environment is set, and write JSON; for the command itself")
	flag.Parse()
	run := compare
	if o.child {
		run = measure
	}
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
