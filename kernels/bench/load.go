package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// load is a moment, to tell how busy others keep the machine after it.
type load struct {
	at        time.Time
	own       time.Duration // CPU time of this process
	busy, all float64       // ticks of all CPUs since the machine started
}

// newLoad returns this moment; if the system does not tell, all is 0.
func newLoad() load {
	l := load{at: time.Now(), own: processTime()}
	if text, err := os.ReadFile("/proc/stat"); err == nil {
		l.busy, l.all = parseStat(string(text))
	}
	return l
}

// parseStat returns the busy and all ticks of the first line of /proc/stat (Linux, proc_stat(5)): of
// user, nice, system, idle, iowait, irq, softirq and steal, those of idle and iowait are not busy.
func parseStat(text string) (busy, all float64) {
	line, _, _ := strings.Cut(text, "\n")
	var t [8]float64
	if n, _ := fmt.Sscanf(line, "cpu %f %f %f %f %f %f %f %f", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]); n < len(t) {
		return 0, 0
	}
	for i, x := range t {
		all += x
		if i != 3 && i != 4 {
			busy += x
		}
	}
	return busy, all
}

// otherCores returns how many cores others have used since, on average, or -1 if unknown.
func (l load) otherCores() float64 {
	now := newLoad()
	if l.all == 0 || now.all <= l.all {
		return -1
	}
	cores := float64(runtime.NumCPU())
	own := (now.own - l.own).Seconds() / now.at.Sub(l.at).Seconds()
	return max(0, (now.busy-l.busy)/(now.all-l.all)*cores-own)
}
