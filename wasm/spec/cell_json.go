package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes {"name"?,"nodes","states"}.
func (c *Cell) Encode(e *wire.Encoder) {
	e.BeginObject()
	optText(e, "name", c.Name)
	e.Key("nodes").BeginArray()
	for i := range c.Nodes {
		c.Nodes[i].Encode(e)
	}
	e.EndArray()
	e.Key("states").BeginArray()
	for i := range c.States {
		c.States[i].Encode(e)
	}
	e.EndArray()
	e.EndObject()
}

// Decode reads what Encode writes. It refuses more than MaxCellNodes nodes.
func (c *Cell) Decode(d *wire.Decoder) {
	*c = Cell{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			c.Name = d.Text()
		case "nodes":
			for d.Array(); d.Next(); {
				var n CellNode
				n.Decode(d)
				c.Nodes = append(c.Nodes, n)
				if len(c.Nodes) > MaxCellNodes {
					d.Fail("a cell has at most 500 nodes")
				}
			}
		case "states":
			for d.Array(); d.Next(); {
				var s CellState
				s.Decode(d)
				c.States = append(c.States, s)
			}
		}
	}
}

// Encode writes {"name","op","inputs","func"?,"bias"?}.
func (n *CellNode) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", n.Name)
	putText(e, "op", string(n.Op))
	e.Key("inputs").Texts(n.Inputs)
	optText(e, "func", string(n.Func))
	optBool(e, "bias", n.Bias)
	e.EndObject()
}

// Decode reads what Encode writes.
func (n *CellNode) Decode(d *wire.Decoder) {
	*n = CellNode{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			n.Name = d.Text()
		case "op":
			n.Op = CellOp(d.Text())
		case "inputs":
			n.Inputs = d.Texts()
		case "func":
			n.Func = Func(d.Text())
		case "bias":
			n.Bias = d.Bool()
		}
	}
}

// Encode writes {"name","next"}.
func (s *CellState) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", s.Name)
	putText(e, "next", s.Next)
	e.EndObject()
}

// Decode reads what Encode writes.
func (s *CellState) Decode(d *wire.Decoder) {
	*s = CellState{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			s.Name = d.Text()
		case "next":
			s.Next = d.Text()
		}
	}
}
