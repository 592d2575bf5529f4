package spec

// Version is the version of the Network and Cell formats.
const Version = 1

// InputName is the name under which nodes refer to the network's input.
const InputName = "input"

// Op names what a node computes.
type Op string

// Image operations work on (N, H, W, C) tensors; N, the batch, is never part
// of a shape written in a Network.
const (
	OpConv2D        Op = "conv2d"         // Filters, Kernel, Stride, Dilation, Padding, Groups, Bias
	OpBatchNorm     Op = "batchnorm"      // over all axes but the last
	OpActivation    Op = "activation"     // Func
	OpMaxPool       Op = "maxpool"        // Kernel, Stride, Padding
	OpAvgPool       Op = "avgpool"        // Kernel, Stride, Padding; padded taps are not counted
	OpGlobalAvgPool Op = "global_avgpool" // (H, W, C) -> (C)
	OpConcat        Op = "concat"         // in depth; smaller maps are zero-padded to the largest, centred
	OpAdd           Op = "add"            // equal shapes
	OpElemMult      Op = "elem_mult"      // elementwise product of equal shapes
	OpMean          Op = "mean"           // elementwise mean of equal shapes; Rate
	OpOneMinus      Op = "one_minus"      // 1 - v of every number, for gates
	OpPad           Op = "pad"            // Filters: zeros after the last channel, up to so many channels
	OpDense         Op = "dense"          // Units, Bias; last axis; Tied names an embedding whose weights it reuses
	OpDropout       Op = "dropout"        // Rate, Variational
	OpFlatten       Op = "flatten"        // (H, W, C) -> (H*W*C)
)

// Sequence operations work on (N, T, C) tensors, written (T, C).
const (
	OpEmbedding Op = "embedding" // Units, Vocabulary: (T) token ids -> (T, Units)
	OpRecurrent Op = "recurrent" // Cell, Units, Layers, Rate, Variational: (T, C) -> (T, Units)
)

// Func is an activation function.
type Func string

const (
	FuncIdentity Func = "identity"
	FuncReLU     Func = "relu"
	FuncTanh     Func = "tanh"
	FuncSigmoid  Func = "sigmoid"
	FuncSin      Func = "sin"
)

// Padding says how a window treats the border.
type Padding string

const (
	// Same pads with zeros so that the output has ceil(in/stride) positions;
	// of an odd amount the larger half goes to the bottom and the right.
	Same Padding = "same"
	// Valid does not pad: the output has floor((in-window)/stride)+1 positions.
	Valid Padding = "valid"
)

// Node is one operation of a Network. Only the attributes listed beside its Op
// may be set; the others are zero and absent from the JSON.
type Node struct {
	Name   string
	Op     Op
	Inputs []string // names of earlier or later nodes, or InputName; the graph has no cycle

	Filters  int     // conv2d, pad: output channels
	Kernel   [2]int  // conv2d, pools: height, width
	Stride   [2]int  // conv2d, pools: height, width; zero means 1
	Dilation [2]int  // conv2d: height, width; zero means 1
	Padding  Padding // conv2d, pools; empty means Same
	Groups   int     // conv2d; zero means 1
	Bias     bool    // conv2d, dense

	Func Func // activation

	Units int // dense, embedding, recurrent: output width
	// Rate is the probability of zeroing, in [0, 1), while training; what is
	// kept is divided by 1 - Rate. dropout: of every number. recurrent: of the
	// numbers of the state h where the cell's linear nodes read it; such a
	// rate is Variational. mean: of leaving out an input, for each example and
	// input apart, but never all (drop-path; Larsson et al. 2017); the mean is
	// that of the others, of all of them when not training.
	Rate        float64
	Variational bool   // dropout, recurrent: one mask for a whole sequence, in each layer (Gal & Ghahramani 2016)
	Tied        string // dense: embedding whose table, transposed, is its weight
	Vocabulary  int    // embedding: number of token ids
	Layers      int    // recurrent: stacked layers; zero means 1
	Cell        *Cell  // recurrent
}

// Network is the decoded graph of one architecture. Nodes that the output does
// not depend on are allowed, but take no part: they are not trained, count
// nowhere, and do not change the network's ID.
type Network struct {
	Task   Task
	Nodes  []Node
	Output string // name of the node that yields the logits
}

// TaskType says what a network is trained for.
type TaskType string

const (
	TaskImage TaskType = "image" // classify an image
	TaskText  TaskType = "text"  // predict the next token
)

// Task is what a network has to solve.
type Task struct {
	Type TaskType
	// Input is the shape of one example: (H, W, C) for images, (T) for text.
	Input   []int
	Classes int // width of the logits: classes, or the vocabulary
}
