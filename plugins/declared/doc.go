// Package declared interprets search spaces that are written as JSON documents,
// so that a space needs no toolchain and no line of code:
//
//	espalier search --space ./my-space.json --control
//
// It has two spaces, image and text, whose one param is the document; the
// program picks the one that the document's task names. The folder examples has
// documents to start from, and space.schema.json is their JSON Schema, by which
// editors complete and check what is typed.
//
// # Example
//
// A chain of convolutions with skip connections. Every layer is asked for its
// filters, for its kernel, and for which earlier layers it reads:
//
//	{
//	  "$schema": "../space.schema.json",
//	  "name": "skips",
//	  "kinds": {
//	    "filters": [8, 16],
//	    "kernel": [1, 3, 5],
//	    "skip": "anchors"
//	  },
//	  "decisions": [
//	    {"repeat": 4, "as": "layer", "do": ["filters", "kernel", "skip"]}
//	  ],
//	  "network": [
//	    {"each": "layer", "output": "unread", "do": [
//	      {"op": "conv", "input": "$skip", "filters": "$filters", "kernel": "$kernel"}
//	    ]},
//	    {"op": "dropout", "rate": 0.1}
//	  ]
//	}
//
// # Document
//
//	name       of the space
//	summary    what it is about
//	task       "image", or "text"; image if absent
//	kinds      what can be asked
//	decisions  what is asked, in order
//	network    the nodes that the answers make
//
// # Kinds
//
// A kind has a name and its options: numbers or words, up to 256. What the
// policy learns of a kind it knows wherever the kind is asked. Two kinds of
// another sort pick among the earlier iterations of the repeat that they are
// asked in: "anchors" any number of them, "pointer" exactly one. A name is up to
// 24 lower-case letters, digits and _.
//
// # Decisions
//
// An item of the list is the name of a kind, or an object:
//
//	ask        the kind
//	as         the decision's own name, if a kind is asked twice in one place
//	only       the options that are allowed here
//	if         conditions under which it is asked
//	unless     conditions under which it is not
//	else       the option that stands when it is not asked
//
// or a repeat of other items:
//
//	repeat     how often: a whole number, or a decision, as in "$depth"; at most 64
//	as         the name of the repeat; that of a decision within becomes, for
//	           instance, layer2/filters
//	do         the items
//	if, unless
//
// Conditions are an object of names of earlier decisions, or of repeats around,
// and values: one, or a list of which one must be met. All names must be met:
//
//	"if": {"op": ["conv", "pool"], "layer": 1}
//
// A decision that was not asked and has no else meets none. The number of an
// iteration counts from 1. An episode has up to 1000 decisions.
//
// # Network
//
// The nodes are run in order, and each reads the one before, unless it says
// otherwise. An item is the name of an op, or an object:
//
//	op         see below
//	name       by which later nodes can read it
//	input      what it reads, or a list: "last" (the node before), "start" (what
//	           came into this iteration), "input" (the image), the name of a
//	           node, or "$skip", the outputs of the iterations that a decision
//	           about anchor points picked
//	if, unless conditions, as above; of all decisions of the episode that are in
//	           scope
//
// or a list of other items, once for each iteration of a repeat of decisions or a
// number of times:
//
//	each       the name of the repeat; within, "$filters" is what was answered in
//	           the same iteration, or outside of all
//	repeat     how often, in place of each
//	as         names the copies of a repeat in the network
//	do         the items
//	output     "last" (the last iteration's, if absent), or "unread": the outputs
//	           that no later iteration picked, joined
//	if, unless
//
// The ops and their attributes, with the value of absent ones:
//
//	conv            convolution, batch normalization and func:
//	                filters in, kernel 3, stride 1, dilation 1, groups 1, padding
//	                same, func relu
//	conv2d          a convolution alone: the same, bias false in place of func
//	maxpool avgpool kernel 2, stride as the kernel, padding same
//	dense           units in, bias true
//	activation      func relu
//	dropout         rate 0.5
//	embedding       units 64: a text begins with it
//	recurrent       units in, layers 1, cell lstm: rnn, gru or lstm
//	batchnorm global_avgpool flatten concat add
//
// A number is written as it is, as a decision ("$filters"), or as a product and
// quotient, from left to right, of these, of repeats' numbers and of "in", the
// channels that come in: "$width * $stage", "in / 2". A kernel, stride or
// dilation may be [height, width], and groups may be "depthwise". A word may be a
// decision, too: "func": "$activation".
//
// # Whatever is answered is a network
//
//   - Several inputs are concatenated, each taken once; so are those of concat,
//     and one input needs no node. Nothing picked reads what the first iteration
//     read.
//   - add brings its inputs to the least height and width among them, by max-pools,
//     and to the channels of the first, by a 1x1 convolution and batch
//     normalization, or a dense layer.
//   - A number out of range is brought into it, and 0 leaves the default in its
//     place. Groups become the greatest number that divides them and the channels.
//   - A window that does not fit into the map is padded.
//   - At the end come the global average of a map and a dense layer with as many
//     units as there are classes, or words.
//
// A network beyond the limits of package spec, such as its number of weights, is
// refused, and so is one that runs a convolution behind flatten. Both happen when
// it is built; a document is tried out with the first and with the last options
// when it is opened, so that most of this is found at once.
//
// # What is left out
//
// Recurrent cells cannot be drawn: a text has the three above. What depends on
// answers by more than the equality of a value, or on the number of anchor points
// picked, needs a plugin in code.
//
// # Why JSON and not a language?
//
// A document with loops and conditions of its own is close to one. But it can be
// checked as a whole, place by place, before anything runs; it always ends; and
// an editor that knows its schema writes half of it.
package declared
