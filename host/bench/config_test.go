package bench

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
)

func parse(line string, help io.Writer) (c Config, err error) {
	err = c.Parse(c.Flags("bench", "a, b", help), strings.Fields(line), func() []error { return nil })
	return c, err
}

func TestParse(t *testing.T) {
	c, err := parse("-nets ^v -threads 2,4 -no-torch -rounds 3", io.Discard)
	if err != nil || !slices.Equal(c.Threads, []int{2, 4}) || c.Torch || c.Rounds != 3 || c.Seed != 1 || !c.Nets.MatchString("v1") || c.Nets.MatchString("av") {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = parse("-short -no-torch=false", io.Discard); err != nil || c.Rounds != 1 || !c.Torch || !c.Nets.MatchString("anything") {
		t.Errorf("short: %+v, %v", c, err)
	}
	if _, err := parse("-h", io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
	for _, test := range []struct{ line, want string }{
		{"-nets (", "missing closing )"},
		{"-threads 1,x", `"x" is not a positive number`},
		{"-no-torch=maybe", "invalid boolean value"},
		{"-rounds -1 -seconds -2 -peak -3 more", "-peak is -3"},
		{"-rounds -1 -seconds -2 -peak -3 more", `unexpected arguments ["more"]`},
		{"-runs 0", "-runs is 0, want 1 or more"},
		{"-rounds 0 -no-torch", "only compares numbers"},
		{"-round 3", "not defined: -round"},
	} {
		var help strings.Builder
		_, err := parse(test.line, &help)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(help.String(), test.want) {
			t.Errorf("%s: %v; written: %s", test.line, err, help.String())
		}
	}
}

func TestParseOwn(t *testing.T) {
	var c Config
	own := errors.New("the flag of its own is wrong")
	err := c.Parse(c.Flags("bench", "a", io.Discard), []string{"-runs", "0"}, func() []error { return []error{own} })
	if !errors.Is(err, own) || !strings.Contains(err.Error(), "-runs is 0") {
		t.Errorf("%v", err)
	}
}
