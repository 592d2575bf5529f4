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
// language that compiles to a core WebAssembly module.
//
// # Module
//
// A core module of WebAssembly 2.0, SIMD included. Later proposals (threads,
// exceptions, tail calls, garbage collection, relaxed SIMD, 64-bit or several
// memories), the component model, and the instruction table.grow are refused.
//
// # Exports
//
//	memory                                the linear memory, exported under this name
//	esp_abi() -> i32                      version: major<<16 | minor, that is 65536 for 1.0
//	esp_alloc(size i32) -> i32            address of size bytes for the host to write; 0: out of memory
//	esp_free(address i32, size i32)       gives back what esp_alloc returned
//	esp_call(op i32, address i32, size i32) -> i64
//	                                      answers an operation; see below
//	_initialize()                         optional; the host calls it once, before anything else
//
// For a call the host allocates, writes the payload, calls esp_call, copies the
// answer, and frees the payload, or drops the instance's state in place of
// that. The i64 is address<<32 | size of the answer, both unsigned. The guest
// owns the answer, which stays valid until the next call of any export.
// Addresses and sizes are unsigned 32-bit numbers; a payload is never empty.
//
// # Imports
//
// None is needed. A host offers
//
//	esp.log(level i32, address i32, size i32)   a message: 0 debug, 1 info, 2 warning, 3 error; UTF-8
//	env.abort(message, file, line, column)      for AssemblyScript; traps
//	wasi_snapshot_preview1.*                    answered by a fixed shim: no files, no network, no
//	                                            environment, a virtual clock, seeded randomness;
//	                                            what is written to standard error is kept for
//	                                            error messages
//
// and refuses a module that imports anything else.
//
// # Operations
//
// Payloads and answers are JSON in UTF-8. An answer is an envelope, either
// {"ok": value} or {"err": {"code", "msg", "at"?}}. Members come in any order,
// with or without white space between them. Both sides ignore members that they
// do not know, and take null for absent. Integers are below 2^53.
//
//	op  name      payload                                    value of "ok"
//	1   describe  {}                                         {"manifest": Manifest}
//	1   describe  {"space": name, "params": {…}}             SpaceInfo
//	1   describe  {"shaper": name, "params": {…}}            ShaperInfo
//	2   next      {"space", "params", "prefix": [Answer…]}   Step
//	3   build     {"space", "params", "prefix", "task"}      {"network": Network}
//	4   reward    {"shaper", "params", "metrics": Metrics}   {"reward": number, "parts": {name: number}}
//
// "params" may be left out; then all have their defaults. "prefix" holds the
// answers so far, none at first; build has those of a whole episode. The codes
// of an error:
//
//	bad_prefix    an answer is not one to its decision, or comes after the end;
//	              "at" is its position
//	bad_params    a param is unknown, of the wrong type, or out of range
//	unsupported   the operation, the name, the task or the payload is not known
//	internal      anything else
//
// Every call is a pure function of its payload: no state survives it, and the
// host may call in any order, on any instance. An err is an answer to wrong
// input; a trap is a bug, after which the host discards the instance.
//
// # Values
//
// Members marked ? may be absent.
//
//	Manifest    {"abi": "1.0", "name", "version", "summary", "spaces": [Offer…], "shapers": [Offer…]}
//	Offer       {"name", "summary", "task"?, "params": [Param…]}
//	Param       {"name", "type", "default", "summary", "min"?, "max"?, "options"?}
//	            type: "int", "float", "bool", "string", "ints", "strings"
//	SpaceInfo   {"name", "version", "task": "image" or "text", "max_steps", "kinds": [Kind…], "params"}
//	ShaperInfo  {"name", "version", "params"}
//	Kind        {"id", "type": "choice", "anchors" or "pointer", "options": [label…]?}
//	Step        {"done": true}, or {"decision": Decision, "state"?, "any"?}
//	Decision    {"kind", "name", "anchor"?, "anchors"?, "mask"?}
//	Answer      an integer (choice: the option; pointer: the anchor point), or an ascending
//	            array of anchor points (anchors)
//	Task        {"type", "input": [32, 32, 3] or [steps], "classes"}
//	Metrics     {"epochs": [Epoch…], "params", "macs", "latency_seconds"?, "failed"?, "reason"?}
//	Epoch       {"epoch", "train_loss"?, "train_accuracy"?, "valid_loss"?, "valid_accuracy"?, "seconds"?}
//
// "params" of a SpaceInfo or ShaperInfo are the params as understood, with the
// defaults filled in. The kinds are the same whatever was answered, and a
// choice always has all the options of its kind: the controller shares one
// softmax among the decisions of a kind. "mask" (one boolean an option) forbids
// options of one decision. "anchor": true announces the step as the next
// anchor point, numbered from 0; "anchors" are the earlier ones that the
// decision may pick, ascending.
//
// A decision's "name" is unique within its episode; else the trial fails.
//
// "state" promises that equal states are followed by equal steps, so that a
// host may cache transitions, "any" that the step after this one is the same
// for every answer. Neither says anything about build, which sees the whole
// prefix.
//
// A Network and its cells are documented in package spec and by the JSON Schema
// wasm/spec/network.schema.json. The members of "parts" explain a reward to
// people; they are shown in their order.
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
// it can be read without running the guest. Build tools append it to the
// finished file; it equals the answer to describe {}.
//
// # Limits
//
// A host refuses or stops what goes beyond its limits, which it can configure.
// The defaults:
//
//	size of the file               16 MiB
//	linear memory                  64 MiB (a guest in Go needs 16)
//	time of _initialize            2 s
//	time of describe, build, reward  1 s
//	time of next                   100 ms
//	size of an answer              1 MiB
//	nesting of JSON                64
//	decisions of an episode        10,000
//	kinds, options of a kind       256, 4,096
//	length of an id, label or name 128 bytes
//	length of a state              64 bytes
//	nodes of a network, of a cell  2,000, 500
//	items of a list param          64 (this SDK)
package guest
