package guest

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// exchange is a payload and its answer, as the page shows them.
type exchange struct{ payload, answer string }

// example reads the exchanges of the page's example.
func example(t *testing.T) (list []exchange) {
	t.Helper()
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "// # Example\n")
	text, _, _ = strings.Cut(text, "// # ")
	for line := range strings.Lines(text) {
		line, shown := strings.CutPrefix(line, "//\t")
		switch {
		case !shown:
		case line[0] != ' ':
			_, payload, _ := strings.Cut(strings.TrimSpace(line), "  ")
			list = append(list, exchange{payload: payload})
		default:
			list[len(list)-1].answer += strings.TrimSpace(line)
		}
	}
	return list
}

// envelope is what every answer is wrapped in.
type envelope struct {
	OK  json.RawMessage
	Err *spec.Fault
}

// TestOps: the page lists every op of a network and of a cell.
func TestOps(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			OneOf []struct {
				Properties struct{ Op struct{ Const string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(spec.SchemaJSON(), &schema); err != nil {
		t.Fatal(err)
	}
	_, networks, _ := strings.Cut(string(page), "// # Networks\n")
	nodes, cells, found := strings.Cut(networks, "// A cell is ")
	for kind, text := range map[string]string{"node": nodes, "cellNode": cells} {
		ops := schema.Defs[kind].OneOf
		if len(ops) == 0 || !found {
			t.Fatalf("no op of a %s is found", kind)
		}
		for _, op := range ops {
			if name := op.Properties.Op.Const; !regexp.MustCompile(`\b` + name + `\b`).MatchString(text) {
				t.Errorf("the page does not list the op %q of a %s", name, kind)
			}
		}
	}
}

// TestExample: what the page shows is what a host sends and takes.
func TestExample(t *testing.T) {
	list := example(t)
	if len(list) != 6 {
		t.Fatalf("the page shows %d exchanges: %q", len(list), list)
	}
	answers := make([]envelope, len(list))
	for i, x := range list {
		if _, err := parse([]byte(x.payload)); err != nil {
			t.Errorf("%s: %v", x.payload, err)
		}
		if err := json.Unmarshal([]byte(x.answer), &answers[i]); err != nil {
			t.Fatalf("%s: %v", x.answer, err)
		}
	}
	read := func(n int, into any) {
		if err := json.Unmarshal(answers[n].OK, into); err != nil {
			t.Errorf("%s: %v", answers[n].OK, err)
		}
	}
	var manifest struct{ Manifest spec.Manifest }
	var info spec.SpaceInfo
	var first, last spec.Step
	var built struct{ Network spec.Network }
	for n, into := range map[int]any{0: &manifest, 1: &info, 2: &first, 3: &last, 5: &built} {
		read(n, into)
	}
	if m := manifest.Manifest; m.Name != "tiny" || m.ABI != spec.ABI || len(m.Spaces) != 1 || m.Spaces[0].Name != info.Name {
		t.Errorf("manifest %+v", m)
	}
	for _, err := range []error{info.Validate(), info.Check(first, 0), info.CheckAnswer(*first.Decision, spec.Pick(1)), built.Network.Validate()} {
		if err != nil {
			t.Error(err)
		}
	}
	if fault := answers[4].Err; !last.Done || fault == nil || fault.Code != spec.CodeBadPrefix || info.CheckAnswer(*first.Decision, spec.Pick(2)) == nil {
		t.Errorf("%+v, %+v", last, answers[4])
	}
}
