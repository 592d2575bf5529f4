package spec

// CellOp names what a node of a Cell computes; all values are vectors of the
// recurrent node's width, unless said otherwise.
type CellOp string

const (
	// CellLinear is W v, without bias unless Bias is set. Its one input may be
	// any vector; a W for "x" has the layer's input width, any other is square.
	CellLinear   CellOp = "linear"
	CellAdd      CellOp = "add"       // elementwise sum of two or more
	CellElemMult CellOp = "elem_mult" // elementwise product of two or more
	CellMax      CellOp = "max"       // elementwise maximum of two or more
	CellAct      CellOp = "activation"
	CellOneMinus CellOp = "one_minus" // 1 - v, for gates such as the GRU's
)

// Names under which cell nodes refer to the cell's inputs. A state named s is
// referred to, at its previous step's value, as "s"; every cell has the state
// HiddenState, which is also its output.
const (
	CellInput   = "x"
	HiddenState = "h"
)

// CellNode is one operation of a Cell.
type CellNode struct {
	Name   string
	Op     CellOp
	Inputs []string // CellInput, a state's name, or other nodes
	Func   Func     // activation
	Bias   bool     // linear
}

// CellState is a vector carried from one time step to the next.
type CellState struct {
	Name string // "h" is the output
	Next string // the node whose value it takes at the end of the step
}

// Cell is the graph of one step of a recurrent layer: a DAG from the input x
// and the states of the previous step to the states of the next. Nodes and
// states that h never depends on take no part.
type Cell struct {
	Name   string
	Nodes  []CellNode
	States []CellState
}
