package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes {"type","input","classes"}.
func (t *Task) Encode(e *wire.Encoder) {
	e.BeginObject()
	e.Key("type").Text(string(t.Type))
	e.Key("input").Ints(t.Input)
	e.Key("classes").Int(int64(t.Classes))
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
	e.Key("version").Int(Version)
	n.Task.Encode(e.Key("task"))
	e.Key("nodes").BeginArray()
	for i := range n.Nodes {
		n.Nodes[i].Encode(e)
	}
	e.EndArray()
	e.Key("output").Text(n.Output)
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
					d.Fail("a network has at most 2000 nodes")
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
	e.Key("name").Text(n.Name)
	e.Key("op").Text(string(n.Op))
	e.Key("inputs").Texts(n.Inputs)
	encodeInt(e, "filters", n.Filters)
	encodePair(e, "kernel", n.Kernel)
	encodePair(e, "stride", n.Stride)
	encodePair(e, "dilation", n.Dilation)
	encodeText(e, "padding", string(n.Padding))
	encodeInt(e, "groups", n.Groups)
	encodeBool(e, "bias", n.Bias)
	encodeText(e, "func", string(n.Func))
	encodeInt(e, "units", n.Units)
	if n.Rate != 0 {
		e.Key("rate").Float(n.Rate)
	}
	encodeBool(e, "variational", n.Variational)
	encodeText(e, "tied", n.Tied)
	encodeInt(e, "vocabulary", n.Vocabulary)
	encodeInt(e, "layers", n.Layers)
	if n.Cell != nil {
		n.Cell.Encode(e.Key("cell"))
	}
	e.EndObject()
}

func encodeInt(e *wire.Encoder, key string, v int) {
	if v != 0 {
		e.Key(key).Int(int64(v))
	}
}

func encodePair(e *wire.Encoder, key string, v [2]int) {
	if v != [2]int{} {
		e.Key(key).Ints(v[:])
	}
}

func encodeText(e *wire.Encoder, key, v string) {
	if v != "" {
		e.Key(key).Text(v)
	}
}

func encodeBool(e *wire.Encoder, key string, v bool) {
	if v {
		e.Key(key).Bool(true)
	}
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
