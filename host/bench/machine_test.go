package bench

import (
	"os"
	"runtime"
	"testing"
)

func TestProcessorName(t *testing.T) {
	const info = "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\nmodel name\t: other\n"
	if got := processorName(info); got != "AMD EPYC (family 26, model 2)" {
		t.Errorf("%q", got)
	}
	for _, unknown := range []string{"", "processor: 0\nFeatures: fp asimd\n"} {
		if got := processorName(unknown); got != "unknown processor" {
			t.Errorf("%q from %q", got, unknown)
		}
	}
}

func TestProcessorTimes(t *testing.T) {
	const process = "42 (odd ) name) R 1 42 42 0 -1 4194560 100 0 0 0 150 25 0 0 20 0 8 0 1 2 3"
	if got := processSeconds(process); got != 1.75 {
		t.Errorf("process: %v s, want 1.75", got)
	}
	const machine = "cpu  100 20 3000 9999 9999 10 20 50 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
	if got := machineSeconds(machine); got != 32 {
		t.Errorf("machine: %v s, want 32", got)
	}
	for _, text := range []string{"", "cpu 1 2", "1 (name", "1 (name) R 1"} {
		if a, b := processSeconds(text), machineSeconds(text); a != 0 || b != 0 {
			t.Errorf("%q: %v and %v s", text, a, b)
		}
	}
}

// TestNow reads what this system tells, which is nothing where it is not Linux.
func TestNow(t *testing.T) {
	m := now([]int{os.Getpid()})
	if runtime.GOOS == "linux" && (m.machine <= 0 || m.peers < m.ours) {
		t.Errorf("this process has used %v s and, asked later, %v s; the machine %v s", m.ours, m.peers, m.machine)
	}
	if runtime.GOOS != "linux" && m != (moment{}) {
		t.Errorf("%v on %s", m, runtime.GOOS)
	}
}

func TestDisturbance(t *testing.T) {
	var d Disturbance
	d.add(2, moment{ours: 1, peers: 1, machine: 10}, moment{ours: 3, peers: 1.5, machine: 13.5}, false)
	d.add(1, moment{ours: 3, peers: 2, machine: 20}, moment{ours: 3.25, peers: 3, machine: 21}, true)
	if want := (Disturbance{Wall: 3, Idle: 0.75, Others: 1}); d != want || d.idle() != 0.25 || d.others() != 1.0/3 {
		t.Errorf("%+v, want %+v", d, want)
	}
	if sum, want := d.plus(Disturbance{1, 2, 3}), (Disturbance{4, 2.75, 4}); sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
	if none := (Disturbance{}); none.idle() != 0 || none.others() != 0 {
		t.Error("nothing was disturbed")
	}
}
