package main

import "testing"

func TestParseStat(t *testing.T) {
	// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice
	busy, all := parseStat("cpu  10 20 30 400 50 1 2 3 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	if busy != 66 || all != 516 {
		t.Errorf("busy %v of %v, want 66 of 516", busy, all)
	}
	for _, text := range []string{"", "cpu 1 2 3\n", "intr 1 2 3 4 5 6 7 8\n"} {
		if busy, all := parseStat(text); busy != 0 || all != 0 {
			t.Errorf("%q: busy %v of %v", text, busy, all)
		}
	}
}

func TestOtherCores(t *testing.T) {
	if got := (load{}).otherCores(); got != -1 {
		t.Errorf("from an unknown beginning: %v cores", got)
	}
}
