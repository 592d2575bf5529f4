package declared

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// space is a document that has been found sound.
type space struct {
	text  string
	task  spec.TaskType
	root  value
	kinds []kind
	// declared are the decisions and repeats of the document, by the names of
	// the repeats around them and their own: "layer/filters".
	declared map[string]*declaration
	relevant []string // names of those that the rest of the questions may depend on
	info     spec.SpaceInfo
}

// kind is a kind of decisions.
type kind struct {
	spec.Kind
	numbers []float64 // what the options are worth; nil if one is a word
}

// declaration is a decision or a repeat.
type declaration struct {
	kind     *kind // nil: a repeat, whose value is the number of its iteration
	relevant bool  // what is asked later depends on it
}

func (s *space) Info() spec.SpaceInfo { return s.info }

func (s *space) Next(prefix spec.Answers) (spec.Step, error) {
	w := s.walk(prefix, none)
	return w.step, w.err
}

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	w := s.walk(answers, none)
	switch {
	case w.err != nil:
		return nil, w.err
	case !w.step.Done:
		return nil, guest.BadPrefix(len(answers), "the episode is not over")
	case task.Type != s.task:
		return nil, guest.Unsupported("the document is for the task " + string(s.task))
	}
	return w.build(task)
}

// option returns the position of an option, or -1.
func (k *kind) option(v *value) int {
	for i, o := range k.Options {
		if v.text == o {
			return i
		}
	}
	return -1
}

func (k *kind) bind(i int) *binding {
	b := &binding{index: i, word: k.Options[i]}
	if k.numbers != nil {
		b.number = k.numbers[i]
	}
	return b
}
