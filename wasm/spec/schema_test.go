package spec

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSchemaOps compares the schema with the rules that Validate goes by, in
// both directions.
func TestSchemaOps(t *testing.T) {
	c := newChecker(t)
	nodes := c.variants("node")
	if len(nodes) != len(opRules) {
		t.Errorf("the schema has %d ops, the package %d", len(nodes), len(opRules))
	}
	for _, rule := range opRules {
		s, ok := nodes[string(rule.op)]
		if !ok {
			t.Errorf("the schema lacks the op %s", rule.op)
			continue
		}
		split := func(a attributes) []string {
			return sorted(append(strings.FieldsFunc(a.names(), func(r rune) bool { return r == ',' || r == ' ' }), "name", "op", "inputs")...)
		}
		if got, want := keys(s["properties"]), split(rule.allowed); !slices.Equal(got, want) {
			t.Errorf("%s has the members %v in the schema, %v in the package", rule.op, got, want)
		}
		if got, want := strs(s["required"]), split(rule.required); !slices.Equal(got, want) {
			t.Errorf("%s requires %v in the schema, %v in the package", rule.op, got, want)
		}
		ref := map[bool]string{true: "#/$defs/inputs", false: "#/$defs/input"}[rule.many]
		if got := s["properties"].(object)["inputs"].(object)["$ref"]; got != ref {
			t.Errorf("%s takes %v in the schema, want %s", rule.op, got, ref)
		}
		if s["additionalProperties"] != false || s["description"] == nil {
			t.Errorf("%s is open or undocumented", rule.op)
		}
	}
	cells := c.variants("cellNode")
	if len(cells) != len(cellOps) {
		t.Errorf("the schema has %d cell ops, the package %d", len(cells), len(cellOps))
	}
	for _, op := range cellOps {
		if _, ok := cells[string(op)]; !ok {
			t.Errorf("the schema lacks the cell op %s", op)
		}
	}
}

// TestSchemaMembers compares the schema with the JSON of the Go types.
func TestSchemaMembers(t *testing.T) {
	c := newChecker(t)
	full := func(v any) object {
		fill(reflect.ValueOf(v).Elem())
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var o object
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	union := func(definition string) []string {
		var all []string
		for _, s := range c.variants(definition) {
			all = append(all, keys(s["properties"])...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	defs := c.root["$defs"].(object)
	for _, test := range []struct {
		name string
		got  []string
		want []string
	}{
		{"Network", keys(c.root["properties"]), keys(full(&Network{}))},
		{"Task", keys(defs["task"].(object)["oneOf"].([]any)[0].(object)["properties"]), keys(full(&Task{}))},
		{"Node", union("node"), keys(full(&Node{}))},
		{"attributes", union("node"), sorted(append(attributeNames[:], "name", "op", "inputs")...)},
		{"Cell", keys(defs["cell"].(object)["properties"]), keys(full(&Cell{}))},
		{"CellNode", union("cellNode"), keys(full(&CellNode{}))},
		{"CellState", keys(defs["cellState"].(object)["properties"]), keys(full(&CellState{}))},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s has the members %v in the schema, %v in Go", test.name, test.got, test.want)
		}
	}
}

// fill sets every field to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// TestSchemaConstants compares enumerations and limits.
func TestSchemaConstants(t *testing.T) {
	c := newChecker(t)
	at := func(path string) any {
		var v any = c.root
		for _, step := range strings.Fields(path) {
			if list, ok := v.([]any); ok {
				i, _ := strconv.Atoi(step)
				v = list[i]
			} else {
				v = c.resolve(v.(object))[step]
			}
		}
		return v
	}
	var known []string
	for _, f := range funcs {
		known = append(known, string(f))
	}
	if got := strs(at("$defs func enum")); !slices.Equal(got, sorted(known...)) {
		t.Errorf("functions %v in the schema", got)
	}
	nodes, cells := c.variants("node"), c.variants("cellNode")
	attribute := func(op Op, name, keyword string) any {
		return c.resolve(nodes[string(op)]["properties"].(object)[name].(object))[keyword]
	}
	if got := strs(attribute(OpConv2D, "padding", "enum")); !slices.Equal(got, sorted(string(Same), string(Valid))) {
		t.Errorf("paddings %v in the schema", got)
	}
	for _, test := range []struct {
		name string
		got  any
		want int
	}{
		{"version", at("properties version const"), Version},
		{"nodes", at("properties nodes maxItems"), MaxNodes},
		{"name", at("$defs name maxLength"), MaxName},
		{"kernel", at("$defs pair items maximum"), MaxKernel},
		{"cell nodes", at("$defs cell properties nodes maxItems"), MaxCellNodes},
		{"cell states", at("$defs cell properties states maxItems"), MaxCellStates},
		{"image size", at("$defs task oneOf 0 properties input items maximum"), MaxDim},
		{"steps", at("$defs task oneOf 1 properties input items maximum"), MaxDim},
		{"classes", at("$defs task oneOf 0 properties classes maximum"), MaxClasses},
		{"vocabulary of a task", at("$defs task oneOf 1 properties classes maximum"), MaxClasses},
		{"filters", attribute(OpConv2D, "filters", "maximum"), MaxChannels},
		{"groups", attribute(OpConv2D, "groups", "maximum"), MaxChannels},
		{"dense units", attribute(OpDense, "units", "maximum"), MaxClasses},
		{"embedding units", attribute(OpEmbedding, "units", "maximum"), MaxChannels},
		{"recurrent units", attribute(OpRecurrent, "units", "maximum"), MaxChannels},
		{"vocabulary", attribute(OpEmbedding, "vocabulary", "maximum"), MaxClasses},
		{"layers", attribute(OpRecurrent, "layers", "maximum"), MaxLayers},
	} {
		if test.got != float64(test.want) {
			t.Errorf("%s is %v in the schema, %d in the package", test.name, test.got, test.want)
		}
	}
	for _, op := range cellOps {
		s := cells[string(op)]
		ref := map[bool]string{true: "#/$defs/inputs", false: "#/$defs/input"}[op.commutes()]
		props := s["properties"].(object)
		_, f := props["func"]
		_, bias := props["bias"]
		if props["inputs"].(object)["$ref"] != ref || f != (op == CellAct) || bias != (op == CellLinear) || s["additionalProperties"] != false {
			t.Errorf("cell op %s: %v", op, s)
		}
	}
}

// TestSchemaAcceptsValid holds that what Validate accepts, the schema accepts.
func TestSchemaAcceptsValid(t *testing.T) {
	c := newChecker(t)
	rng := rand.New(rand.NewPCG(8, 9))
	all := examples()
	for i := range 30 {
		all["random"+strconv.Itoa(i)] = randomNetwork(rng)
	}
	for name, n := range all {
		data, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		if what := c.check(c.root, v); what != "" {
			t.Errorf("%s: %s", name, what)
		}
	}
}

// TestSchemaRefuses holds that the schema sees faults that can be seen without
// following names.
func TestSchemaRefuses(t *testing.T) {
	c := newChecker(t)
	for name, edit := range map[string]func(n *Network){
		"unknown op":           func(n *Network) { n.Nodes[2].Op = "relu6" },
		"foreign attribute":    func(n *Network) { n.Nodes[1].Func = FuncReLU },
		"missing attribute":    func(n *Network) { n.Nodes[0].Filters = 0 },
		"two inputs":           func(n *Network) { n.Nodes[2].Inputs = []string{"conv", "norm"} },
		"one input":            func(n *Network) { n.Nodes[7].Inputs = []string{"conv"} },
		"huge kernel":          func(n *Network) { n.Nodes[0].Kernel[1] = 65 },
		"unknown padding":      func(n *Network) { n.Nodes[0].Padding = "full" },
		"unknown func":         func(n *Network) { n.Nodes[2].Func = "gelu" },
		"rate of one":          func(n *Network) { n.Nodes[8].Rate = 1 },
		"no nodes":             func(n *Network) { n.Nodes = nil },
		"no name":              func(n *Network) { n.Nodes[2].Name = "" },
		"unknown task":         func(n *Network) { n.Task.Type = "audio" },
		"rank of the task":     func(n *Network) { n.Task.Input = []int{32} },
		"one class":            func(n *Network) { n.Task.Classes = 1 },
		"fractional attribute": nil,
	} {
		n := everyImageOp()
		if edit != nil {
			edit(n)
		}
		data, _ := json.Marshal(n)
		if edit == nil {
			data = []byte(strings.Replace(string(data), `"filters":8`, `"filters":8.5`, 1))
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		if c.check(c.root, v) == "" {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}
