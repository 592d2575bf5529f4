package spec

import "strconv"

// ABI is the version of the plugin interface that this package describes; see
// the table of exports, imports and operations in the package doc of guest.
const (
	ABIMajor = 1
	ABIMinor = 0
	ABI      = "1.0"
)

// Operation numbers of esp_call.
const (
	OpCodeDescribe = 1
	OpCodeNext     = 2
	OpCodeBuild    = 3
	OpCodeReward   = 4
)

// Codes of a Fault.
const (
	CodeBadPrefix   = "bad_prefix"  // an answer is not one to its decision, or comes after the end
	CodeBadParams   = "bad_params"  // a param is unknown, of the wrong type or out of range
	CodeUnsupported = "unsupported" // the operation, name, task or payload is not one that the plugin knows
	CodeInternal    = "internal"    // anything else
)

// Fault is a plugin's refusal of a call: the "err" of an answer. It says that
// the input was wrong; a bug of the plugin is a trap.
type Fault struct {
	Code string // one of the codes above
	Msg  string // what is wrong and what to do
	At   int    // bad_prefix: position of the first wrong answer; -1: none
}

func (f *Fault) Error() string {
	if f.At >= 0 {
		return f.Code + " at " + strconv.Itoa(f.At) + ": " + f.Msg
	}
	return f.Code + ": " + f.Msg
}

// ManifestSection is the name of the custom section that holds a plugin's
// Manifest as JSON, so that it can be read without running the plugin.
const ManifestSection = "espalier.manifest"

// Raw is a piece of JSON that this package passes through unread.
type Raw []byte

// Manifest says what a module offers. One module may hold several spaces and
// shapers, picked by name.
type Manifest struct {
	ABI     string // "1.0"
	Name    string
	Version string
	Summary string
	Spaces  []Offer
	Shapers []Offer
}

// Offer is one space or shaper of a module.
type Offer struct {
	Name    string
	Summary string
	Task    TaskType // spaces only
	Params  []Param
}

// ParamType is the JSON type of a parameter.
type ParamType string

const (
	ParamInt     ParamType = "int"
	ParamFloat   ParamType = "float"
	ParamBool    ParamType = "bool"
	ParamString  ParamType = "string"
	ParamInts    ParamType = "ints"    // array of integers
	ParamStrings ParamType = "strings" // array of strings
)

// Param documents one parameter of a space or shaper.
type Param struct {
	Name    string
	Type    ParamType
	Default Raw // as JSON
	Summary string
	Min     *float64 // of each number; nil: unbounded
	Max     *float64
	Options []string // allowed strings; empty: any
}

// SpaceInfo describes a space under given params.
type SpaceInfo struct {
	Name     string
	Version  string
	Task     TaskType
	MaxSteps int // no episode has more decisions
	Kinds    []Kind
	Params   Raw // the params as understood, defaults filled in: a JSON object
}

// ShaperInfo describes a shaper under given params.
type ShaperInfo struct {
	Name    string
	Version string
	Params  Raw
}
