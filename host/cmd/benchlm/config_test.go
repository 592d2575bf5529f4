package main

import (
	"io"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, err := parse(strings.Fields("-nets lstm -follow 3 -seeds 2 -limit 1000 -data-dir d"), io.Discard)
	if err != nil || c.Follow != 3 || c.Seeds != 2 || c.Limit != 1000 || c.DataDir != "d" || !c.Torch || !c.Nets.MatchString("lstm-200") {
		t.Errorf("%+v, %v", c, err)
	}
	for _, test := range []struct{ line, want string }{
		{"-follow -1", "-follow is -1"},
		{"-seeds 0", "-seeds is 0"},
		{"-limit -1 -runs 0", "-limit is -1"},
		{"-limit -1 -runs 0", "-runs is 0"},
		{"-cell -no-torch", "need PyTorch"},
		{"-golden x -no-torch", "need PyTorch"},
	} {
		var help strings.Builder
		_, err := parse(strings.Fields(test.line), &help)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(help.String(), test.want) {
			t.Errorf("%s: %v; written: %s", test.line, err, help.String())
		}
	}
}

func TestPick(t *testing.T) {
	for line, want := range map[string]int{"": 23, "-short": 6, "-nets ^lstm": 2, "-nets cell-0": 9, "-nets nothing": 0} {
		c, err := parse(strings.Fields(line), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(c.pick(mustList(t, 1))); n != want {
			t.Errorf("%s: %d networks, want %d", line, n, want)
		}
	}
}
