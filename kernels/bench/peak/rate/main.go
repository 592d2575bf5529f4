// Command rate prints the peak of one thread in GFLOP/s with the vectors that package kernels uses, or 0 where it uses
// none whose peak can be measured.
package main

import (
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/kernels/bench/peak"
)

func main() {
	width := map[kernels.Level]peak.Width{kernels.AVX2: peak.Width256, kernels.AVX512: peak.Width512}[kernels.Active()]
	if width == 0 || !peak.Has(width) {
		fmt.Println(0)
		return
	}
	fmt.Printf("%.1f\n", best(width))
}

// best returns the peak in GFLOP/s: a bound, so the best of some rounds.
func best(w peak.Width) float64 {
	const rounds, turns = 20, 50
	top := 0.0
	for range rounds {
		start := time.Now()
		peak.Run(w, 1, turns)
		top = max(top, turns*peak.FLOP(w, 1)/time.Since(start).Seconds()/1e9)
	}
	return top
}
