package conformance

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/sandbox"
)

// Finding is one breach of a rule.
type Finding struct {
	Rule    Rule   `json:"-"`
	Code    string `json:"code"`
	Warning bool   `json:"warning"` // else the plugin fails
	Space   string `json:"space,omitempty"`
	Shaper  string `json:"shaper,omitempty"`
	Params  string `json:"params,omitempty"` // JSON; empty: defaults
	Seed    uint64 `json:"seed"`
	// Walks are the numbers of the walks, or of the metrics, that show it; none
	// if it takes none.
	Walks   []int  `json:"walks,omitempty"`
	Problem string `json:"problem"`
	Sent    string `json:"sent,omitempty"`   // the request, shortened
	Got     string `json:"got,omitempty"`    // the answer, shortened
	Output  string `json:"output,omitempty"` // the end of what the guest printed
	Fix     string `json:"fix"`
}

// Args are the arguments of `espalier plugin check` that show it again, after
// the plugin's name.
func (f Finding) Args() []string {
	args := []string{"--rule", f.Code}
	if f.Space != "" {
		args = append(args, "--space", f.Space)
	}
	if f.Shaper != "" {
		args = append(args, "--shaper", f.Shaper)
	}
	if f.Params != "" {
		args = append(args, "--params", f.Params)
	}
	if f.Seed != DefaultSeed {
		args = append(args, "--seed", strconv.FormatUint(f.Seed, 10))
	}
	if len(f.Walks) > 0 {
		numbers := make([]string, len(f.Walks))
		for i, n := range f.Walks {
			numbers[i] = strconv.Itoa(n)
		}
		args = append(args, "--walk", strings.Join(numbers, ","))
	}
	return args
}

// Subject is what the finding is about: "space v1", or "" for the module.
func (f Finding) Subject() string {
	switch {
	case f.Space != "":
		return "space " + f.Space
	case f.Shaper != "":
		return "shaper " + f.Shaper
	}
	return ""
}

// String is the finding in a line.
func (f Finding) String() string {
	subject := f.Subject()
	if subject != "" {
		subject += ": "
	}
	return fmt.Sprintf("%s %s%s", f.Code, subject, f.Problem)
}

// shownBytes is how much of a request or an answer a finding shows.
const shownBytes = 600

func shown(text []byte) string { return sandbox.Printable(text, shownBytes) }
