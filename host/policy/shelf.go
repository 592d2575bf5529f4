package policy

import "slices"

// shelf holds snapshots of some versions, so that every version is few updates
// away from one. When it is full, the snapshot whose neighbours are closest
// together makes room, so what stays is spread evenly over the study.
type shelf struct {
	most      int        // snapshots, at least 3
	snapshots []snapshot // ascending
}

// snapshot is a strategy.Snapshot of one version.
type snapshot struct {
	version int
	state   []byte
	fidelity
}

// fidelity is how near weights are to those that the study had. At another level
// of the kernels every sum is rounded a little differently, and updates make the
// difference grow: some 1e-7 of a log-probability for the first hundreds of them,
// and then within as many more the policy is another one.
type fidelity int

const (
	lost  fidelity = iota // another policy
	near                  // equal to what a person can see
	exact                 // bit for bit
)

// shelfBytes bounds what a shelf holds, as far as three snapshots allow.
const shelfBytes = 96 << 20

// newShelf returns a shelf for snapshots of the size of the first one.
func newShelf(first snapshot) shelf {
	most := min(64, max(3, shelfBytes/max(1, len(first.state))))
	return shelf{most: most, snapshots: []snapshot{first}}
}

// find returns where version is or would be.
func (s *shelf) find(version int) (at int, held bool) {
	return slices.BinarySearchFunc(s.snapshots, version, func(b snapshot, v int) int { return b.version - v })
}

// below returns the newest snapshot that is not newer than version. There is one:
// that of the first version always stays.
func (s *shelf) below(version int) *snapshot {
	at, held := s.find(version)
	if !held {
		at--
	}
	return &s.snapshots[at]
}

// wants reports whether a snapshot of version would fill a gap, for a study with
// newest versions.
func (s *shelf) wants(version, newest int) bool {
	return version-s.below(version).version >= max(1, newest/s.most)
}

// put adds a snapshot. Of two of the same version the one nearer to the study
// stays.
func (s *shelf) put(b snapshot) {
	at, held := s.find(b.version)
	if held {
		if s.snapshots[at].fidelity < b.fidelity {
			s.snapshots[at] = b
		}
		return
	}
	s.snapshots = slices.Insert(s.snapshots, at, b)
	if len(s.snapshots) <= s.most {
		return
	}
	least := 1
	gap := func(i int) int { return s.snapshots[i+1].version - s.snapshots[i-1].version }
	for i := 2; i < len(s.snapshots)-1; i++ {
		if gap(i) < gap(least) {
			least = i
		}
	}
	s.snapshots = slices.Delete(s.snapshots, least, least+1)
}

// versions lists what is held, ascending.
func (s *shelf) versions() []int {
	var all []int
	for _, b := range s.snapshots {
		all = append(all, b.version)
	}
	return all
}
