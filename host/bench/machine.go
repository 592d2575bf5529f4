package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// processorName is the model of the first processor with its family and model
// number, since virtual machines shorten the name. Linux tells it.
func processorName(info string) string {
	first, _, _ := strings.Cut(info, "\n\n")
	facts := map[string]string{}
	for line := range strings.Lines(first) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			facts[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if facts["model name"] == "" {
		return "unknown processor"
	}
	return fmt.Sprintf("%s (family %s, model %s)", facts["model name"], facts["cpu family"], facts["model"])
}

// Processor is the name of this machine's processor.
func Processor() string { return processorName(proc("cpuinfo")) }

// ticks is the unit of /proc: a hundredth of a second on every Linux.
const ticks = 100

// processSeconds is the processor time that a process has used, from its stat
// file: the 14th and 15th field. The second, a name in brackets, may hold
// spaces.
func processSeconds(stat string) float64 {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	return sum(fields[11:13])
}

// machineSeconds is the processor time that is not idle, from the machine's
// stat file: user, nice, system, irq, softirq and steal, which is what other
// virtual machines took.
func machineSeconds(stat string) float64 {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 {
		return 0
	}
	return sum(fields[1:4]) + sum(fields[6:9])
}

func sum(fields []string) float64 {
	total := 0.0
	for _, f := range fields {
		n, _ := strconv.ParseFloat(f, 64)
		total += n
	}
	return total / ticks
}

// proc reads a file of the system; it is empty where there is none.
func proc(name string) string {
	content, _ := os.ReadFile("/proc/" + name)
	return string(content)
}

// Disturbance sums up who else was at work while one side was timed.
type Disturbance struct {
	Wall   float64 `json:"wall_seconds"`   // of all measurements
	Idle   float64 `json:"idle_seconds"`   // of processor, used by the side that had to be idle
	Others float64 `json:"others_seconds"` // of processor, used by other processes
}

// idle is the share of a core that the side that had to be idle used, others
// that of other processes.
func (d Disturbance) idle() float64   { return share(d.Idle, d.Wall) }
func (d Disturbance) others() float64 { return share(d.Others, d.Wall) }

func share(x, of float64) float64 {
	if of == 0 {
		return 0
	}
	return x / of
}

// plus is that of the measurements of both.
func (d Disturbance) plus(e Disturbance) Disturbance {
	return Disturbance{d.Wall + e.Wall, d.Idle + e.Idle, d.Others + e.Others}
}

// moment is a state of the processor clocks.
type moment struct{ ours, peers, machine float64 }

// now reads them; peers are processes.
func now(peers []int) moment {
	m := moment{ours: processSeconds(proc("self/stat")), machine: machineSeconds(proc("stat"))}
	for _, pid := range peers {
		m.peers += processSeconds(proc(strconv.Itoa(pid) + "/stat"))
	}
	return m
}

// add takes in a measurement of so many seconds between two moments.
func (d *Disturbance) add(seconds float64, from, to moment, peerRan bool) {
	ours, peers := to.ours-from.ours, to.peers-from.peers
	d.Wall += seconds
	if peerRan {
		d.Idle += ours
	} else {
		d.Idle += peers
	}
	d.Others += max(to.machine-from.machine-ours-peers, 0)
}
