package main

import (
	"fmt"
	"io"

	"github.com/espalier-nas/espalier/host/bench"
)

// config says what is measured, and how long.
type config struct {
	bench.Config
	// Cell measures the elementwise part of the found cell instead.
	Cell bool
	// Golden is the folder into which what PyTorch computes is stored instead.
	Golden string

	// Follow is the number of epochs for which the perplexities of both sides
	// are compared instead. Default 0: none.
	Follow int
	// Seeds is over how many first weights they are averaged. Default 1.
	Seeds int
	// Limit is the number of tokens that are used of each part of the text.
	// Default 0: all.
	Limit   int
	DataDir string // with the files of the Penn Treebank
}

// parse reads the command line. What is wrong with it is written to help.
func parse(args []string, help io.Writer) (config, error) {
	var c config
	f := c.Flags("benchlm", "lstm-200, lstm-650, nascell-200, cell-01", help)
	f.BoolVar(&c.Cell, "cell", false, "measure the elementwise part of the found cell instead")
	f.StringVar(&c.Golden, "golden", "", "store what PyTorch computes for tiny networks in this `folder` instead")
	f.IntVar(&c.Follow, "follow", 0, "train an LSTM of 2 x 200 units on the Penn Treebank for so many `epochs` on both sides instead, and compare perplexities")
	f.IntVar(&c.Seeds, "seeds", 1, "with -follow: first weights to average over")
	f.IntVar(&c.Limit, "limit", 0, "with -follow: use so many `tokens` of each part of the text; 0: all")
	f.StringVar(&c.DataDir, "data-dir", "data", "with -follow: `folder` of the files of the Penn Treebank")
	err := c.Parse(f, args, func() (wrong []error) {
		check := func(ok bool, format string, args ...any) {
			if !ok {
				wrong = append(wrong, fmt.Errorf(format, args...))
			}
		}
		check(c.Follow >= 0, "-follow is %d, want 0 (not at all) or more", c.Follow)
		check(c.Seeds >= 1, "-seeds is %d, want 1 or more", c.Seeds)
		check(c.Limit >= 0, "-limit is %d, want 0 (all) or more", c.Limit)
		check(c.Torch || !c.Cell && c.Golden == "" && c.Follow == 0, "-cell, -golden and -follow need PyTorch, which -no-torch leaves out")
		return wrong
	})
	return c, err
}
