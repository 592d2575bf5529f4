// Command bench compares the matrix product of package kernels with those of OpenBLAS, oneDNN and gonum, side by side.
//
// # Method
//
// Everyone computes the same products from the same memory, checked once against float64 sums. For each product and number of
// threads there are some rounds; in a round each contestant has a turn of about 20 milliseconds of calls without a pause,
// after a warm-up. What counts is the median over the rounds. The measured peak, a contestant like the others, is a loop
// of multiply-adds on registers.
//
// OpenBLAS and oneDNN choose their kernels when they are loaded. So each comparison is a process of its own, started with the variables
// that give them their best kernels for the instructions in question, and nothing else of theirs: the newest OpenBLAS of a
// distribution may not know the newest CPU and fall back to kernels of 2004. The process refuses to
// measure unless each library says that it uses what it was asked to use.
//
// How threads wait is left to each library, and all spin for a while after a call. That is best for the next call, and a
// turn has no pauses; but on two cores, a thread that spins takes half the machine from the next contestant, and makes
// OpenMP's barriers slower by orders of magnitude. So every turn begins with a wait until the process's
// CPU time stands still. Neither OMP_WAIT_POLICY=passive nor a shorter timeout is set, since these would cost
// oneDNN and OpenBLAS a system call for each product. The peers are called on one thread, to which OpenMP's team belongs; Go's
// contestants run on goroutines that are not bound to a thread.
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
