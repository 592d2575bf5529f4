// How a Go program that is built for WebAssembly with the tag simd128 gets its vector kernels. They work on the
// program's memory, and the program calls them by imports, so each would have to exist before the other: the program is
// given a trampoline instead, functions that call through a table, which the kernels fill when there is a memory.
"use strict";

// instantiateGo returns the instance of a compiled program, whose imports are those of Go's wasm_exec.js; it has not run
// yet. Without 128-bit vectors, the program goes on at level generic. It needs kernelModules, of modules_gen.js.
globalThis.instantiateGo = async (program, imports) => {
	const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
	const trampoline = (await WebAssembly.instantiate(bytes(kernelModules.trampoline))).instance.exports;
	const instance = await WebAssembly.instantiate(program, { ...imports, simd128: trampoline });
	const kernels = bytes(kernelModules.simd128);
	if (WebAssembly.validate(kernels)) {
		await WebAssembly.instantiate(kernels, { go: instance.exports, trampoline });
	}
	return instance;
};
