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
	// Build turns the answers of a whole episode into a network for the task.
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
	for _, s := range m.Spaces {
		out.Spaces = append(out.Spaces, spec.Offer{Name: s.Name, Summary: s.Summary, Task: s.Task, Params: s.Params})
	}
	for _, s := range m.Shapers {
		out.Shapers = append(out.Shapers, spec.Offer{Name: s.Name, Summary: s.Summary, Params: s.Params})
	}
	return out
}

// Space opens a space of the module; params is a JSON object, or empty. Its
// error is a *spec.Fault.
func (m Module) Space(name string, params spec.Raw) (Space, error) {
	known := ""
	for _, offer := range m.Spaces {
		if offer.Name != name {
			known += " " + offer.Name
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
		info := s.Info()
		info.Name, info.Version, info.Task, info.Params = name, m.Version, offer.Task, p.Raw()
		return opened{s, info}, nil
	}
	return nil, unknown("space", name, known)
}

// opened is a Space that knows its whole description.
type opened struct {
	Space
	info spec.SpaceInfo
}

func (o opened) Info() spec.SpaceInfo { return o.info }

// Shaper opens a shaper of the module and describes it; params is a JSON
// object, or empty. Its error is a *spec.Fault.
func (m Module) Shaper(name string, params spec.Raw) (Shaper, spec.ShaperInfo, error) {
	known := ""
	for _, offer := range m.Shapers {
		if offer.Name != name {
			known += " " + offer.Name
			continue
		}
		p, err := ParseParams(offer.Params, params)
		if err != nil {
			return nil, spec.ShaperInfo{}, err
		}
		s, err := offer.Open(p)
		if err != nil {
			return nil, spec.ShaperInfo{}, fault(err, spec.CodeBadParams)
		}
		return s, spec.ShaperInfo{Name: name, Version: m.Version, Params: p.Raw()}, nil
	}
	return nil, spec.ShaperInfo{}, unknown("shaper", name, known)
}

func unknown(what, name, known string) error {
	msg := "there is no " + what + " " + wire.Quote(name) + "; the module has"
	if known == "" {
		known = " none"
	}
	return Unsupported(msg + known)
}
