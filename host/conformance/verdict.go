package conformance

import "slices"

// Verdict is the outcome of a check.
type Verdict struct {
	Plugin  string    `json:"plugin"` // the name given to Check
	Hash    string    `json:"sha256"`
	Bytes   int       `json:"bytes"`
	Name    string    `json:"name"` // by its manifest; empty if it was not loaded
	Version string    `json:"version"`
	Seed    uint64    `json:"seed"`
	Calls   int       `json:"calls"` // made in all, but for replays
	Cut     bool      `json:"cut"`   // too many calls ran out of fuel, so that the rest was left out
	Played  []Played  `json:"played"`
	Results []Result  `json:"results"` // of every rule that was checked
	Worst   []Highest `json:"worst"`   // by operation
}

// Played counts what was tried of one space or shaper.
type Played struct {
	Space    string `json:"space,omitempty"`
	Shaper   string `json:"shaper,omitempty"`
	Settings int    `json:"settings"` // of params, the default one included
	Refused  int    `json:"refused"`  // settings refused by bad_params
	Walks    int    `json:"walks"`    // walks, or metrics
	Steps    int    `json:"steps"`    // decisions answered
	Longest  int    `json:"longest"`  // decisions of the longest episode
}

// Result is what came of one rule.
type Result struct {
	Rule
	Tested   int       `json:"tested"`   // how often it was put to the test
	Broken   int       `json:"broken"`   // how often it was broken
	Findings []Finding `json:"findings"` // the first of each subject
}

// Highest is the most that calls of an operation used.
type Highest struct {
	Op          string  `json:"op"`
	Fuel        int64   `json:"fuel"`
	FuelLimit   int64   `json:"fuel_limit"`
	Seconds     float64 `json:"seconds"` // on this machine, as busy as it was
	MemoryBytes int64   `json:"memory_bytes"`
}

// sum sorts the results by rule.
func (v *Verdict) sum(results map[string]*Result) {
	for _, r := range rules {
		if result := results[r.Code]; result != nil {
			v.Results = append(v.Results, *result)
		}
	}
}

// Findings are the findings of all rules.
func (v *Verdict) Findings() []Finding {
	var list []Finding
	for _, r := range v.Results {
		list = append(list, r.Findings...)
	}
	return list
}

// Broken lists the codes of the rules that failed, warnings apart.
func (v *Verdict) Broken() []string { return v.codes(false) }

// Warned lists the codes of the rules that gave warnings only.
func (v *Verdict) Warned() []string { return v.codes(true) }

func (v *Verdict) codes(warnings bool) []string {
	var codes []string
	for _, r := range v.Results {
		failed := slices.ContainsFunc(r.Findings, func(f Finding) bool { return !f.Warning })
		if len(r.Findings) > 0 && failed != warnings {
			codes = append(codes, r.Code)
		}
	}
	return codes
}
