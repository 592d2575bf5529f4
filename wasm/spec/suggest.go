package spec

// Nearest returns the entry of known that is closest to name, or "" if none is
// close enough to be what a person may have meant: at most a third of the
// name's letters, and at least one, have to be inserted, deleted, replaced or
// swapped with their neighbour. Among equals the first wins.
func Nearest(name string, known []string) string {
	const longest = 64 // bytes; the effort grows with the square
	if len(name) > longest {
		return ""
	}
	best, found := max(1, len(name)/3)+1, ""
	for _, k := range known {
		if d := distance(name, k); d < best {
			best, found = d, k
		}
	}
	return found
}

// Suggest is a phrase to be appended to an error that names an unknown name:
// "; did you mean "x"?", or "" if nothing known comes near.
func Suggest(name string, known []string) string {
	if nearest := Nearest(name, known); nearest != "" {
		return `; did you mean "` + nearest + `"?`
	}
	return ""
}

// distance counts the edits between a and b (optimal string alignment; Damerau
// 1964), by bytes.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
