package main

import "testing"

func TestEffort(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct {
		given  effort
		trials int
		cores  int
		want   effort
	}{
		{effort{}, 100, 8, effort{8, 1, 8, 18 * gib}},
		{effort{workers: 1}, 100, 8, effort{1, 8, 8, 18 * gib}},
		{effort{workers: 3}, 100, 8, effort{3, 2, 8, 18 * gib}},
		{effort{workers: 20}, 100, 8, effort{20, 1, 8, 18 * gib}},
		{effort{threads: 4}, 100, 8, effort{2, 4, 0, 18 * gib}},
		{effort{threads: 9}, 100, 8, effort{1, 9, 0, 18 * gib}},
		{effort{workers: 2, threads: 3, memory: gib}, 100, 8, effort{2, 3, 0, gib}},
		{effort{}, 1, 8, effort{1, 8, 8, 18 * gib}},
		{effort{workers: 4}, 2, 8, effort{2, 4, 8, 18 * gib}},
	} {
		if got := c.given.complete(c.trials, c.cores, 24*gib); got != c.want {
			t.Errorf("%+v, %d trials on %d cores: %+v, want %+v", c.given, c.trials, c.cores, got, c.want)
		}
	}
	if got := (effort{}).complete(9, 2, 0); got.memory != 0 {
		t.Errorf("children may hold %d bytes of an unknown number", got.memory)
	}
	for unicode, want := range map[bool]string{true: "2 workers × 1 thread", false: "2 workers x 1 thread"} {
		if got := (effort{workers: 2, threads: 1}).text(unicode); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMemorySize(t *testing.T) {
	for text, want := range map[string]memory{
		"8GiB": 8 << 30, "8 GiB": 8 << 30, "8g": 8 << 30, "8GB": 8 << 30, "1.5GiB": 3 << 29, "512M": 512 << 20,
		"2097152": 2 << 20, "2097152B": 2 << 20, "4096kib": 4 << 20, "1TiB": 1 << 40,
		"": 0, "8": 0, "GiB": 0, "-8GiB": 0, "8GiBi": 0, "8XB": 0, "8gg": 0, "1e99": 0, "NaN": 0, "0": 0,
	} {
		var m memory
		if err := m.Set(text); m != want || (err != nil) != (want == 0) {
			t.Errorf("%q is %d, %v; want %d", text, m, err, want)
		}
	}
}
