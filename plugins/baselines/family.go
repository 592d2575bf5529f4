package baselines

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// family are networks that differ in their sizes.
type family struct {
	task  spec.TaskType
	name  string
	count int // of sizes
	// The first size leaves the remainder when divided. rule says in words what
	// holds of all.
	ranges             ranges
	divisor, remainder int
	rule               string
	build              func(b *builder, sizes []int, x *extras)
}

type ranges = [2]struct{ low, high int }

var families = [...]family{
	{spec.TaskImage, "nin", 1, ranges{{6, 1536}}, 6, 0, "nin-WIDTH, 6n up to 1536", nin},
	{spec.TaskImage, "allcnn", 1, ranges{{1, 1024}}, 1, 0, "allcnn-WIDTH, up to 1024", allCNN},
	{spec.TaskImage, "resnet", 1, ranges{{8, 1202}}, 6, 2, "resnet-DEPTH, 6n+2 up to 1202", resNet},
	{spec.TaskImage, "preresnet", 1, ranges{{11, 1001}}, 9, 2, "preresnet-DEPTH, 9n+2 up to 1001", preResNet},
	{spec.TaskImage, "wideresnet", 2, ranges{{10, 400}, {1, 32}}, 6, 4, "wideresnet-DEPTH-WIDTH, 6n+4 up to 400, up to 32", wideResNet},
	{spec.TaskImage, "densenet", 2, ranges{{7, 250}, {1, 128}}, 3, 1, "densenet-DEPTH-GROWTH, 3n+4 up to 250, up to 128", denseNet},
	{spec.TaskImage, "densenet-bc", 2, ranges{{10, 400}, {1, 128}}, 6, 4, "densenet-bc-DEPTH-GROWTH, 6n+4 up to 400, up to 128", denseNetBC},
	{spec.TaskImage, "highway", 2, ranges{{7, 100}, {3, 768}}, 3, 1, "highway-DEPTH-WIDTH, 3n+4 up to 100, 3 to 768", highway},
	{spec.TaskImage, "fractalnet", 2, ranges{{1, 6}, {1, 256}}, 1, 0, "fractalnet-COLUMNS-WIDTH, up to 6, up to 256", fractalNet},
	{spec.TaskText, "lstm", 1, ranges{{1, 4096}}, 1, 0, "lstm-WIDTH, up to 4096", zaremba},
	{spec.TaskText, "variational", 1, ranges{{1, 4096}}, 1, 0, "variational-WIDTH, up to 4096", variational},
	{spec.TaskText, "tied", 1, ranges{{1, 4096}}, 1, 0, "tied-WIDTH, up to 4096", tied},
	{spec.TaskText, "rhn", 2, ranges{{1, 50}, {1, 4096}}, 1, 0, "rhn-DEPTH-WIDTH, up to 50, up to 4096", recurrentHighway},
}

// named is a network of a family.
type named struct {
	family *family
	sizes  []int
}

// parse reads the name of a network for a task, a family's and its sizes, such
// as resnet-110, and otherwise says what is wrong with it.
func (n *named) parse(task spec.TaskType, name string) (problem string) {
	rest := name
	first := cut(&rest, '-')
	for rest != "" && (rest[0] < '0' || rest[0] > '9') {
		first += "-" + cut(&rest, '-')
	}
	if rest == "" || name[len(name)-1] == '-' {
		first = "" // no family
	}
	n.sizes = make([]int, 0, 2)
	for rest != "" {
		part, v := cut(&rest, '-'), 0
		for i := range len(part) {
			if v = min(v*10+int(part[i]-'0'), 1e6); part[i] < '0' || part[i] > '9' {
				first = ""
			}
		}
		n.sizes = append(n.sizes, v)
	}
	for i := range families {
		f := &families[i]
		if f.task != task || f.name != first || f.count != len(n.sizes) {
			continue
		}
		n.family = f
		for k, v := range n.sizes {
			if r := &f.ranges[k]; v < r.low || v > r.high || k == 0 && v%f.divisor != f.remainder {
				return name + " has to be " + f.rule
			}
		}
		return ""
	}
	return "no network is called " + wire.Quote(name) + ", see the param's summary"
}

// extras are what some families have besides.
type extras struct {
	norm     bool
	dropout  float64 // below 0: as published
	dropPath float64
}

// dropPath is the rate of Larsson et al. 2017, section 4.
const dropPath = 0.15

const (
	maxRate     = 0.99
	asPublished = -1 // a rate of dropout below 0
)

// Networks of little work.
var (
	smallImages = []string{"nin-48", "allcnn-24", "resnet-8", "preresnet-11", "wideresnet-10-1", "densenet-10-8", "densenet-bc-16-8", "highway-10-12", "fractalnet-2-8"}
	smallText   = []string{"lstm-64", "rhn-3-64"}
)

// params are those of both spaces.
func params(small []string, families, published string, more ...spec.Param) []spec.Param {
	return append([]spec.Param{
		guest.Strings("network", small, nil, "networks to choose from, by family and sizes: "+families),
		guest.Float("dropout", asPublished, asPublished, maxRate, "rate of dropout; -1: as published, "+published),
	}, more...)
}

func imageParams() []spec.Param {
	return params(smallImages, "nin-WIDTH, allcnn-WIDTH, resnet-DEPTH, preresnet-DEPTH, wideresnet-DEPTH-WIDTH, "+
		"densenet-DEPTH-GROWTH, densenet-bc-DEPTH-GROWTH, highway-DEPTH-WIDTH, fractalnet-COLUMNS-WIDTH",
		"0.5 in nin and allcnn, none in wideresnet and densenet; the others can have none",
		guest.Bool("batchnorm", false, "nin, allcnn, highway: batch normalization before every ReLU in the place of biases"),
		guest.Float("drop_path", dropPath, 0, maxRate, "fractalnet: how likely a join leaves out an input, for each image"))
}

func textParams() []spec.Param {
	return params(smallText, "lstm-WIDTH, variational-WIDTH, tied-WIDTH, rhn-DEPTH-WIDTH", "with that of states, which 0 takes away, too")
}

func openImages(p guest.Params) (guest.Space, error) {
	return open(p, spec.TaskImage, extras{norm: p.Bool("batchnorm"), dropPath: p.Float("drop_path")})
}

func openText(p guest.Params) (guest.Space, error) { return open(p, spec.TaskText, extras{}) }

func open(p guest.Params, task spec.TaskType, x extras) (guest.Space, error) {
	x.dropout = p.Float("dropout")
	names, problem := p.Strings("network"), ""
	s := &space{extras: x, networks: make([]named, len(names))}
	for i, name := range names {
		problem = s.networks[i].parse(task, name)
		for _, earlier := range names[:i] {
			if name == earlier {
				problem = name + " is named twice"
			}
		}
		if problem != "" {
			break
		}
	}
	if len(names) == 0 {
		problem = "network is empty, name at least one"
	}
	if problem != "" {
		return nil, guest.BadParams(problem)
	}
	s.info = spec.SpaceInfo{Task: task, MaxSteps: 1, Kinds: []spec.Kind{{ID: kind, Type: spec.Choice, Options: names}}}
	return s, nil
}
