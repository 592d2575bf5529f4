package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// numbered is the path of a file that belongs to a trial or version.
func (j *Journal) numbered(dir string, number int, ext string) string {
	return numbered(filepath.Join(j.dir, dir), number, ext)
}

// numbers lists, ascending, the numbers of the files in dir with the extension.
func (j *Journal) numbers(dir, ext string) ([]int, error) {
	return numbers(filepath.Join(j.dir, dir), ext)
}

func numbered(dir string, number int, ext string) string {
	return filepath.Join(dir, fmt.Sprintf("%06d%s", number, ext))
}

func numbers(dir, ext string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, storage("list", dir, err)
	}
	var all []int
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), ext)
		if !ok {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(digits, "%d", &n); err == nil && e.Name() == fmt.Sprintf("%06d%s", n, ext) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}
