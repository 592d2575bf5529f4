package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes {"type","input","classes"}.
func (t *Task) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "type", string(t.Type))
	e.Key("input").Ints(t.Input)
	putInt(e, "classes", int64(t.Classes))
	e.EndObject()
}

// Decode reads what Encode writes.
func (t *Task) Decode(d *wire.Decoder) {
	*t = Task{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "type":
			t.Type = TaskType(d.Text())
		case "input":
			t.Input = d.Ints()
		case "classes":
			t.Classes = d.Int()
		}
	}
}

// Encode writes {"version","task","nodes","output"}.
func (n *Network) Encode(e *wire.Encoder) {
	e.BeginObject()
	putInt(e, "version", Version)
	n.Task.Encode(e.Key("task"))
	e.Key("nodes").BeginArray()
	for i := range n.Nodes {
		n.Nodes[i].Encode(e)
	}
	e.EndArray()
	putText(e, "output", n.Output)
	e.EndObject()
}

// Decode reads what Encode writes. It refuses a version that it does not know,
// and more than MaxNodes nodes.
func (n *Network) Decode(d *wire.Decoder) {
	*n = Network{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "version":
			if v := d.Int(); v != Version {
				d.Fail("this program reads version 1 of the network format only")
			}
		case "task":
			n.Task.Decode(d)
		case "nodes":
			for d.Array(); d.Next(); {
				var node Node
				node.Decode(d)
				n.Nodes = append(n.Nodes, node)
				if len(n.Nodes) > MaxNodes {
					d.Fail("a network has at most 5000 nodes")
				}
			}
		case "output":
			n.Output = d.Text()
		}
	}
}

// Encode writes {"name","op","inputs"} and the attributes that are set.
func (n *Node) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", n.Name)
	putText(e, "op", string(n.Op))
	e.Key("inputs").Texts(n.Inputs)
	optInt(e, "filters", n.Filters)
	optPair(e, "kernel", &n.Kernel)
	optPair(e, "stride", &n.Stride)
	optPair(e, "dilation", &n.Dilation)
	optText(e, "padding", string(n.Padding))
	optInt(e, "groups", n.Groups)
	optBool(e, "bias", n.Bias)
	optText(e, "func", string(n.Func))
	optInt(e, "units", n.Units)
	optFloat(e, "rate", n.Rate)
	optBool(e, "variational", n.Variational)
	optText(e, "tied", n.Tied)
	optInt(e, "vocabulary", n.Vocabulary)
	optInt(e, "layers", n.Layers)
	if n.Cell != nil {
		n.Cell.Encode(e.Key("cell"))
	}
	e.EndObject()
}

// Decode reads what Encode writes.
func (n *Node) Decode(d *wire.Decoder) {
	*n = Node{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			n.Name = d.Text()
		case "op":
			n.Op = Op(d.Text())
		case "inputs":
			n.Inputs = d.Texts()
		case "filters":
			n.Filters = d.Int()
		case "kernel":
			n.Kernel = decodePair(d)
		case "stride":
			n.Stride = decodePair(d)
		case "dilation":
			n.Dilation = decodePair(d)
		case "padding":
			n.Padding = Padding(d.Text())
		case "groups":
			n.Groups = d.Int()
		case "bias":
			n.Bias = d.Bool()
		case "func":
			n.Func = Func(d.Text())
		case "units":
			n.Units = d.Int()
		case "rate":
			n.Rate = d.Float()
		case "variational":
			n.Variational = d.Bool()
		case "tied":
			n.Tied = d.Text()
		case "vocabulary":
			n.Vocabulary = d.Int()
		case "layers":
			n.Layers = d.Int()
		case "cell":
			n.Cell = new(Cell)
			n.Cell.Decode(d)
		}
	}
}

// decodePair reads [height, width].
func decodePair(d *wire.Decoder) (pair [2]int) {
	list := d.Ints()
	if len(list) != 2 {
		d.Fail("expected two integers, height and width")
		return pair
	}
	return [2]int(list)
}
