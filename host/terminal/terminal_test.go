package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// TestDetectPipe: a pipe is neither live nor coloured, whatever TERM says.
func TestDetectPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	got := Detect(w, w, env("TERM", "xterm-256color", "LANG", "en_US.UTF-8"))
	if got.Live || got.Color || !got.Unicode || got.Width != 80 {
		t.Errorf("Detect(pipe) = %+v", got)
	}
	if got := Detect(w, w, env("COLUMNS", "132")); got.Width != 132 {
		t.Errorf("COLUMNS=132 gives width %d", got.Width)
	}
	if got := Detect(w, w, env("COLUMNS", "-5")); got.Width != 80 {
		t.Errorf("COLUMNS=-5 gives width %d", got.Width)
	}
}

func TestUTF8Locale(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{nil, true},
		{[]string{"LANG", "C"}, false},
		{[]string{"LANG", "de_CH.utf8"}, true},
		{[]string{"LC_ALL", "POSIX", "LANG", "en_US.UTF-8"}, false},
		{[]string{"LC_CTYPE", "C.UTF-8", "LANG", "C"}, true},
	} {
		if got := utf8Locale(env(c.env...)); got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
}

func TestPlainProgress(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	now := func() time.Time { return clock }
	p := Terminal{Err: &out}.NewProgress(Auto, "search", 100, 20, now)
	p.Update(30, "best 0.5") // too early for a line
	clock = clock.Add(40 * time.Second)
	p.Update(60, "best 0.7")
	p.Line("a message")
	p.UnderWay(0.5) // too early again
	clock = clock.Add(40 * time.Second)
	p.UnderWay(20)
	p.UnderWay(0)
	clock = clock.Add(time.Second)
	p.Update(100, "best 0.8")
	p.Close()
	want := "search: 20 of 100\n" +
		"search: 60 of 100  best 0.7  about 40.0 s left\n" +
		"a message\n" +
		"search: 60 of 100  best 0.7  20.0 more under way  about 26.7 s left\n" +
		"search: 100 of 100  best 0.8\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestBarProgress(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := Terminal{Err: &out, Live: true, Width: 100, Unicode: true}.NewProgress(Auto, "search", 10, 0, func() time.Time { return clock })
	clock = clock.Add(time.Second)
	p.Update(10, "best 0.9")
	p.Close()
	if s := out.String(); !strings.Contains(s, "10/10") || !strings.Contains(s, "best 0.9") || !strings.HasSuffix(s, "\n") {
		t.Errorf("bar printed %q", s)
	}
}

// TestResize: a job that gets more steps, also when it seemed done, goes on.
func TestResize(t *testing.T) {
	for _, live := range []bool{false, true} {
		var out bytes.Buffer
		clock := time.Unix(0, 0)
		p := Terminal{Err: &out, Live: live, Width: 100, Unicode: true}.NewProgress(Auto, "search", 10, 0, func() time.Time { return clock })
		for _, step := range []struct{ total, done int }{{10, 10}, {20, 15}, {20, 20}} {
			clock = clock.Add(time.Second)
			p.Resize(step.total)
			p.Update(step.done, "")
		}
		p.Close()
		want := []string{"10 of 10 ", "20 of 20 "}
		if live {
			want = []string{"10/10", "20/20"}
		}
		for _, part := range want {
			if !strings.Contains(out.String(), part) {
				t.Errorf("printed %q, want %q", out.String(), part)
			}
		}
	}
}

func TestSilentProgress(t *testing.T) {
	var out bytes.Buffer
	p := Terminal{Err: &out}.NewProgress(None, "search", 10, 0, time.Now)
	p.Update(10, "")
	p.Line("hidden")
	p.Close()
	if out.Len() != 0 {
		t.Errorf("mode none printed %q", out.String())
	}
}
