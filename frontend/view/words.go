package view

import "github.com/espalier-nas/espalier/host/report"

func grouped(n int) string { return report.Grouped(int64(n)) }

// plural writes a count of things.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}
