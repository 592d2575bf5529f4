package main

import (
	"fmt"
	"io"

	"github.com/espalier-nas/espalier/host/bench"
)

// config says what is measured, and how long. A short run halves the batch.
type config struct {
	bench.Config
	// Batch lists the batch sizes. Default: 64, for the found network 128, too.
	Batch []int
	// Trials is the budget of a whole search, which is measured instead of
	// single children. Default 0: none.
	Trials   int
	Espalier string // the built program that searches
}

// parse reads the command line. What is wrong with it is written to help.
func parse(args []string, help io.Writer) (config, error) {
	var c config
	f := c.Flags("benchcnn", "found, tiny, v1-01", help)
	f.Func("batch", "batch `sizes`, separated by commas (default 64; for the found network 64,128)", bench.Numbers(&c.Batch))
	f.IntVar(&c.Trials, "trials", 0, "measure a whole search of so many trials instead")
	f.StringVar(&c.Espalier, "espalier", "bin/espalier", "`program` that searches")
	err := c.Parse(f, args, func() (wrong []error) {
		if c.Trials < 0 {
			wrong = append(wrong, fmt.Errorf("-trials is %d, want 0 (no search) or more", c.Trials))
		}
		return wrong
	})
	if c.Short && c.Batch == nil {
		c.Batch = []int{32}
	}
	return c, err
}
