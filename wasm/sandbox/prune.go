package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cacheBytes is how much compiled code New leaves in the cache folder. One
// plugin in Go takes 7 to 18 MB, and each rebuilt plugin adds another.
const cacheBytes = 1 << 30

// engineFolder begins the names of the folders that the engine makes in a cache
// folder, one for each of its versions.
const engineFolder = "wazero-"

// prune removes the oldest files of compiled code in a cache folder until at most
// the given number of bytes is left. What else somebody keeps there, it leaves
// alone. A file that another process removes first, or still has open, is of no
// concern.
func prune(dir string, most int64) {
	type entry struct {
		path string
		info fs.FileInfo
	}
	var entries []entry
	total := int64(0)
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." && !strings.HasPrefix(rel, engineFolder) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			entries = append(entries, entry{path, info})
			total += info.Size()
		}
		return nil
	})
	slices.SortFunc(entries, func(a, b entry) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, e := range entries {
		if total <= most {
			return
		}
		if os.Remove(e.path) == nil {
			total -= e.info.Size()
		}
	}
}
