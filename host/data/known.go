package data

import (
	"cmp"
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Set describes a data set.
type Set struct {
	Name    string
	Summary string
	Task    spec.TaskType // images are opened by Open, text by OpenCorpus
	Source  string        // where to get it; empty if there is nothing to get
	Licence string
	Files   []string // that are looked for; empty if it needs none
	Options []string // that it takes beside dir and limit, by their names in JSON
}

// set is a Set with the functions behind it: open for images, read for text.
type set struct {
	Set
	defaults Options
	open     func(Options) (*Dataset, error)
	read     func(Options) (*Corpus, error)
	verify   func(Options) ([]FileReport, error)
}

// Known lists the data sets that there are.
func Known() []Set {
	var all []Set
	for _, s := range sets() {
		all = append(all, s.Set)
	}
	return all
}

// Find is the data set of a name, which may be left out for the default; ok
// says whether there is one.
func Find(name string) (s Set, ok bool) {
	found, ok := lookup(cmp.Or(name, Default().Name))
	return found.Set, ok
}

func sets() []set {
	return []set{
		{Set: shapesSet(), defaults: Default(), open: openShapes, verify: verifyShapes},
		{Set: cifarSet(), open: openCIFAR, verify: verifyCIFAR},
		{Set: mnistSet(), open: openMNIST, verify: verifyMNIST},
		{Set: grammarSet(), defaults: Options{TrainCount: 40_000, TestCount: 10_000}, read: readGrammar, verify: verifyGrammar},
		{Set: ptbSet(), read: readPTB, verify: verifyPTB},
		{Set: ptbCharSet(), read: readPTBChar, verify: verifyPTB},
		{Set: textSet(), defaults: Options{Tokens: Word, Vocabulary: 10_000}, read: readText, verify: verifyText},
	}
}

func lookup(name string) (set, bool) {
	all := sets()
	i := slices.IndexFunc(all, func(s set) bool { return s.Name == name })
	if i < 0 {
		return set{}, false
	}
	return all[i], true
}

// which lists the names of the sets for which is holds.
func which(is func(Set) bool) []string {
	var all []string
	for _, s := range sets() {
		if is(s.Set) {
			all = append(all, s.Name)
		}
	}
	return all
}

func names() []string { return which(func(Set) bool { return true }) }

// taking lists the sets that take an option.
func taking(option string) []string {
	return which(func(s Set) bool { return slices.Contains(s.Options, option) })
}

// suiting lists the sets for a task.
func suiting(task spec.TaskType) []string {
	return which(func(s Set) bool { return s.Task == task })
}
