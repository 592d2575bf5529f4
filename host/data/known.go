package data

import "slices"

// Set describes a data set that Open knows.
type Set struct {
	Name    string
	Summary string
	Source  string // where to get it; empty if there is nothing to get
	Licence string
	Files   []string // that Open looks for; empty if it needs none
}

// set is a Set with the functions behind it.
type set struct {
	Set
	open   func(Options) (*Dataset, error)
	verify func(Options) ([]FileReport, error)
}

// Known lists the data sets that Open knows.
func Known() []Set {
	var all []Set
	for _, s := range sets() {
		all = append(all, s.Set)
	}
	return all
}

func sets() []set {
	return []set{
		{shapesSet(), openShapes, verifyShapes},
		{cifarSet(), openCIFAR, verifyCIFAR},
		{mnistSet(), openMNIST, verifyMNIST},
	}
}

func find(name string) (set, bool) {
	all := sets()
	i := slices.IndexFunc(all, func(s set) bool { return s.Name == name })
	if i < 0 {
		return set{}, false
	}
	return all[i], true
}

func names() []string {
	var all []string
	for _, s := range sets() {
		all = append(all, s.Name)
	}
	return all
}
