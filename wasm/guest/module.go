package guest

import (
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Space is a search space under given params. Its methods are pure functions
// of their arguments.
type Space interface {
	// Info gives MaxSteps and Kinds; the SDK fills in the rest.
	Info() spec.SpaceInfo
	// Next asks the decision that follows the prefix, or says that the episode
	// is done. It refuses a prefix that is not one of the space's with BadPrefix.
	Next(prefix spec.Answers) (spec.Step, error)
	// Build turns the answers of a whole episode into a network for the task,
	// which is of the type that the space is for.
	Build(answers spec.Answers, task spec.Task) (*spec.Network, error)
}

// Shaper turns the metrics of a trial into a reward, under given params. Its
// method is a pure function.
type Shaper interface {
	Reward(m spec.Metrics) (spec.Reward, error)
}

// Module is what one plugin offers.
type Module struct {
	Name    string // short and lower case, e.g. "cnn"
	Version string // of the plugin, e.g. "1.0.0"
	Summary string // one sentence
	Spaces  []SpaceOffer
	Shapers []ShaperOffer
}

// SpaceOffer is a space of a Module.
type SpaceOffer struct {
	Name    string // unique among the module's spaces
	Summary string
	Task    spec.TaskType
	Params  []spec.Param // see Int, Float, Bool, String, Ints and Strings
	// Open makes the space. The params have passed their declaration; an error
	// reports what is wrong beyond it.
	Open func(p Params) (Space, error)
}

// ShaperOffer is a reward shaper of a Module.
type ShaperOffer struct {
	Name    string // unique among the module's shapers
	Summary string
	Params  []spec.Param
	Open    func(p Params) (Shaper, error)
}

// Manifest returns the module's manifest.
func (m Module) Manifest() spec.Manifest {
	out := spec.Manifest{ABI: spec.ABI, Name: m.Name, Version: m.Version, Summary: m.Summary}
	for i := range m.Spaces {
		s := &m.Spaces[i]
		out.Spaces = append(out.Spaces, spec.Offer{Name: s.Name, Summary: s.Summary, Task: s.Task, Params: s.Params})
	}
	for i := range m.Shapers {
		s := &m.Shapers[i]
		out.Shapers = append(out.Shapers, spec.Offer{Name: s.Name, Summary: s.Summary, Params: s.Params})
	}
	return out
}

// Space opens a space of the module; params is a JSON object, or empty. Its
// error is a *spec.Fault.
func (m Module) Space(name string, params spec.Raw) (Space, error) {
	var known []string
	for i := range m.Spaces {
		offer := &m.Spaces[i]
		if offer.Name != name {
			known = append(known, offer.Name)
			continue
		}
		p, err := ParseParams(offer.Params, params)
		if err != nil {
			return nil, err
		}
		s, err := offer.Open(p)
		if err != nil {
			return nil, fault(err, spec.CodeBadParams)
		}
		o := &opened{s, s.Info()}
		o.info.Name, o.info.Version, o.info.Task, o.info.Params = name, m.Version, offer.Task, p.Raw()
		return o, nil
	}
	return nil, unknown("space", name, known)
}

// opened is a Space that knows its whole description.
type opened struct {
	space Space
	info  spec.SpaceInfo
}

func (o *opened) Info() spec.SpaceInfo { return o.info }

func (o *opened) Next(prefix spec.Answers) (spec.Step, error) { return o.space.Next(prefix) }

func (o *opened) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	dimensions, input := 3, "(height, width, channels)"
	if o.info.Task == spec.TaskText {
		dimensions, input = 1, "(steps)"
	}
	if task.Type != o.info.Task || len(task.Input) != dimensions {
		return nil, Unsupported("the space is for tasks of type " + string(o.info.Task) + " with an input of the shape " + input)
	}
	return o.space.Build(answers, task)
}

// Shaper opens a shaper of the module and describes it; params is a JSON
// object, or empty. Its error is a *spec.Fault.
func (m Module) Shaper(name string, params spec.Raw) (Shaper, spec.ShaperInfo, error) {
	info := spec.ShaperInfo{Name: name, Version: m.Version}
	var known []string
	for i := range m.Shapers {
		offer := &m.Shapers[i]
		if offer.Name != name {
			known = append(known, offer.Name)
			continue
		}
		p, err := ParseParams(offer.Params, params)
		if err != nil {
			return nil, info, err
		}
		s, err := offer.Open(p)
		if err != nil {
			return nil, info, fault(err, spec.CodeBadParams)
		}
		info.Params = p.Raw()
		return s, info, nil
	}
	return nil, info, unknown("shaper", name, known)
}

func unknown(what, name string, known []string) error {
	return Unsupported("there is no " + what + " " + wire.Quote(name) + nearest(name, known, "; the module has:"))
}

// nearest suggests a name, or else lists all after a phrase.
func nearest(name string, known []string, phrase string) string {
	if help := spec.Suggest(name, known); help != "" {
		return help
	}
	return phrase + spaced(known)
}

// spaced writes a list of names with a space before each.
func spaced(names []string) string {
	s := ""
	for _, name := range names {
		s += " " + name
	}
	return s
}
