// The loader of an engine worker: the program that the worker is named after, and
// Go's own glue. When the program ends, for whatever reason, the page is told.
"use strict";
// First, so that it travels while the glue does.
const program = fetch(self.name);
program.catch(() => {}); // what is wrong with it is said below
importScripts("wasm_exec.js", "replay.js");

const go = new Go();

function dead(text) {
  postMessage({ head: JSON.stringify({ v: 6, id: 0, error: text, fatal: true }) });
}

WebAssembly.instantiateStreaming(program, go.importObject)
  .then((result) => {
    // For the kernels that the program writes for itself over its own memory.
    self.clexlabMemory = result.instance.exports.mem;
    return go.run(result.instance);
  })
  .then(() => dead("The engine stopped by itself, most likely for want of memory."))
  .catch((error) => dead("The engine could not be started: " + error.message));
