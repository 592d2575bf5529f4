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
// answer, and frees the payload. The i64 is address<<32 | size of the answer,
// both unsigned. The guest owns the answer, which stays valid until the next
// call. Addresses and sizes are unsigned 32-bit numbers.
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
// {"ok": value} or {"err": {"code", "msg", "at"?}}. Both sides ignore members
// that they do not know, and take null for absent. Integers are below 2^53.
//
//	op  name      payload                                    value of "ok"
//	1   describe  {}                                         {"manifest": Manifest}
//	1   describe  {"space": name, "params": {…}}             SpaceInfo
//	1   describe  {"shaper": name, "params": {…}}            ShaperInfo
//	2   next      {"space", "params", "prefix": [Answer…]}   Step
//	3   build     {"space", "params", "prefix", "task"}      {"network": Network}
//	4   reward    {"shaper", "params", "metrics": Metrics}   {"reward": number, "parts": {name: number}}
//
// "params" may be left out; then all have their defaults. The codes of an error:
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
// "state" promises that equal states are followed by equal steps, so that a
// host may cache transitions, "any" that the step after this one is the same
// for every answer. Neither says anything about build, which sees the whole
// prefix.
//
// A Network and its cells are documented in package spec and by the JSON Schema
// wasm/spec/network.schema.json. The members of "parts" explain a reward to
// people; they are shown in their order.
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
