// Calls every function that build/test.wasm exports; one that fails ends it.
import { readFile } from "node:fs/promises";

const text = (address) => {
  const size = new Uint32Array(memory.buffer)[(address >>> 2) - 1];
  return String.fromCharCode(...new Uint16Array(memory.buffer, address, size >>> 1));
};
const { instance } = await WebAssembly.instantiate(await readFile("build/test.wasm"), {
  env: {
    abort(message, file, line) {
      throw new Error(`${text(file)}:${line}: ${text(message)}`);
    },
  },
  esp: { log() {} },
});
const { memory, _initialize, ...tests } = instance.exports;
_initialize();
for (const [name, test] of Object.entries(tests)) {
  if (typeof test !== "function") continue;
  test();
  console.log(`ok ${name}`);
}
