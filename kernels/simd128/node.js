// Runs a Go program that is built for WebAssembly with the tag simd128, as go test's -exec: the arguments are the folder
// lib/wasm of Go's installation, the program, and the program's own.
"use strict";

const fs = require("fs");
const path = require("path");

const [folder, program, ...args] = process.argv.slice(2);
if (!program) {
	console.error("usage: node node.js GOROOT/lib/wasm PROGRAM [ARGUMENT...]");
	process.exit(2);
}
globalThis.require = require;
globalThis.fs = fs;
globalThis.path = path;
require(path.join(folder, "wasm_exec.js"));
require("./modules_gen.js");
require("./instantiate.js");

const go = new Go();
go.argv = [program, ...args];
go.env = { TMPDIR: require("os").tmpdir(), ...process.env };
go.exit = process.exit;
process.on("exit", (code) => {
	if (code === 0 && !go.exited) { // nothing can happen any more: let Go report the deadlock
		go._pendingEvent = { id: 0 };
		go._resume();
	}
});
WebAssembly.compile(fs.readFileSync(program))
	.then((module) => instantiateGo(module, go.importObject))
	.then((instance) => go.run(instance))
	.catch((error) => {
		console.error(error);
		process.exit(1);
	});
