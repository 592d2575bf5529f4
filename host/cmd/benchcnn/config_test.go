package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, err := parse([]string{"-nets", "^v", "-threads", "2, 4", "-batch", "8", "-no-torch", "-rounds", "3"}, io.Discard)
	if err != nil || !slices.Equal(c.Threads, []int{2, 4}) || !slices.Equal(c.Batch, []int{8}) || c.Torch || c.Rounds != 3 || c.Seed != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = parse([]string{"-short"}, io.Discard); err != nil || c.Rounds != 1 || !slices.Equal(c.Batch, []int{32}) {
		t.Errorf("short: %+v, %v", c, err)
	}
	if _, err := parse([]string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
	for _, test := range []struct{ line, want string }{
		{"-batch 0", `"0" is not a positive number`},
		{"-trials -4 -runs 0", "-trials is -4"},
		{"-trials -4 -runs 0", "-runs is 0"},
	} {
		var help strings.Builder
		_, err := parse(strings.Fields(test.line), &help)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(help.String(), test.want) {
			t.Errorf("%s: %v; written: %s", test.line, err, help.String())
		}
	}
}

func TestPick(t *testing.T) {
	for _, test := range []struct {
		line string
		want int // rows
	}{
		{"", 23}, {"-short", 8}, {"-nets ^v3", 6}, {"-nets found", 2}, {"-nets found -batch 1,2,3", 3}, {"-nets nothing", 0},
	} {
		c, err := parse(strings.Fields(test.line), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, e := range c.pick(mustList(t, 1)) {
			rows += len(e.Batches)
		}
		if rows != test.want {
			t.Errorf("%s: %d rows, want %d", test.line, rows, test.want)
		}
	}
}
