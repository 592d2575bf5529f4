// Package guest is the SDK for authors of plugins in Go: it turns search spaces
// and reward shapers into a WebAssembly guest that speaks ABI 1.
//
// An author writes a package with the logic, which ordinary tests can run, and
// a main package that registers it:
//
//	package main
//
//	func init() { guest.Register(cnn.Module()) }
//	func main() {}
//
// built by
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o cnn.wasm .
//
// An empty guest in Go takes 1.81 MB, the SDK adds 0.2 MB. A guest that links
// neither fmt nor encoding/json, as this package does not, stays under 2 MiB
// and answers fast; errors.As costs 66 KB and strconv.ParseInt 40, too. -s
// leaves out the name section, which only debuggers of WebAssembly read: a panic
// still reports its text and its stack, with names and lines, on standard error.
//
// The rest of this page is the whole of ABI 1, enough to write a guest in any
// language that compiles to a core WebAssembly module; espalier plugin abi prints it,
// and espalier plugin check holds a guest against it.
//
// # Module
//
// A core module of WebAssembly 2.0, SIMD included. Later proposals (threads,
// exceptions, tail calls, garbage collection, relaxed SIMD, 64-bit or several
// memories), the component model, and the instruction table.grow are refused.
// A start section is allowed. Compilers for WebAssembly without an operating
// system (wasm32-unknown-unknown, --target=wasm32 -nostdlib) make such modules, as
// do those for WASI preview 1 if told to make a library: a "reactor", with
// _initialize, and not a "command", with _start, which no host calls.
//
// # Exports
//
//	memory                                the linear memory, its own, exported under this name
//	esp_abi() -> i32                      version: major<<16 | minor, that is 65536 for 1.0
//	esp_alloc(size i32) -> i32            address of size bytes for the host to write; 0: out of memory
//	esp_free(address i32, size i32)       gives back what esp_alloc returned, with the same size
//	esp_call(op i32, address i32, size i32) -> i64
//	                                      answers an operation; see below
//	_initialize()                         optional; the host calls it once, before anything else
//
// Exports of other names are not looked at. For a call the host allocates, writes
// the payload, calls esp_call, copies the answer, and frees the payload, or drops
// the instance's state in place of that: it may set memory and globals back to
// what they were after _initialize and a first describe, whose payload is not
// freed. The i64 is address<<32 | size of the answer, both unsigned. The guest owns
// the answer, which stays valid until the next call of any export; no garbage
// collector may move or free it before that, nor a payload before esp_free.
// Addresses and sizes are unsigned 32-bit numbers, without any alignment; a payload
// is never empty, and no zero byte follows it. Calls of one instance come one after
// the other.
//
// # Imports
//
// None is needed. A host offers
//
//	esp.log(level i32, address i32, size i32)   a message: 0 debug, 1 info, 2 warning, 3 error; UTF-8
//	env.abort(message, file, line, column i32)  for AssemblyScript; ends the call as a trap does. The
//	                                            first two are addresses of UTF-16 text, or 0, with its
//	                                            size in bytes in the four bytes before it
//	wasi_snapshot_preview1.*                    all functions, with their standard types, answered by a
//	                                            fixed shim: no files, no network, no arguments, no
//	                                            environment, a virtual clock, seeded randomness; what
//	                                            is written to standard output or error is kept for
//	                                            error messages
//
// and refuses a module that imports anything else, a memory included.
//
// # Operations
//
// Payloads and answers are JSON in UTF-8. An answer is an envelope, either
// {"ok": value} or {"err": {"code", "msg", "at"?}}. Members come in any order,
// with or without white space between them, and each but once. Both sides ignore
// members that they do not know, and take null for absent. Integers are below
// 2^53 and written without fraction or exponent: 3, not 3.0; where a number is
// asked for, both will do. Text is valid Unicode: no half of a surrogate pair, not
// even as an escape; a payload may hold any text and every escape of JSON.
//
//	op  name      payload                                    value of "ok"
//	1   describe  {}                                         {"manifest": Manifest}
//	1   describe  {"space": name, "params": {…}}             SpaceInfo
//	1   describe  {"shaper": name, "params": {…}}            ShaperInfo
//	2   next      {"space", "params", "prefix": [Answer…]}   Step
//	3   build     {"space", "params", "prefix", "task"}      {"network": Network}
//	4   reward    {"shaper", "params", "metrics": Metrics}   {"reward": number, "parts": {name: number}}
//
// "params" may be left out; then all have their defaults, as has each that is not
// a member of it. "prefix" holds the answers so far, none at first; build has those
// of a whole episode. It refuses, as unsupported, a task that is not of the space's
// type, or whose input does not have the 3 numbers of an image or the 1 of a text.
// The codes of an error:
//
//	bad_prefix    an answer is not one to its decision, or comes after the end, or
//	              there are too few for build; "at" is its position, from 0
//	bad_params    a param is unknown, of the wrong type, or out of range; or "params" is
//	              no object
//	unsupported   the operation, the name, the task or the payload is not known,
//	              or the payload is not JSON
//	internal      anything else
//
// "msg" is for people: it says what is wrong and what would be right.
//
// Every call is a pure function of its payload: no state survives it, and the
// host may call in any order, on any instance. An err is an answer to wrong
// input; a trap is a bug, after which the host discards the instance. So every
// input must be survived: one that is no JSON, nested deeply, or 1 MiB long.
//
// # Values
//
// Members marked ? may be absent.
//
//	Manifest    {"abi": "1.0", "name", "version", "summary", "spaces": [Offer…], "shapers": [Offer…]}
//	Offer       {"name", "summary", "task"?, "params": [Param…]}
//	            task: of a space, "image" or "text"
//	Param       {"name", "type", "default", "summary", "min"?, "max"?, "options"?}
//	            type: "int", "float", "bool", "string", "ints", "strings"
//	SpaceInfo   {"name", "version", "task": "image" or "text", "max_steps", "kinds": [Kind…], "params"}
//	ShaperInfo  {"name", "version", "params"}
//	Kind        {"id", "type": "choice", "anchors" or "pointer", "options": [label…]?}
//	Step        {"done": true}, or {"decision": Decision, "state"?, "any"?}
//	Decision    {"kind", "name", "anchor"?, "anchors"?, "mask"?}
//	Answer      an integer (choice: the option, from 0; pointer: the anchor point), or an
//	            ascending array of anchor points (anchors), [] for none
//	Task        {"type", "input", "classes"}
//	            image: input is [height, width, channels]; text: input is [steps] and
//	            classes is the vocabulary
//	Metrics     {"epochs": [Epoch…], "params", "macs", "latency_seconds"?, "failed"?, "reason"?}
//	Epoch       {"epoch", "train_loss"?, "train_accuracy"?, "valid_loss"?, "valid_accuracy"?, "seconds"?}
//
// Names within a manifest are unique among the spaces, and among the shapers. A
// list's default is a list, too; min and max bound each of its items, as they bound a
// number; options are the strings that are allowed. A default lies within its own
// bounds. A SpaceInfo or ShaperInfo has the name and the task of its Offer and the version of the Manifest;
// its "params" are the params as understood, an object with the defaults filled in.
//
// An episode has at most max_steps decisions, at least one. There is at least one
// kind. The kinds are the same whatever was answered, and a choice always has all
// the options of its kind: the controller shares one softmax among the decisions of
// a kind. Only a choice has "options", each with its own label. "mask" (one boolean
// an option, not all false) forbids options of one decision. "anchor": true, on a
// decision of any kind, announces the step as the next anchor point, numbered from
// 0; "anchors" are the earlier ones that an anchors or pointer decision may pick,
// ascending. There may be none for anchors, which is then answered by []; a pointer
// needs one.
//
// A decision's "name" is unique within its episode; else the trial fails. Every
// answer that a decision allows leads to a step, and every whole episode to a
// network, but for those that would be too large: build refuses them as unsupported.
//
// "state" promises that equal states, under equal params, are followed by equal
// steps, so that a host may cache transitions; "any", beside a state, that the step
// after this one is the same for every answer. Neither says anything about build,
// which sees the whole prefix. A space that leaves both out is asked at every step.
//
// Accuracies are fractions from 0 to 1, losses are mean cross-entropies in nats;
// what was not measured, or is not finite, is absent. The last epoch is the last
// of the list, which is empty for a trial that failed early. "failed" is true for a
// trial without a usable result, of which "reason" says why; it gets a reward all
// the same. "params" counts learned numbers, "macs" multiply-accumulates of one
// forward pass of one example, which "latency_seconds" is the time of. A reward is
// finite, whatever is absent. The members of "parts", finite as well, explain it to
// people; they are shown in their order, and may be {}.
//
// # Networks
//
//	Network     {"version": 1, "task": Task, "nodes": [Node…], "output": name}
//	Node        {"name", "op", "inputs": [name…]} and the attributes of its op
//
// The task is the one that build was given. Nodes come in any order; their inputs
// are names of others, without a cycle, or "input", the example: (H, W, C) for an
// image, (T) token ids for a text. Nodes that the output does not depend on take no
// part. The output is (classes) for images, (T, classes) for texts: logits, without
// a softmax. Attributes marked ? may be absent.
//
//	op              inputs  attributes                                             yields
//	conv2d          1       filters, kernel, stride?, padding?, dilation?,         (H', W', filters)
//	                        groups?, bias?
//	maxpool         1       kernel, stride?, padding?                              (H', W', C)
//	avgpool         1       kernel, stride?, padding?; padding does not count      (H', W', C)
//	global_avgpool  1                                                              (C)
//	flatten         1                                                              (H·W·C)
//	batchnorm       1                                                              as its input
//	activation      1       func                                                   as its input
//	dropout         1       rate?, variational?                                    as its input
//	one_minus       1       1 - v of every number                                  as its input
//	pad             1       filters: zeros after the last channel, up to so many   (…, filters)
//	concat          2 or    in depth; smaller maps are padded with zeros to the    (H, W, sum of C)
//	                more    largest, centred
//	add, elem_mult  2 or    shapes are equal                                       as its inputs
//	                more
//	mean            2 or    rate?: of leaving out an input while training          as its inputs
//	                more
//	dense           1       units, bias?, tied?: of the last axis                  (…, units)
//	embedding       1       vocabulary, units; its input is "input" of a text      (T, units)
//	recurrent       1       cell, units, layers?, rate?, variational?              (T, units)
//
//	kernel, stride, dilation   [height, width]; stride and dilation are [1, 1] if absent
//	padding                    "same", the default: ceil(size/stride) positions; or "valid"
//	func                       "identity", "relu", "tanh", "sigmoid", "sin"
//	groups, layers             1 if absent; groups divide input channels and filters
//	bias, variational          true, or absent
//	rate                       of zeroing while training, at least 0, below 1; variational: one
//	                           mask for a whole sequence; a recurrent node has both or neither
//	tied                       name of an embedding whose table, transposed, is the weight
//
// A cell is the graph of one step of a recurrent layer:
//
//	Cell        {"name"?, "nodes": [CellNode…], "states": [{"name", "next"}…]}
//	CellNode    {"name", "op", "inputs": [name…], "func"?, "bias"?}
//	            op: linear (1 input; bias?), activation (1 input; func), one_minus (1 input), add,
//	            elem_mult, max (2 or more inputs)
//
// Inputs of its nodes are other nodes, "x", the layer's input, or a state's name,
// for its value at the step before. A state takes the value of its node "next"; "h"
// is the one that every cell has, and its output. Vectors have the width "units";
// where x has another, only linear takes it.
//
// Package spec and the JSON Schema wasm/spec/network.schema.json, which espalier
// plugin abi --schema prints, say the same with every bound.
//
// # Example
//
// A plugin with one space, which asks one question. A line with an operation's
// number is a payload, the next its answer.
//
//	1  {}
//	   {"ok":{"manifest":{"abi":"1.0","name":"tiny","version":"0.1.0","summary":"A tiny plugin.",
//	     "spaces":[{"name":"one","summary":"One convolution.","task":"image","params":[]}],"shapers":[]}}}
//	1  {"space":"one","params":{}}
//	   {"ok":{"name":"one","version":"0.1.0","task":"image","max_steps":1,
//	     "kinds":[{"id":"filters","type":"choice","options":["4","8"]}],"params":{}}}
//	2  {"space":"one","params":{},"prefix":[]}
//	   {"ok":{"decision":{"kind":"filters","name":"layer1/filters"},"state":"0","any":true}}
//	2  {"space":"one","params":{},"prefix":[1]}
//	   {"ok":{"done":true}}
//	2  {"space":"one","params":{},"prefix":[2]}
//	   {"err":{"code":"bad_prefix","msg":"there are 2 options","at":0}}
//	3  {"space":"one","params":{},"prefix":[1],"task":{"type":"image","input":[16,16,3],"classes":10}}
//	   {"ok":{"network":{"version":1,"task":{"type":"image","input":[16,16,3],"classes":10},"nodes":[
//	     {"name":"conv","op":"conv2d","inputs":["input"],"filters":8,"kernel":[3,3],"stride":[2,2]},
//	     {"name":"relu","op":"activation","inputs":["conv"],"func":"relu"},
//	     {"name":"mean","op":"global_avgpool","inputs":["relu"]},
//	     {"name":"logits","op":"dense","inputs":["mean"],"units":10,"bias":true}],"output":"logits"}}}
//
// # Manifest
//
// The custom section "espalier.manifest" holds the Manifest as JSON, so that
// it can be read without running the guest. It equals the answer to describe {},
// and lies at the end of the finished file: espalier plugin build FILE.wasm
// appends it. A module without it works all the same.
//
// # Limits
//
// A host refuses or stops what goes beyond its limits, which it can configure:
// espalier by --plugin-limits, such as fuel.next=2G,memory=128MiB.
// The work of a call is counted in fuel, about one unit an instruction, so that it
// is the same on every machine. The defaults:
//
//	size of the file                16 MiB
//	linear memory                   64 MiB, at the start and later (a guest in Go needs 16)
//	fuel of instantiation           1 billion, with _initialize and a first describe
//	fuel of describe, next, reward  1 billion
//	fuel of build                   4 billion
//	time of any call                10 s
//	size of a payload, an answer    1 MiB
//	nesting of JSON                 64
//	members of an object            256
//	decisions of an episode         10,000
//	kinds, options of a kind        256, 4,096
//	length of an id, label or name  128 bytes, at least 1; no control characters
//	length of a text of a manifest  1,000 bytes; no control characters
//	length of a state               64 bytes
//	nodes of a network, of a cell   5,000, 500
//	states of a cell                16
//	items of a list param           64 (this SDK)
package guest
