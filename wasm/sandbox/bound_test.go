package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestParseLimits(t *testing.T) {
	for _, c := range []struct{ text, canonical string }{
		{"", ""},
		{" ", ""},
		{"fuel.next=2G", "fuel.next=2G"},
		{"fuel.next=2e9, memory = 128mib", "memory=128MiB,fuel.next=2G"},
		{"memory=134217728", "memory=128MiB"},
		{"memory=64MiB,fuel.build=4000M", ""}, // the defaults
		{"fuel=8G", "fuel.init=8G,fuel.describe=8G,fuel.next=8G,fuel.build=8G,fuel.reward=8G"},
		{"fuel=1G,fuel.build=1.5G", "fuel.build=1500M"},
		{"time=90s,compile=1h", "time=1m30s,compile=1h"},
		{"time=2m,compile=500ms", "time=2m,compile=500ms"},
		{"file=32MiB,input=2MiB,answer=1MiB,output=0,log=1k,steps=12,transitions=70000", "file=32MiB,input=2MiB,output=0,steps=12,transitions=70k"},
	} {
		l, err := ParseLimits(c.text)
		if err != nil || l.String() != c.canonical {
			t.Errorf("%q is %q, %v; want %q", c.text, l, err, c.canonical)
		}
		if again, err := ParseLimits(l.String()); err != nil || again != l {
			t.Errorf("%q, read again, is %+v, %v; want %+v", l, again, err, l)
		}
	}
	l, err := ParseLimits("memory=1GiB,time=3s,fuel.reward=7")
	if want := DefaultLimits(); err != nil || l.MemoryBytes != 1<<30 || l.Time != 3*time.Second || l.Fuel.Reward != 7 || l.Fuel.Next != want.Fuel.Next {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestParseLimitsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"fuel.nxt=2G":             `unknown limit "fuel.nxt"; did you mean "fuel.next"?`,
		"Memory=128MiB":           `did you mean "memory"?`,
		"wings=2":                 `unknown limit "wings"; known are fuel, file, memory, fuel.init,`,
		"memory":                  `"memory": want NAME=VALUE, such as fuel.next=2G`,
		"time=1s,":                `"": want NAME=VALUE`,
		"memory=128Mb":            "memory=128Mb: want a size such as",
		"memory=MiB":              "want a size",
		"memory=":                 "want a size",
		"memory=0.3":              "want a size",
		"fuel.next=many":          "fuel.next=many: want a number such as",
		"fuel.next=inf":           "want a number",
		"fuel.next=9e99":          "want a number",
		"time=10":                 "time=10: want a time such as 500ms",
		"fuel.next=0":             "limit fuel.next is 0; it must be in [1, 1152921504606846976]",
		"memory=-1MiB":            "limit memory is -1MiB; it must be in [64KiB, 4GiB]",
		"memory=100000":           "limit memory is 100000; it must be a multiple of 64KiB",
		"steps=20k":               "limit steps is 20k; it must be in [1, 10k]",
		"time=2h":                 "limit time is 2h; it must be in [1ms, 1h]",
		"answer=1GiB":             "limit answer is 1GiB; it must be in [1KiB, 16MiB]",
		"tme=1s,memroy=1,steps=x": `"tme"; did you mean "time"?` + "\n" + `unknown limit "memroy"; did you mean "memory"?` + "\n" + "steps=x: want a number",
	} {
		_, err := ParseLimits(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v; want %s", text, err, want)
		}
	}
}

// TestRaised follows the advice of errors: the limit that it names is higher,
// and all others are as they were.
func TestRaised(t *testing.T) {
	l, err := ParseLimits("memory=1MiB,time=5s")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		need int64
		want string
	}{
		{"fuel.next", 0, "memory=1MiB,fuel.next=2G,time=5s"},
		{"memory", 0, "memory=2MiB,time=5s"},
		{"memory", 5 << 20, "memory=8MiB,time=5s"},
		{"memory", 3 << 30, "memory=4GiB,time=5s"},
		{"time", 0, "memory=1MiB,time=10s"},
		{"file", 17 << 20, "file=32MiB,memory=1MiB,time=5s"},
	} {
		got := l.raised(c.name, c.need)
		if got != c.want {
			t.Errorf("%s, of which %d are needed: %q; want %q", c.name, c.need, got, c.want)
		}
		if _, err := ParseLimits(got); err != nil {
			t.Errorf("the advice %q is refused: %v", got, err)
		}
	}
	if got := l.raised("memory", 5<<30); got != "" {
		t.Errorf("more than there can be: %q", got)
	}
	if got := l.raised("steps", 0); got != "" {
		t.Errorf("steps, which are at their highest: %q", got)
	}
}

// TestLimitNames finds a name for every field of Limits: a bound that all are
// set by, and that none shares.
func TestLimitNames(t *testing.T) {
	l := DefaultLimits()
	for i, b := range bounds {
		b.set(&l, b.low+int64(i)*pageBytes%max(1, b.high-b.low))
	}
	for i, b := range bounds {
		if want := b.low + int64(i)*pageBytes%max(1, b.high-b.low); b.get(l) != want {
			t.Errorf("%s is %d after all were set, want %d: another name sets it, too", b.name, b.get(l), want)
		}
	}
	var none Limits
	for _, b := range bounds {
		b.set(&l, 0)
	}
	if l != none {
		t.Errorf("%+v has fields without a name", l)
	}
	for i, limit := range DefaultLimits().List() {
		if limit.Name != bounds[i].name || limit.Value == "" || limit.Meaning == "" || !limit.Usual {
			t.Errorf("limit %d is listed as %+v", i, limit)
		}
	}
}
